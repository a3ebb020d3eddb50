/* ---
name: contract_paid
entity: claim
grain: [org_number, contract_id]
partition_by: org_number
sources: [claim_fact]
columns:
  billed_ore: billed under the contract in this delivery without VAT, credits deducted
--- */
select org_number, contract_id, sum(amount_ore)::bigint as billed_ore
from claim_fact where contract_id is not null
group by all
