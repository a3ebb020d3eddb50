/* ---
name: tax_status_gap
entity: provider
grain: [org_number]
partition_by: org_number
sources: [tax_status]
columns:
  tax_status_gap:
    label: {sv: Saknade skatteregistreringar, en: Missing tax registrations}
    why:
      sv: "Antal registreringar som saknas hos en leverantör som fakturerar: F-skatt, och arbetsgivarregistrering när den har personal."
      en: "Registrations missing at a provider that bills: F-tax, and employer registration where it has staff."
    innocent:
      sv: "Ideella föreningar, stiftelser och offentliga utförare är ofta undantagna; registrering under behandling; personal i annat bolag."
      en: "Associations, foundations and public providers are often exempt; a registration in progress; staff in another company."
    check:
      sv: "Hämta aktuellt besked från Skatteverket. Moms räknas inte: vård och omsorg är undantagen."
      en: "Get the present status from the Tax Agency. VAT is not counted: care is exempt."
    unit: count
    direction: higher
    family: company
    peers: []
    missing: {sv: Skatteuppgifter om leverantören saknas, en: No tax data on the provider}
    evidence:
      view: tax_status
      where: missing > 0
      measure: max(missing)
    legal_basis: KL 10:8; lag (2024:307)
    schemes: [S16, S21]
    needs: [provider.f_tax]
  enforcement_debt:
    label: {sv: Skuld hos Kronofogden, en: Debt at the Enforcement Authority}
    why:
      sv: "Skuld i förhållande till vad leverantören fakturerat i snitt per månad: ett tecken på obetalda skatter och avgifter."
      en: "Debt relative to the provider's mean monthly billing: a sign of unpaid taxes and fees."
    innocent:
      sv: "Bestridda skulder och tillfälliga betalningssvårigheter."
      en: "Disputed debts and passing difficulties."
    check:
      sv: "Se vad skulden avser och om den är avbetald."
      en: "See what the debt is for and whether it is being paid off."
    unit: ratio
    direction: higher
    family: company
    peers: []
    missing: {sv: Uppgift om skuld eller fakturering saknas, en: No data on debt or billing}
    evidence:
      view: tax_status
      where: debt_ore > 0
      measure: max(debt_ore)
      per: max(compared_ore)
    legal_basis: KL 10:8; lag (2024:307)
    schemes: [S21]
    needs: [provider.enforcement_debt_sek]
--- */
select org_number, missing as tax_status_gap, debt_ore / compared_ore as enforcement_debt
from tax_status
