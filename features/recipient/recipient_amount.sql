/* ---
name: recipient_amount
entity: recipient
grain: [org_number, recipient_id]
partition_by: org_number
sources: [recipient_claims]
columns:
  amount_ore: billed for the person in this delivery, credits deducted, above zero
  place: place in the order of what the provider's recipients cost, the dearest first
  recipients: the provider's recipients with an amount
  is_top: among the dearest tenth, rounded up
--- */
with paid as (
  select org_number, recipient_id, sum(amount_ore)::bigint as amount_ore
  from recipient_claims
  where recipient_id is not null
  group by all
  having sum(amount_ore) > 0
),
ranked as (
  select
    org_number, recipient_id, amount_ore,
    row_number() over (partition by org_number order by amount_ore desc, recipient_id) as place,
    count(*) over (partition by org_number) as recipients
  from paid
)
select org_number, recipient_id, amount_ore, place, recipients, 10 * place <= recipients + 9 as is_top
from ranked
