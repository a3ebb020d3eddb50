/* ---
name: visit_editor
entity: visit
grain: [org_number, edited_by]
partition_by: org_number
sources: [visit_fact]
columns:
  edits: visits that the person edited after their day
  all_edits: the provider's visits that were edited after their day by a known person
  is_largest: the person with most of them
--- */
with editor as (
  select org_number, edited_by, count(*) as edits
  from visit_fact
  where edited_late and edited_by is not null
  group by all
)
select
  org_number, edited_by, edits,
  sum(edits) over (partition by org_number)::bigint as all_edits,
  row_number() over (partition by org_number order by edits desc, edited_by) = 1 as is_largest
from editor
