/* ---
name: recipient_visits
entity: recipient
grain: [org_number, recipient_id, service_code, period]
partition_by: recipient_id
sources: [visit_fact]
columns:
  performed_minutes: minutes of this delivery's visits that are paid for
  visits: this delivery's visits that are paid for
--- */
select
  org_number, recipient_id, service_code, service_month as period,
  sum(billable_minutes)::bigint as performed_minutes,
  count(*) filter (is_billable) as visits
from visit_fact
group by all
