/* ---
name: recipient_visits
entity: recipient
grain: [org_number, recipient_id, service_code, period]
partition_by: recipient_id
sources: [visit_fact]
columns:
  performed_minutes: minutes of this delivery's visits that are paid for
  visits: this delivery's visits that are paid for
  longest_minutes: the longest of them
  unpaid_minutes: minutes, or planned minutes where those are more, of visits that are not paid for (hospital, cancelled)
--- */
select
  org_number, recipient_id, service_code, service_month as period,
  sum(billable_minutes)::bigint as performed_minutes,
  count(*) filter (is_billable) as visits,
  coalesce(max(billable_minutes), 0)::bigint as longest_minutes,
  coalesce(sum(greatest(duration_minutes, coalesce(planned_minutes, 0))) filter (not is_billable), 0)::bigint
    as unpaid_minutes
from visit_fact
group by all
