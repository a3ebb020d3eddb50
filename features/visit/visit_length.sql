/* ---
name: visit_length
entity: visit
grain: [org_number, duration_minutes]
partition_by: org_number
sources: [visit_fact]
columns:
  duration_minutes: whole minutes from start to end
  visits: the provider's visits with it; paid for, and without a deviation
  all_visits: all its visits that are paid for and without a deviation
--- */
select
  org_number, duration_minutes,
  count(*) as visits,
  sum(count(*)) over (partition by org_number)::bigint as all_visits
from visit_fact
where is_billable and deviation_code is null
group by org_number, duration_minutes
