/* ---
name: recipient_shared_period
entity: recipient
grain: [org_number, recipient_id, service_code, period]
partition_by: recipient_id
sources: [recipient_claims, recipient_claims_3m]
columns:
  amount_ore: billed by this provider for the month, known from the last three deliveries
  is_shared: another provider billed the same service for the same person and month
--- */
with touched as (
  select distinct recipient_id, service_code, period
  from recipient_claims
  where recipient_id is not null and service_code is not null
),
billed as (
  select org_number, recipient_id, service_code, period, sum(amount_ore)::bigint as amount_ore
  from recipient_claims_3m
  join touched using (recipient_id, service_code, period)
  group by all
  having sum(amount_ore) > 0
)
select
  org_number, recipient_id, service_code, period, amount_ore,
  count(*) over (partition by recipient_id, service_code, period) > 1 as is_shared
from billed
