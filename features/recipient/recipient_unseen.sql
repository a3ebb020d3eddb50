/* ---
name: recipient_unseen
entity: recipient
grain: [org_number, recipient_id]
partition_by: org_number
sources: [recipient_contact, contract, contract_follow_up_12m]
optional: [contract, contract_follow_up_12m]
whole: [contract_follow_up_12m]
columns:
  billed_minutes: billed by the provider for the months that this delivery touches
  granted_minutes: granted for the same months
  last_decided_on: the person's newest decision
  is_unseen: >-
    nearly all that was granted is billed, the newest decision is more than twelve months old, and no follow-up other than
    at a desk has been made at the provider in twelve months
--- */
with visited as (
  select distinct c.org_number
  from contract_follow_up_12m f
  join contract c using (contract_id)
  where f.type <> 'desk'
)
select
  r.org_number, r.recipient_id, r.billed_minutes, r.granted_minutes, r.last_decided_on,
  r.is_unseen and v.org_number is null as is_unseen
from recipient_contact r
left join visited v on v.org_number = r.org_number
