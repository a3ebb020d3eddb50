/* ---
name: round_quantities
entity: provider
grain: [org_number]
partition_by: org_number
sources: [claim_fact]
columns:
  round_quantities:
    label: {sv: Fakturerad tid i hela timmar, en: Time billed in whole hours}
    why:
      sv: "Andel av tidsraderna som är exakt hela timmar; registrerad tid blir det bara för ungefär en rad av sextio."
      en: "Share of lines billed by time that are exactly whole hours; registered time is so for about one line in sixty."
    innocent:
      sv: "Insatser som beviljas och ges i hela timmar, som ledsagning eller avlösning; avtal som ersätter planerad tid."
      en: "Services granted and given in whole hours, such as escorts or respite; contracts that pay for planned time."
    check:
      sv: "Jämför de jämna raderna med besöksloggens minuter för samma brukare."
      en: "Compare the round lines with the visit log's minutes for the same recipients."
    unit: share
    direction: higher
    family: money
    peers: [service_code, size_class]
    missing: {sv: Färre än 30 rader med tid, en: Fewer than 30 lines billed by time}
    evidence:
      view: claim_fact
      where: billed_minutes > 0 and billed_minutes % 60 = 0
      measure: count(*)
      per: count(*) filter (billed_minutes > 0)
    legal_basis: KL 10:8; SoL 15:9
    schemes: [S03, S17]
--- */
select
  org_number,
  count(*) filter (billed_minutes % 60 = 0) / count(*) as round_quantities
from claim_fact
where billed_minutes > 0
group by org_number
having count(*) >= 30
