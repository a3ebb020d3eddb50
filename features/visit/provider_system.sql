/* ---
name: provider_system
entity: visit
grain: [org_number, system]
partition_by: org_number
sources: [visit_fact]
columns:
  visits: visits that are paid for, registered in the system (empty where it is not said)
  quarters: those of them that ended on a whole quarter of an hour
--- */
select
  org_number,
  coalesce(source_system, '') as system,
  count(*) as visits,
  count(*) filter (ends_on_quarter) as quarters
from visit_fact
where is_billable
group by all
