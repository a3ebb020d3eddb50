/* ---
name: too_perfect
entity: provider
grain: [org_number]
partition_by: org_number
sources: [visit_fact, visit_length, visit_start]
common:
  family: visits
  peers: [service_code, size_class, visit_system]
  legal_basis: KL 10:8; SoL 15:9
columns:
  too_perfect:
    label: {sv: Besök precis enligt plan, en: Visits exactly as planned}
    why:
      sv: "Besöken börjar och slutar inom en minut från det planerade. Verkliga besök varierar."
      en: "Visits begin and end within a minute of the plan. Real visits vary."
    innocent:
      sv: "System som fyller i planerad tid när avvikelsen är liten; korta fasta insatser."
      en: "Systems that fill in the planned time when the difference is small; short fixed services."
    check:
      sv: "Se om andra utförare med samma system har samma andel, och om kvittenserna är gjorda i hemmet."
      en: "See whether other providers with the same system have the same share, and whether receipts were made in the home."
    unit: share
    direction: higher
    missing: {sv: Planerade tider saknas, en: Planned times are missing}
    evidence: {view: visit_fact, where: as_planned and is_billable, measure: count(*), per: count(as_planned) filter (is_billable)}
    schemes: [S01, S03]
    needs: [visit.planned_start, visit.planned_end]
  too_perfect_duration_entropy:
    label: {sv: Variation i besökens längd, en: Variation in the length of visits}
    why:
      sv: "Besökens längd varierar ovanligt litet, mätt som entropi i bitar."
      en: "The length of visits varies unusually little, measured as entropy in bits."
    innocent:
      sv: "En enda sorts insats med fast längd; system som avrundar tiden."
      en: "A single kind of service with a fixed length; systems that round times."
    check:
      sv: "Se vilka längder som dominerar och om de är planens eller avrundade av systemet."
      en: "See which lengths dominate and whether they are the plan's or rounded by the system."
    unit: bits
    direction: lower
    missing: {sv: Färre än 50 besök, en: Fewer than 50 visits}
    evidence:
      view: visit_length
      where: visits > 0
      measure: >-
        sum(round(-1000000 * visits / all_visits * log2(visits / all_visits))::bigint)::bigint / 1000000
        + (count(*) - 1) / (2 * max(all_visits) * ln(2))
      source: visit_fact
      source_where: is_billable and deviation_code is null
    schemes: [S01, S03]
  too_perfect_start_entropy:
    label: {sv: Variation i startminut, en: Variation in the starting minute}
    why:
      sv: "Besöken börjar oftare på samma minuter av timmen än vad som är vanligt, mätt som entropi i bitar."
      en: "Visits begin at the same minutes of the hour more often than is usual, measured as entropy in bits."
    innocent:
      sv: "System som avrundar till fem eller femton minuter."
      en: "Systems that round to five or fifteen minutes."
    check:
      sv: "Jämför med andra utförare som använder samma system."
      en: "Compare with other providers that use the same system."
    unit: bits
    direction: lower
    missing: {sv: Färre än 50 besök, en: Fewer than 50 visits}
    evidence:
      view: visit_start
      where: visits > 0
      measure: >-
        sum(round(-1000000 * visits / all_visits * log2(visits / all_visits))::bigint)::bigint / 1000000
        + (count(*) - 1) / (2 * max(all_visits) * ln(2))
      source: visit_fact
      source_where: is_billable and deviation_code is null
    schemes: [S01, S03]
--- */
-- Entropy with the correction of Miller and Madow for few visits. Terms are whole millionths of a bit, so that their sum
-- does not depend on the order.
with planned as (
  select
    org_number,
    count(*) filter (as_planned and is_billable) / nullif(count(as_planned) filter (is_billable), 0) as too_perfect
  from visit_fact
  group by org_number
),
tallied as (
  select org_number, 'length' as kind, visits, all_visits from visit_length
  union all
  select org_number, 'start', visits, all_visits from visit_start
),
entropy as (
  select
    org_number, kind,
    sum(round(-1000000 * visits / all_visits * log2(visits / all_visits))::bigint)::bigint / 1000000
      + (count(*) - 1) / (2 * all_visits * ln(2)) as bits
  from tallied
  where all_visits >= 50
  group by org_number, kind, all_visits
)
select
  p.org_number,
  p.too_perfect,
  l.bits as too_perfect_duration_entropy,
  s.bits as too_perfect_start_entropy
from planned p
left join entropy l on l.org_number = p.org_number and l.kind = 'length'
left join entropy s on s.org_number = p.org_number and s.kind = 'start'
