/* ---
name: prior_failure_path
entity: provider
grain: [org_number]
partition_by: org_number
sources: [failure_path]
columns:
  prior_failure_path:
    label: {sv: Ledning gemensam med bolag som fallit, en: Management shared with a company that failed}
    why:
      sv: "1 om någon i ledningen också lett en annan utförare som gått i konkurs, fått avtal hävt eller fällts; 0,5 om det sker via ett tredje bolag; annars 0."
      en: "1 if someone in management also led another provider that went bankrupt, had a contract rescinded or was confirmed; 0.5 if by way of a third company; else 0."
    innocent:
      sv: "Konkurser drabbar hederliga; personen kan ha lämnat långt tidigare eller tillsatts för att städa upp."
      en: "The honest go bankrupt too; the person may have left long before or been brought in to clean up."
    check:
      sv: "Se när personen satt i det andra bolaget och varför det föll."
      en: "See when the person sat in the other company and why it failed."
    unit: ratio
    direction: higher
    family: company
    peers: []
    missing:
      sv: Företrädare eller leverantörsregister saknas
      en: No representatives or no register of providers
    evidence: {view: failure_path, where: steps is not null, measure: max(1.0 / steps), source: provider_role}
    legal_basis: SoL 26:1; LSS 23; KL 10:8
    schemes: [S14]
--- */
select org_number, coalesce(1.0 / steps, 0) as prior_failure_path
from failure_path
