/* ---
name: visit_by_device
entity: visit
grain: [visit_id]
partition_by: device_id
sources: [visit]
columns:
  device_workers: workers who used the device that day
  is_tag_burst: the device read another tag at most 30 seconds before it read this one at the start
--- */
-- A reading is a tag at a moment: at a visit's start and at its end.
with reading as (
  select
    visit_id, device_id, tag_id,
    unnest([started_at_utc, ended_at_utc]) as moment,
    unnest([1, 0]) as is_start,
    unnest([start_receipt, end_receipt]) as receipt
  from visit
  where device_id is not null and tag_id is not null and 'nfc' in (start_receipt, end_receipt)
),
ordered as (
  select
    visit_id,
    is_start,
    moment,
    tag_id,
    lag(tag_id) over device as previous_tag,
    lag(moment) over device as previous_moment
  from reading
  where receipt = 'nfc'
  window device as (partition by device_id order by moment, is_start, visit_id)
),
burst as (
  select visit_id
  from ordered
  where is_start = 1 and tag_id <> previous_tag and date_diff('second', previous_moment, moment) <= 30
),
shared as (
  select device_id, started_at::date as day, count(distinct staff_id) as workers
  from visit
  where device_id is not null
  group by all
)
select
  v.visit_id,
  s.workers as device_workers,
  b.visit_id is not null as is_tag_burst
from visit v
join shared s on s.device_id = v.device_id and s.day = v.started_at::date
left join burst b using (visit_id)
where s.workers > 1 or b.visit_id is not null
