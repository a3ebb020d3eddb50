/* ---
name: price_deviation
entity: provider
grain: [org_number]
partition_by: org_number
sources: [claim_price]
columns:
  price_deviation:
    label: {sv: Pris över avtalets, en: Price above the contract's}
    why:
      sv: "Överdebitering på rader vars pris är mer än en halv procent över avtalets, i förhållande till vad alla jämförda rader skulle ha kostat."
      en: "Overcharge on lines priced more than half a per cent above the contract, relative to what all compared lines should have cost."
    innocent:
      sv: "Indexuppräkning eller tillägg som inte förts in i avtalsregistret; tillägg för kväll, helg eller glesbygd."
      en: "Indexation or supplements not yet in the contract register; supplements for evenings, weekends or remote areas."
    check:
      sv: "Jämför radens pris med avtalets prisbilaga för perioden och med gällande ersättningsbeslut."
      en: "Compare the line's price with the contract's price list for the period and the reimbursement decision in force."
    unit: ratio
    direction: higher
    family: money
    peers: []
    missing:
      sv: Avtal med timpris saknas för de fakturerade insatserna
      en: No contract with a price per hour for the services billed
    evidence:
      view: claim_price
      where: is_overpriced
      measure: sum(overcharge_ore)
      per: sum(expected_ore)
    legal_basis: KL 10:8
    schemes: [S17]
    needs: [contract.unit_price_sek]
    contradiction: true
--- */
select
  org_number,
  case when sum(expected_ore) > 0
    then greatest(sum(overcharge_ore), 0)::bigint / sum(expected_ore)::bigint end as price_deviation
from claim_price
group by org_number
