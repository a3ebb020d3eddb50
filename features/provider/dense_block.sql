/* ---
name: dense_block
entity: provider
grain: [org_number]
partition_by: org_number
sources: [pair_meetings]
columns:
  dense_block:
    label: {sv: Slutna kretsar av personal och brukare, en: Closed circles of workers and recipients}
    why:
      sv: "Hur många gånger oftare samma medarbetare möter samma brukare än om besöken hade fördelats på måfå bland utförarens medarbetare. Där några få alltid möter samma brukare ser ingen annan om besöken blir av."
      en: "How many times as often the same worker meets the same recipient as if the provider's visits had been dealt out at random among its workers. Where a few always meet the same recipients, nobody else sees whether the visits take place."
    innocent:
      sv: "Kontinuitet är bra omsorg och ofta ett avtalskrav; personlig assistans har fasta assistenter; lag som delar på ett område."
      en: "Continuity is good care and often a term of the contract; personal assistance has its own assistants; teams that share out an area."
    check:
      sv: "Jämför med avtalets krav på kontinuitet. Fråga brukarna vem som kommer, och se om kretsarna byter utförare tillsammans."
      en: "Compare with the continuity that the contract asks for. Ask recipients who comes, and see whether the circles change provider together."
    unit: ratio
    direction: higher
    family: relations
    peers: [service_code, size_class]
    missing: {sv: "Färre än 50 besök, eller ingen som besöker två gånger", en: "Fewer than 50 visits, or nobody who visits twice"}
    evidence:
      view: pair_meetings
      where: visits > 1
      measure: sum(visits * (visits - 1))
      per: >-
        sum(visits * (staff_visits - 1))::double * sum(visits * (recipient_visits - 1)) / (sum(visits) * (sum(visits) - 1))
      source: visit_fact
      source_where: is_billable
    legal_basis: KL 10:8; SoL 15:9
    schemes: [S10, S12]
--- */
-- Of two visits to one recipient, how often the same worker made both, over how often one worker made both of any two: exact
-- for visits dealt out at random with each worker's and each recipient's number of visits kept (factorial moments of the
-- hypergeometric distribution). Each worker's pairs of visits are the sum over the recipients met: visits * (staff_visits - 1).
with counted as (
  select
    org_number,
    sum(visits)::bigint as n,
    sum(visits * (visits - 1))::bigint as same_pair,
    sum(visits * (staff_visits - 1))::bigint as by_staff,
    sum(visits * (recipient_visits - 1))::bigint as by_recipient
  from pair_meetings
  group by org_number
)
select org_number, same_pair / (by_staff::double * by_recipient / (n::double * (n - 1))) as dense_block
from counted
where n >= 50 and by_staff > 0 and by_recipient > 0
