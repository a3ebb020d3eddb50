/* ---
name: low_wage_ratio
entity: provider
grain: [org_number]
partition_by: org_number
sources: [pay_and_claims]
columns:
  low_wage_ratio:
    label: {sv: Löner i förhållande till fakturerat, en: Pay relative to billing}
    why:
      sv: "Bruttolön delad med det fakturerade för samma månader. Omsorg är mest lön; en låg andel tyder på svart arbete eller vård som inte utförts."
      en: "Gross pay over the billing for the same months. Care is mostly wages; a low share suggests undeclared work or care not given."
    innocent:
      sv: "Personal anställd i ett annat bolag eller inhyrd; lön som rapporteras senare; ägare som arbetar utan lön."
      en: "Staff employed by another company or hired in; pay reported later; owners who work without pay."
    check:
      sv: "Jämför med arbetsgivardeklarationen och fakturor från bemanningsföretag."
      en: "Compare with the employer declaration and invoices from staffing agencies."
    unit: ratio
    direction: lower
    family: company
    peers: [service_code, size_class]
    missing:
      sv: Lön och fakturering för samma månad saknas
      en: No pay and billing for the same month
    evidence:
      view: pay_and_claims
      where: amount_ore > 0
      measure: sum(gross_pay_ore)
      per: sum(amount_ore)
      source: claim_fact_3m
    legal_basis: SoL 15:9; KL 10:8
    schemes: [S10, S16, S21]
--- */
select org_number, sum(gross_pay_ore)::bigint / sum(amount_ore)::bigint as low_wage_ratio
from pay_and_claims
group by org_number
