/* ---
name: device_day
entity: device
grain: [device_id, org_number, day]
partition_by: device_id
sources: [visit_fact]
columns:
  workers: workers who used the device that day, all providers together
  visits: visits that the provider registered with it that day
  source_table: the fact table that the rows stand in
  source_row_id: the first visit of the day
--- */
select
  device_id,
  org_number,
  day,
  max(device_workers)::bigint as workers,
  count(*) as visits,
  'visit' as source_table,
  arg_min(source_row_id, (started_at, visit_id)) as source_row_id
from visit_fact
where device_id is not null
group by device_id, org_number, day
