/* ---
name: claim_price
entity: claim
grain: [line_id]
partition_by: org_number
sources: [claim_fact, contract]
columns:
  org_number: provider that is paid
  service_code: service
  period: month that the line is for
  unit_code: HUR, MIN or VIS
  unit_price_ore: price billed for a unit, in ore
  contract_price_ore: the contract's price for an hour or a visit, in ore
  amount_ore: amount in ore
  expected_ore: the quantity at the contract's price, in ore
  is_overpriced: more than half a per cent above the contract's price
  overcharge_ore: what an overpriced line costs beyond the contract's price (negative where it is credited), else 0
  source_table: the fact table that the row stands in
  source_row_id: file and row in the delivery
--- */
-- The contract that the invoice names, else one for the service that is valid in the period; of several, the dearest. The
-- contract's price is for an hour, or for a visit where the service is billed by visit.
with priced as (
  select
    l.line_id,
    max(c.unit_price_ore) filter (c.contract_id = l.contract_id) as named_ore,
    max(c.unit_price_ore) as dearest_ore
  from claim_fact l
  join contract c
    on c.org_number = l.org_number
    and c.valid_from < l.period + interval 1 month
    and coalesce(c.valid_to, date '9999-12-31') >= l.period
  where c.unit_price_ore > 0
    and l.unit_code <> 'EA'
    and (c.service_code = l.service_code or l.service_code is null and c.contract_id = l.contract_id)
  group by l.line_id
),
compared as (
  select
    l.line_id, l.org_number, l.service_code, l.period, l.unit_code, l.unit_price_ore, l.amount_ore,
    coalesce(p.named_ore, p.dearest_ore) as contract_price_ore,
    round(
      l.quantity * coalesce(p.named_ore, p.dearest_ore) / case l.unit_code when 'MIN' then 60 else 1 end
    )::bigint as expected_ore,
    l.source_table, l.source_row_id
  from claim_fact l
  join priced p using (line_id)
)
select
  line_id, org_number, service_code, period, unit_code, unit_price_ore, contract_price_ore, amount_ore, expected_ore,
  abs(amount_ore) > abs(expected_ore) * 1.005 as is_overpriced,
  case when abs(amount_ore) > abs(expected_ore) * 1.005 then amount_ore - expected_ore else 0 end as overcharge_ore,
  source_table, source_row_id
from compared
