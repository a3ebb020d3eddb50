/* ---
name: micro_visit
entity: visit
grain: [visit_id]
partition_by: recipient_id
sources: [visit_fact, recipient_billing]
columns:
  org_number: provider
  recipient_id: person visited (pseudonym)
  staff_id: worker (pseudonym)
  started_at: start, local time
  duration_minutes: whole minutes from start to end, under 8
  overbilled_minutes: minutes billed beyond performed for the recipient, the service and the month
  is_micro_billed: at least 22 minutes more than were performed are billed, enough to make this visit 30
  source_table: the fact table that the row stands in
  source_row_id: file and row in the delivery
--- */
select
  v.visit_id,
  v.org_number,
  v.recipient_id,
  v.staff_id,
  v.started_at,
  v.duration_minutes,
  b.overbilled_minutes,
  b.overbilled_minutes >= 22 as is_micro_billed,
  v.source_table,
  v.source_row_id
from visit_fact v join recipient_billing b
  on b.org_number = v.org_number and b.recipient_id = v.recipient_id and b.service_code = v.service_code
  and b.period = v.service_month
where v.duration_minutes < 8 and v.is_billable and v.deviation_code is null
