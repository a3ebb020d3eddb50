/* ---
name: claim_duplicate
entity: claim
grain: [line_id]
partition_by: org_number
sources: [claim_fact, claim_fact_12m]
columns:
  org_number: provider that is paid
  recipient_id: person that the line is for (pseudonym)
  service_code: service
  period: month that the line is for
  amount_ore: amount in ore
  is_duplicate: the same claim, or one within two per cent of its quantity, was made before and not credited
  source_table: the fact table that the row stands in
  source_row_id: file and row in the delivery
--- */
-- Lines for one person, service and period lie in one cluster where each quantity is within two per cent of the next smaller:
-- who bills twice may change a few minutes. Each credit clears one repetition: bill, credit and bill again is one claim.
-- Visits registered late are billed late for the same period, but seldom for just as much as the whole month before.
with asked as (
  select distinct org_number, recipient_id, service_code, period
  from claim_fact where recipient_id is not null and amount_ore > 0
),
known as (
  select
    k.line_id, k.org_number, k.recipient_id, k.service_code, k.period, k.period_from, k.unit_code, k.quantity,
    k.amount_ore, k.is_credit, k.source_table, k.source_row_id, k.delivery_month,
    count(*) filter (k.is_credit) over (
      partition by k.org_number, k.recipient_id, k.service_code, k.period
    ) as credits
  from claim_fact_12m k
  join asked a
    on a.org_number = k.org_number and a.recipient_id = k.recipient_id and a.period = k.period
    and a.service_code is not distinct from k.service_code
),
stepped as (
  select
    line_id, org_number, recipient_id, service_code, period, period_from, unit_code, quantity, amount_ore, credits,
    source_table, source_row_id, delivery_month,
    quantity > 1.02 * lag(quantity) over (
      partition by org_number, recipient_id, service_code, period, period_from, unit_code
      order by quantity, delivery_month, line_id
    ) as is_apart
  from known where not is_credit
),
clustered as (
  select
    line_id, org_number, recipient_id, service_code, period, period_from, unit_code, amount_ore, credits,
    source_table, source_row_id, delivery_month,
    count(*) filter (is_apart) over (
      partition by org_number, recipient_id, service_code, period, period_from, unit_code
      order by quantity, delivery_month, line_id
    ) as cluster
  from stepped
),
numbered as (
  select
    line_id, org_number, recipient_id, service_code, period, amount_ore, credits, source_table, source_row_id,
    delivery_month,
    row_number() over (
      partition by org_number, recipient_id, service_code, period, period_from, unit_code, cluster
      order by delivery_month, line_id
    ) as nth
  from clustered
)
select
  line_id, org_number, recipient_id, service_code, period, amount_ore,
  nth > 1 + credits as is_duplicate,
  source_table, source_row_id
from numbered cross join run_month r
where delivery_month = r.month
