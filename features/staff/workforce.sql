/* ---
name: workforce
entity: staff
grain: [org_number, staff_id]
partition_by: org_number
sources: [claim_fact, staff, calendar]
columns:
  period: newest month that the provider bills for
  billed_minutes: minutes billed for it
  full_time_minutes: eight hours on each weekday of the month that is not a red day
  pct: the worker's percentage of full time in the month, at most 100; who has none counts as full time
--- */
with latest as (
  select org_number, max(period) as period
  from claim_fact
  cross join run_month r
  where billed_minutes > 0 and period <= r.month
  group by org_number
),
billed as (
  select l.org_number, l.period, sum(c.billed_minutes)::bigint as billed_minutes
  from latest l
  join claim_fact c using (org_number, period)
  group by all
),
working as (
  select month as period, count(*) filter (weekday <= 5 and not is_red_day) * 480 as full_time_minutes
  from calendar group by month
)
select
  b.org_number, s.staff_id, b.period, b.billed_minutes, w.full_time_minutes,
  least(max(coalesce(s.employment_pct, 100)), 100) as pct
from billed b
join working w using (period)
join staff s using (org_number)
where s.employed_from < b.period + interval 1 month and coalesce(s.employed_to, date '9999-12-31') >= b.period
group by all
