/* ---
name: visit_fact
entity: visit
grain: [visit_id]
partition_by: visit_id
sources: [visit]
columns:
  org_number: provider
  recipient_id: person visited (pseudonym)
  staff_id: worker (pseudonym)
  service_code: service
  source_system: visit system
  day: date of the start, local time
  service_month: first day of the month of the start
  duration_minutes: whole minutes from start to end, by UTC, never negative
  is_billable: paid for by the default rule (all but hospital and cancelled)
  billable_minutes: duration of a visit that is paid for, else 0
  source_table: the fact table that the row stands in
  source_row_id: file and row in the delivery
--- */
select
  visit_id,
  org_number,
  recipient_id,
  staff_id,
  service_code,
  source_system,
  started_at::date as day,
  date_trunc('month', started_at)::date as service_month,
  greatest(0, date_diff('minute', started_at_utc, ended_at_utc))::bigint as duration_minutes,
  coalesce(deviation_code not in ('hospital', 'cancelled'), true) as is_billable,
  case when coalesce(deviation_code not in ('hospital', 'cancelled'), true)
    then greatest(0, date_diff('minute', started_at_utc, ended_at_utc)) else 0 end::bigint as billable_minutes,
  'visit' as source_table,
  source_file || ':' || source_row as source_row_id
from visit
