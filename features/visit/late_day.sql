/* ---
name: late_day
entity: visit
grain: [org_number, day]
partition_by: org_number
sources: [visit]
columns:
  visits: visits of a day before this month that came with this delivery
--- */
select org_number, started_at::date as day, count(*) as visits
from visit cross join run_month r
where started_at < r.first
group by all
