/* ---
name: recipient_month
entity: recipient
grain: [org_number, recipient_id]
partition_by: recipient_id
sources: [recipient_claims, recipient_visits]
optional: [recipient_claims, recipient_visits]
columns:
  performed_minutes: minutes of this delivery's visits that are paid for
  amount_ore: billed for the person in this delivery, in ore
--- */
-- Whom a provider served or billed for in this delivery.
with people as (
  select org_number, recipient_id, 0::bigint as performed_minutes, amount_ore
  from recipient_claims where recipient_id is not null
  union all
  select org_number, recipient_id, performed_minutes, 0 from recipient_visits
)
select
  org_number, recipient_id,
  sum(performed_minutes)::bigint as performed_minutes,
  sum(amount_ore)::bigint as amount_ore
from people
group by all
