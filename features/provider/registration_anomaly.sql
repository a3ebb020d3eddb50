/* ---
name: registration_anomaly
entity: provider
grain: [org_number]
partition_by: org_number
sources: [registered_person]
columns:
  registration_anomaly:
    label: {sv: Avregistrerade som saknade eller med falsk identitet, en: Deregistered as missing or for a false identity}
    why:
      sv: "Andel av månadens brukare och anställda som är avregistrerade som obefintliga eller för falsk identitet."
      en: "Share of the month's recipients and staff who are deregistered as missing or for a false identity."
    innocent:
      sv: "Personen har hört av sig igen men registret har inte hunnit ändras; förväxling av nummer."
      en: "The person has come back and the register is not yet changed; a mixed-up number."
    check:
      sv: "Kontrollera aktuell status i folkbokföringen och vem som legitimerat sig vid anställning eller besök."
      en: "Check the present status in the population register, and who showed an identity at hiring or visit."
    unit: share
    direction: higher
    family: recipients
    peers: []
    missing:
      sv: Folkbokföring med skäl för avregistrering saknas, eller färre än fem personer
      en: No population register with reasons for deregistration, or fewer than five persons
    evidence: {view: registered_person, where: is_anomalous, measure: count(*), per: count(*)}
    legal_basis: KL 10:8; lag (2001:182)
    schemes: [S12, S13, S20]
    needs: [person.deregistration_reason]
--- */
select org_number, count(*) filter (is_anomalous) / count(*) as registration_anomaly
from registered_person
group by org_number
having count(*) >= 5
