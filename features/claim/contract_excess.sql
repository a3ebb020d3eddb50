/* ---
name: contract_excess
entity: claim
grain: [org_number, contract_id]
partition_by: org_number
sources: [contract_paid_all, contract]
columns:
  billed_ore: billed under the contract in all deliveries
  ceiling_ore: the contract's ceiling, above zero
--- */
with paid as (
  select org_number, contract_id, sum(billed_ore)::bigint as billed_ore
  from contract_paid_all
  group by all
)
select p.org_number, p.contract_id, p.billed_ore, c.ceiling_ore
from paid p
join contract c on c.org_number = p.org_number and c.contract_id = p.contract_id
where c.ceiling_ore > 0
