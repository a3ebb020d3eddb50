/* ---
name: recipient_contact
entity: recipient
grain: [org_number, recipient_id]
partition_by: recipient_id
sources: [recipient_grant, care_decision]
columns:
  billed_minutes: billed by the provider for the months that this delivery touches
  granted_minutes: granted for the same months
  last_decided_on: the person's newest decision, the only contact with the city that the data hold
  is_unseen: nearly all that was granted is billed, and the newest decision is more than twelve months old
--- */
with used as (
  select
    org_number, recipient_id,
    sum(all_billed_minutes)::bigint as billed_minutes,
    sum(granted_minutes)::bigint as granted_minutes
  from recipient_grant
  group by all
),
decided as (
  select recipient_id, max(coalesce(decided_on, valid_from)) as last_decided_on
  from care_decision
  cross join run_month r
  where coalesce(decided_on, valid_from) < r.next_month
  group by recipient_id
)
select
  u.org_number, u.recipient_id, u.billed_minutes, u.granted_minutes, d.last_decided_on,
  100 * u.billed_minutes >= 95 * u.granted_minutes and d.last_decided_on < r.next_month - interval 12 month as is_unseen
from used u
join decided d using (recipient_id)
cross join run_month r
