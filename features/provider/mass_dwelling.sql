/* ---
name: mass_dwelling
entity: provider
grain: [org_number]
partition_by: org_number
sources: [dwelling_person]
columns:
  mass_dwelling:
    label: {sv: Många brukare och anställda i samma bostad, en: Many recipients and staff in one dwelling}
    why:
      sv: "Andel av utförarens folkbokförda brukare och anställda som bor fyra eller fler i en bostad som bara någon enstaka annan utförare betjänar."
      en: "Share of the provider's registered recipients and staff who live four or more in a dwelling that hardly any other provider serves."
    innocent:
      sv: "Servicehus, gruppbostad, studentbostad eller storfamilj; lägenhetsnummer som saknas så att ett helt hus ser ut som en bostad."
      en: "Sheltered or group housing, student flats, a large family; missing flat numbers that make a house look like one dwelling."
    check:
      sv: "Slå upp vad slags bostad det är innan något annat görs."
      en: "Look up what kind of dwelling it is before anything else."
    unit: share
    direction: higher
    family: recipients
    peers: [service_code, size_class]
    missing:
      sv: Folkbokföring med bostad saknas, eller färre än tio personer
      en: No population register with dwellings, or fewer than ten persons
    evidence: {view: dwelling_person, where: is_crowded, measure: count(*), per: count(*)}
    legal_basis: KL 10:8; lag (2001:182)
    schemes: [S12, S13]
    needs: [person.dwelling_id]
--- */
select org_number, count(*) filter (is_crowded) / count(*) as mass_dwelling
from dwelling_person
group by org_number
having count(*) >= 10
