/* ---
name: company_age_at_contract
entity: provider
grain: [org_number]
partition_by: org_number
sources: [company_start]
columns:
  company_age_at_contract:
    label: {sv: Bolagets ålder vid första uppdraget, en: Company's age at the first assignment}
    why:
      sv: "Månader från registrering, eller från att hela styrelsen byttes i ett vilande bolag, till första avtal eller faktura."
      en: "Months from registration, or from the replacement of a dormant company's whole board, to the first contract or invoice."
    innocent:
      sv: "Nya företagare måste börja någon gång; ombildning eller avknoppning ur ett äldre bolag."
      en: "New owners have to begin at some time; reorganisation or a spin-off of an older company."
    check:
      sv: "Se vilka som driver bolaget och vad de gjort tidigare."
      en: "See who runs the company and what they did before."
    unit: months
    direction: lower
    family: company
    peers: []
    missing:
      sv: Registreringsdatum saknas, eller varken avtal eller fakturering finns
      en: No date of registration, or neither contract nor billing
    evidence:
      view: company_start
      where: days >= 0
      measure: max(days)
      per: "30.4375"
    legal_basis: KL 10:8; SoL 26:1
    schemes: [S14]
    needs: [provider.registered_on]
--- */
-- A month is a twelfth of a year of 365.25 days.
select org_number, days / 30.4375::double as company_age_at_contract
from company_start
