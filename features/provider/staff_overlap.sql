/* ---
name: staff_overlap
entity: provider
grain: [org_number]
partition_by: org_number
sources: [visit_fact]
common:
  unit: minutes_per_1000_h
  direction: higher
  family: visits
  peers: [service_code, size_class, visit_system]
  missing: {sv: Inga besök som ersätts finns, en: There are no visits that are paid for}
  legal_basis: KL 10:8; SoL 15:9
  contradiction: true
columns:
  staff_overlap_minutes:
    label: {sv: Dubbelregistrerad tid, en: Overlapping visit time}
    why:
      sv: "En och samma medarbetare är registrerad i två hem samtidigt. Båda besöken kan inte ha utförts som de registrerats."
      en: "One worker is registered in two homes at once. Both visits cannot have been carried out as registered."
    innocent:
      sv: "Sen utstämpling; klockor som går olika i två system; makar med olika adress i registret; besök som flyttats utan att tiden ändrats."
      en: "Late check-out; clocks that differ between systems; spouses with different addresses in the register; visits moved without a new time."
    check:
      sv: "Jämför besökens kvittenser och enheter. Fråga utföraren om rutin för utstämpling, och se om samma medarbetare återkommer."
      en: "Compare receipts and devices of the two visits. Ask the provider about check-out routines, and see if the same worker recurs."
    evidence: {view: visit_fact, where: overlap_minutes > 0, measure: sum(overlap_minutes), per: sum(billable_minutes), scale: 60000}
    schemes: [S01, S09]
  cross_provider_overlap:
    label: {sv: Samtidiga besök hos två utförare, en: Visits for two providers at once}
    why:
      sv: "En medarbetare är registrerad i två hem samtidigt, för två olika utförare som båda får betalt."
      en: "One worker is registered in two homes at once, for two providers that are both paid."
    innocent:
      sv: "Sen utstämpling vid byte av arbetsgivare samma dag; inhyrd personal som registreras av båda; verksamhet som övergår till en ny utförare."
      en: "Late check-out when changing employer the same day; hired staff registered by both; a business being taken over."
    check:
      sv: "Begär schema från båda utförarna för de dagar som berörs, och se om det finns avtal om inhyrning eller verksamhetsövergång."
      en: "Ask both providers for the rosters of those days, and look for an agreement on hired staff or a transfer of business."
    evidence: {view: visit_fact, where: cross_provider_overlap_minutes > 0, measure: sum(cross_provider_overlap_minutes), per: sum(billable_minutes), scale: 60000}
    schemes: [S01, S09, S10]
--- */
select
  org_number,
  sum(overlap_minutes)::bigint * 60000 / nullif(sum(billable_minutes)::bigint, 0) as staff_overlap_minutes,
  sum(cross_provider_overlap_minutes)::bigint * 60000 / nullif(sum(billable_minutes)::bigint, 0) as cross_provider_overlap
from visit_fact
group by org_number
