/* ---
name: recipient_claims
entity: recipient
grain: [org_number, recipient_id, service_code, period]
partition_by: recipient_id
sources: [claim_fact]
columns:
  billed_minutes: minutes billed by time in this delivery, credits deducted
  billed_visits: visits billed by visit in this delivery, credits deducted
  amount_ore: amount in ore, credits deducted
--- */
select
  org_number, recipient_id, service_code, period,
  coalesce(sum(billed_minutes), 0)::bigint as billed_minutes,
  coalesce(sum(billed_visits), 0)::bigint as billed_visits,
  sum(amount_ore)::bigint as amount_ore
from claim_fact
group by all
