/* ---
name: owner_recipient_tie
entity: provider
grain: [org_number]
partition_by: org_number
sources: [owner_recipient]
columns:
  owner_recipient_tie:
    label: {sv: Brukare med släktband till ledning eller ägare, en: Recipients related to management or owners}
    why:
      sv: "Andel av månadens brukare som själva sitter i utförarens ledning, äger den, eller är släkt med någon som gör det i högst två led. Den som beslutar om företaget kan då ha intresse av hur behovet beskrivs."
      en: "Share of the month's recipients who are in the provider's management, own it, or are related to somebody who is or does in at most two steps. Who decides over the company may then have an interest in how the need is described."
    innocent:
      sv: "Kooperativ och egna assistansbolag är tillåtna; familjer startar ofta ett företag för att hjälpa en närstående; små orter där många är släkt."
      en: "Cooperatives and own assistance companies are allowed; families often start a company to help one of their own; small places where many are related."
    check:
      sv: "Se om avtalet utesluter uppdrag åt närstående och om myndigheten kände till bandet vid beslutet. Jämför omfattningen med liknande beslut."
      en: "See whether the contract excludes work for relatives and whether the city knew of the tie when it decided. Compare the extent with similar decisions."
    unit: share
    direction: higher
    family: relations
    peers: [service_code]
    missing: {sv: "Företrädare, familjerelationer eller brukare saknas", en: "Representatives, family relations or recipients are missing"}
    evidence:
      view: owner_recipient
      where: steps is not null
      measure: count(*)
      per: count(*)
    legal_basis: KL 10:8; lag (2001:182)
    schemes: [S08, S12]
    needs: [person_relation]
--- */
select org_number, count(steps) / count(*) as owner_recipient_tie
from owner_recipient
group by org_number
