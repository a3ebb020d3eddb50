/* ---
name: failure_path
entity: staff
grain: [org_number]
partition_by: none
sources: [provider_role, failed_provider]
columns:
  steps: persons between the provider and the nearest other one that failed (1 or 2), null where neither
--- */
-- One step: they share a person in management, now or before. Two steps: they share one with a third company. A person with
-- more than twenty-five assignments is a trade (shelf companies, liquidators) and carries no path.
with seats as (
  select distinct org_number, person_id
  from provider_role where role in ('board_member', 'chair', 'ceo', 'deputy', 'signatory', 'beneficial_owner')
),
bridging as (
  select s.org_number, s.person_id
  from seats s
  join (select person_id from seats group by person_id having count(*) between 2 and 25) using (person_id)
),
pairs as (
  select distinct a.org_number, b.org_number as other
  from bridging a
  join bridging b using (person_id)
  where a.org_number <> b.org_number
),
one as (
  select distinct p.org_number from pairs p join failed_provider f on f.org_number = p.other
),
two as (
  select distinct p.org_number
  from pairs p
  join pairs q on q.org_number = p.other
  join failed_provider f on f.org_number = q.other
  where q.other <> p.org_number
)
select
  s.org_number,
  case when max(one.org_number) is not null then 1 when max(two.org_number) is not null then 2 end::bigint as steps
from seats s
left join one using (org_number)
left join two using (org_number)
group by s.org_number
