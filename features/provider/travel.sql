/* ---
name: travel
entity: provider
grain: [org_number]
partition_by: org_number
sources: [visit_fact]
columns:
  impossible_travel:
    label: {sv: Kortare tid mellan hemmen än resan kan ta, en: Less time between homes than the trip can take}
    why:
      sv: "Tiden mellan två besök räcker inte för att ta sig mellan adresserna, räknat med minsta tänkbara restid."
      en: "The time between two visits is too short to get from one address to the other, at the least time a trip can take."
    innocent:
      sv: "Utstämpling i trapphuset eller vid nästa dörr; grannar på var sin sida om en postnummergräns; gammal adress i registret."
      en: "Check-out in the stairs or at the next door; neighbours on either side of a postal code border; an old address in the register."
    check:
      sv: "Se på karta hur långt det är mellan hemmen i underlaget och om samma par av hem återkommer."
      en: "See on a map how far apart the homes in the evidence are, and whether the same pair of homes recurs."
    unit: share
    direction: higher
    family: visits
    peers: [service_code, size_class, visit_system]
    missing: {sv: Adresser saknas för de besökta, en: Addresses of those visited are missing}
    evidence: {view: visit_fact, where: gap_seconds < trip_minutes * 60, measure: count(*), per: count(*) filter (trip_minutes is not null)}
    legal_basis: KL 10:8; SoL 15:9
    schemes: [S01, S02]
    needs: [person.postal_code]
  zero_gap_chains:
    label: {sv: Besök som följer direkt på varandra, en: Visits without a gap}
    why:
      sv: "Nästa besök i ett annat hem börjar inom två minuter, så att ingen restid finns."
      en: "The next visit, in another home, begins within two minutes, so that there is no time for a trip."
    innocent:
      sv: "Trygghetsboende och hus där många brukare bor; planerade tider som registreras i stället för verkliga när systemet inte kan annat."
      en: "Sheltered housing and houses with many recipients; planned times registered where the system cannot do otherwise."
    check:
      sv: "Se om hemmen i underlaget ligger i samma hus, och om kedjorna är långa för vissa medarbetare eller dagar."
      en: "See whether the homes in the evidence are in one house, and whether chains are long for some workers or days."
    unit: share
    direction: higher
    family: visits
    peers: [service_code, size_class, visit_system]
    missing: {sv: Inga besök i följd i olika hem, en: No consecutive visits in different homes}
    evidence: {view: visit_fact, where: gap_seconds < 120, measure: count(*), per: count(gap_seconds)}
    legal_basis: KL 10:8; SoL 15:9
    schemes: [S01]
--- */
select
  org_number,
  count(*) filter (gap_seconds < trip_minutes * 60) / nullif(count(trip_minutes), 0) as impossible_travel,
  count(*) filter (gap_seconds < 120) / nullif(count(gap_seconds), 0) as zero_gap_chains
from visit_fact
group by org_number
