/* ---
name: permit_gap
entity: provider
grain: [org_number]
partition_by: org_number
sources: [claim_permit]
columns:
  permit_gap:
    label: {sv: Fakturerat utan giltigt tillstånd, en: Billed without a valid permit}
    why:
      sv: "Del av beloppet, på insatser som kräver tillstånd, för perioder då leverantören inte hade något giltigt tillstånd."
      en: "Share of the sum, on services that need a permit, for periods in which the provider had no valid one."
    innocent:
      sv: "Tillståndet står på ett annat bolag i koncernen; ansökan i tid om förlängning; registret är inte uppdaterat."
      en: "The permit is another group company's; a timely application to renew; a register not yet updated."
    check:
      sv: "Kontrollera i IVO:s register för organisationsnumret, perioden och insatsen."
      en: "Look in the Health and Social Care Inspectorate's register by organisation number, period and service."
    unit: share
    direction: higher
    family: company
    peers: []
    missing:
      sv: Tillstånd saknas, eller inget fakturerat på insatser som kräver dem
      en: No permits, or nothing billed on services that need them
    evidence:
      view: claim_permit
      where: not is_permitted
      measure: sum(amount_ore)
      per: sum(amount_ore)
    legal_basis: SoL 26:1; LSS 23
    schemes: [S15]
    contradiction: true
--- */
select
  org_number,
  coalesce(sum(amount_ore) filter (not is_permitted), 0)::bigint / sum(amount_ore)::bigint as permit_gap
from claim_permit
group by org_number
having sum(amount_ore) > 0
