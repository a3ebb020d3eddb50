/* ---
name: staff_day
entity: staff
grain: [staff_id, org_number, day]
partition_by: staff_id
sources: [visit_fact, visit_fact_3m]
columns:
  minutes: minutes of the worker's visits for the provider that day
  excess_minutes: those beyond the worker's first 13 hours of the day, all employers together
  days_in_row: how many days on end the worker had visits, this day included, all employers and three deliveries together
  source_table: the fact table that the rows stand in
  source_row_id: the first visit of the day
--- */
with worked as (
  select distinct staff_id, day from visit_fact_3m where is_billable and staff_id is not null
),
-- In a row of days, the day less its number is the same date.
numbered as (
  select staff_id, day, day - row_number() over (partition by staff_id order by day)::integer as run from worked
),
counted as (
  select n.staff_id, n.day, n.day - b.began + 1 as days_in_row
  from numbered n join (select staff_id, run, min(day) as began from numbered group by all) b using (staff_id, run)
),
-- Visits are added up before they are joined to the days: a fifth as many rows.
visited as (
  select
    staff_id, org_number, day,
    sum(duration_minutes)::bigint as minutes,
    sum(excess_day_minutes)::bigint as excess_minutes,
    arg_min(source_row_id, (started_at, visit_id)) as source_row_id
  from visit_fact
  where is_billable and staff_id is not null
  group by staff_id, org_number, day
)
select
  v.staff_id, v.org_number, v.day, v.minutes, v.excess_minutes,
  c.days_in_row::bigint as days_in_row,
  'visit' as source_table,
  v.source_row_id
from visited v join counted c on c.staff_id = v.staff_id and c.day = v.day
