/* ---
name: visit_fact
entity: visit
grain: [visit_id]
in_order: true
partition_by: visit_id
sources: [visit, visit_by_staff, visit_by_recipient, visit_by_device]
columns:
  org_number: provider
  recipient_id: person visited (pseudonym)
  staff_id: worker (pseudonym)
  service_code: service
  source_system: visit system
  deviation_code: declined, not_home, hospital or cancelled; null for a visit as planned
  started_at: start, local time
  ended_at: end, local time
  day: date of the start, local time
  service_month: first day of the month of the start
  duration_minutes: whole minutes from start to end, by UTC, never negative
  is_billable: paid for by the default rule (all but hospital and cancelled)
  billable_minutes: duration of a visit that is paid for, else 0
  planned_minutes: whole minutes that were planned, null where no plan is known
  as_planned: start and end both within a minute of the plan, null where no plan is known
  is_much_longer: at least 1.8 times as long as planned and 20 minutes longer; null without a plan or with a deviation
  is_micro: under 8 minutes where at least 30 were planned; null without a plan or with a deviation
  start_minute: minute of the hour of the start, 0-59
  ends_on_quarter: the end is on :00, :15, :30 or :45
  receipts: receipts of start and end that say how they were made, 0-2
  manual_receipts: those typed by hand, 0-2
  edited_late: edited on a later day than the visit's
  edited_by: who edited (pseudonym)
  edited_before_run: edited late, on the 1st to 5th of the month after the visit's
  edit_added_minutes: minutes beyond the plan of a visit that was edited late, null where no plan is known
  night_or_red_minutes: minutes that are paid for of a visit that starts from 22 to 6 or on a red day
  overlap_minutes: see visit_by_staff
  cross_provider_overlap_minutes: see visit_by_staff
  gap_seconds: see visit_by_staff
  trip_minutes: see visit_by_staff
  excess_day_minutes: see visit_by_staff
  double_staffed_minutes: see visit_by_recipient
  unauthorised_double_minutes: see visit_by_recipient
  absence_minutes: see visit_by_recipient
  after_deregistration_minutes: see visit_by_recipient
  declined_after_short_minutes: see visit_by_recipient
  device_id: device
  has_device_tag: the device and the tag are both known
  device_workers: see visit_by_device; 1 where nobody else used the device, null without a device
  is_tag_burst: see visit_by_device
  source_table: the fact table that the row stands in
  source_row_id: file and row in the delivery
--- */
with timed as (
  select
    visit_id, org_number, recipient_id, staff_id, service_code, source_system, deviation_code, started_at, ended_at,
    planned_start, planned_end, start_receipt, end_receipt, tag_id, device_id, edited_at, edited_by, source_file,
    source_row,
    started_at::date as day,
    greatest(0, date_diff('minute', started_at_utc, ended_at_utc))::bigint as minutes,
    date_diff('minute', planned_start, planned_end)::bigint as planned_minutes,
    coalesce(deviation_code not in ('hospital', 'cancelled'), true) as is_billable,
    coalesce(edited_at::date > started_at::date, false) as edited_late
  from visit
)
select
  v.visit_id,
  v.org_number,
  v.recipient_id,
  v.staff_id,
  v.service_code,
  v.source_system,
  v.deviation_code,
  v.started_at,
  v.ended_at,
  v.day,
  date_trunc('month', v.started_at)::date as service_month,
  v.minutes as duration_minutes,
  v.is_billable,
  case when v.is_billable then v.minutes else 0 end::bigint as billable_minutes,
  v.planned_minutes,
  case when v.planned_minutes is not null
    then abs(date_diff('second', v.planned_start, v.started_at)) <= 60
      and abs(date_diff('second', v.planned_end, v.ended_at)) <= 60 end as as_planned,
  case when v.deviation_code is null and v.planned_minutes is not null
    then 5 * v.minutes >= 9 * v.planned_minutes and v.minutes >= v.planned_minutes + 20 end as is_much_longer,
  case when v.deviation_code is null and v.planned_minutes is not null
    then v.minutes < 8 and v.planned_minutes >= 30 end as is_micro,
  minute(v.started_at)::bigint as start_minute,
  minute(v.ended_at) % 15 = 0 as ends_on_quarter,
  (coalesce(v.start_receipt in ('nfc', 'gps', 'manual'), false)::int
    + coalesce(v.end_receipt in ('nfc', 'gps', 'manual'), false)::int)::bigint as receipts,
  (coalesce(v.start_receipt = 'manual', false)::int + coalesce(v.end_receipt = 'manual', false)::int)::bigint
    as manual_receipts,
  v.edited_late,
  v.edited_by,
  v.edited_late and day(v.edited_at) <= 5
    and date_trunc('month', v.edited_at) = date_trunc('month', v.started_at) + interval 1 month as edited_before_run,
  case when v.planned_minutes is null then null when v.edited_late then greatest(0, v.minutes - v.planned_minutes) else 0
    end::bigint as edit_added_minutes,
  case when v.is_billable and (hour(v.started_at) >= 22 or hour(v.started_at) < 6 or c.is_red_day)
    then v.minutes else 0 end::bigint as night_or_red_minutes,
  coalesce(s.overlap_minutes, 0) as overlap_minutes,
  coalesce(s.cross_provider_overlap_minutes, 0) as cross_provider_overlap_minutes,
  s.gap_seconds,
  s.trip_minutes,
  coalesce(s.excess_day_minutes, 0) as excess_day_minutes,
  coalesce(h.double_staffed_minutes, 0) as double_staffed_minutes,
  coalesce(h.unauthorised_double_minutes, 0) as unauthorised_double_minutes,
  coalesce(h.absence_minutes, 0) as absence_minutes,
  coalesce(h.after_deregistration_minutes, 0) as after_deregistration_minutes,
  coalesce(h.declined_after_short_minutes, 0) as declined_after_short_minutes,
  v.device_id,
  v.device_id is not null and v.tag_id is not null as has_device_tag,
  case when v.device_id is not null then coalesce(d.device_workers, 1) end as device_workers,
  coalesce(d.is_tag_burst, false) as is_tag_burst,
  'visit' as source_table,
  v.source_file || ':' || v.source_row as source_row_id
from timed v
left join calendar c using (day)
left join visit_by_staff s using (visit_id)
left join visit_by_recipient h using (visit_id)
left join visit_by_device d using (visit_id)
