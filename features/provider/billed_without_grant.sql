/* ---
name: billed_without_grant
entity: provider
grain: [org_number]
partition_by: org_number
sources: [claim_grant]
columns:
  billed_without_grant:
    label: {sv: Fakturerad tid utan beslut, en: Time billed without a decision}
    why:
      sv: "Minuter av 1 000 fakturerade timmar som avser en brukare utan giltigt biståndsbeslut för insatsen någon dag i perioden."
      en: "Minutes in 1 000 billed hours for a recipient with no valid care decision for the service on any day of the period."
    innocent:
      sv: "Akuta insatser före beslut; beslut som registrerats sent eller i en annan nämnd; fel insatskod på raden."
      en: "Urgent care before the decision; decisions registered late or at another board; a wrong service code on the line."
    check:
      sv: "Sök beslutet i verksamhetssystemet hos den nämnd som betalar, även under andra insatskoder."
      en: "Look for the decision in the case system of the board that pays, under other service codes too."
    unit: minutes_per_1000_h
    direction: higher
    family: money
    peers: []
    missing:
      sv: Beslut saknas, eller inga fakturarader med tid per brukare
      en: No decisions, or no claim lines with time by recipient
    evidence:
      view: claim_grant
      where: not is_granted
      measure: sum(billed_minutes)
      per: sum(billed_minutes)
      scale: 60000
    legal_basis: KL 10:8; SoL 5:2
    schemes: [S17]
    needs: [claim_line.recipient_id]
    contradiction: true
--- */
select
  org_number,
  case when sum(billed_minutes) > 0
    then 60000 * coalesce(sum(billed_minutes) filter (not is_granted), 0)::bigint / sum(billed_minutes)::bigint end
    as billed_without_grant
from claim_grant
group by org_number
