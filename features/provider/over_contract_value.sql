/* ---
name: over_contract_value
entity: provider
grain: [org_number]
partition_by: org_number
sources: [contract_excess]
columns:
  over_contract_value:
    label: {sv: Fakturerat över avtalets tak, en: Billed above the contract's ceiling}
    why:
      sv: "Så stor del av avtalens sammanlagda takbelopp har fakturerats utöver taket."
      en: "This part of the contracts' ceilings, taken together, was billed above them."
    innocent:
      sv: "Förlängning eller ändrat takbelopp som inte registrerats; fel avtal angivet på fakturan."
      en: "An extension or changed ceiling that was not registered; the wrong contract on the invoice."
    check:
      sv: "Läs avtalets tilläggsavtal och beslut om höjt tak."
      en: "Read the contract's amendments and decisions on a raised ceiling."
    unit: ratio
    direction: higher
    family: money
    peers: []
    missing:
      sv: Inga fakturor hänvisar till ett avtal med takbelopp
      en: No invoices refer to a contract with a ceiling
    evidence:
      view: contract_excess
      where: billed_ore > ceiling_ore
      measure: sum(billed_ore - ceiling_ore)
      per: sum(ceiling_ore)
      source: claim_fact_all
    legal_basis: KL 10:8; LOU 17:9
    schemes: [S17]
    needs: [contract.ceiling_sek, invoice.contract_id]
    contradiction: true
--- */
select
  org_number,
  sum(greatest(billed_ore - ceiling_ore, 0))::bigint / sum(ceiling_ore)::bigint as over_contract_value
from contract_excess
group by org_number
