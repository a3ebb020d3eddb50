/* ---
name: recipient_staff
entity: recipient
grain: [org_number, recipient_id, staff_id]
partition_by: recipient_id
sources: [visit_fact]
columns:
  performed_minutes: minutes that the worker was registered with the recipient in this delivery
  visits: visits by the worker in this delivery
--- */
select
  org_number, recipient_id, staff_id,
  sum(billable_minutes)::bigint as performed_minutes,
  count(*) as visits
from visit_fact
where is_billable
group by all
