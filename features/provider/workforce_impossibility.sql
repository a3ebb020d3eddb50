/* ---
name: workforce_impossibility
entity: provider
grain: [org_number]
partition_by: org_number
sources: [workforce]
columns:
  workforce_impossibility:
    label: {sv: Fakturerad tid mot vad personalen hinner, en: Billed time over what the staff can do}
    why:
      sv: "Fakturerade timmar för den senaste perioden delat med heltidstimmarna för dem som varit anställda då; över ett går inte ihop utan övertid eller inhyrda."
      en: "Billed hours for the latest period over the full-time hours of those employed then; above one does not add up without overtime or hired staff."
    innocent:
      sv: "Timanställda utan angiven sysselsättningsgrad, inhyrd personal, underleverantörer, ägare som arbetar själva."
      en: "Hourly staff without a stated percentage, hired staff, subcontractors, owners who work themselves."
    check:
      sv: "Begär schema och lista över inhyrda för månaden."
      en: "Ask for the month's schedule and the list of hired staff."
    unit: ratio
    direction: higher
    family: company
    peers: [service_code, size_class]
    missing:
      sv: Personalregister eller fakturerad tid saknas för leverantören
      en: No staff register or no billed time for the provider
    evidence:
      view: workforce
      where: pct > 0
      measure: max(billed_minutes)
      per: max(full_time_minutes) * sum(pct)::double / 100
      source: staff
    legal_basis: KL 10:8; SoL 15:9
    schemes: [S01, S10]
--- */
-- What is billed over what the staff could work: its percentages of full time, in the newest month that is billed for.
select
  org_number,
  max(billed_minutes) / (max(full_time_minutes) * sum(pct)::double / 100) as workforce_impossibility
from workforce
group by org_number
having sum(pct) > 0
