/* ---
name: one_to_one
entity: provider
grain: [org_number]
partition_by: org_number
sources: [recipient_worker]
common:
  unit: share
  direction: higher
  family: visits
  peers: [service_code, size_class]
  legal_basis: KL 10:8; SoL 15:9
  schemes: [S08]
columns:
  one_to_one_pairs:
    label: {sv: Brukare som bara får hjälp av en närstående, en: Recipients served only by somebody close}
    why:
      sv: "Alla besök görs av en enda medarbetare som är anhörig eller bor i samma bostad, så att ingen annan ser insatsen."
      en: "All visits are made by a single worker who is kin or lives in the same dwelling, so that nobody else sees the service."
    innocent:
      sv: "Anhöriganställning som avtalet tillåter; personlig assistans; brukare som bara godtar en person."
      en: "Employment of relatives that the contract allows; personal assistance; a recipient who accepts only one person."
    check:
      sv: "Se om avtalet tillåter anställning av anhöriga och om den är anmäld."
      en: "See whether the contract allows the employment of relatives and whether it has been reported."
    missing: {sv: Folkbokföring eller familjerelationer saknas, en: Population register or family relations are missing}
    evidence: {view: recipient_worker, where: is_tied, measure: count(*), per: count(*), source: visit_fact}
    needs: [person.dwelling_id]
  one_to_one_pairs_all:
    label: {sv: Brukare som alltid möter samma medarbetare, en: Recipients who always meet the same worker}
    why:
      sv: "Minst åtta besök under månaden, alla av en och samma medarbetare."
      en: "At least eight visits in the month, all by one and the same worker."
    innocent:
      sv: "God personalkontinuitet, som är ett kvalitetsmål; små grupper; boendestöd med fast kontakt."
      en: "Good continuity of staff, which is a goal of quality; small teams; support with a fixed contact."
    check:
      sv: "Se om samma medarbetare också har besök på dagar då andra inte arbetar, och om vikarie aldrig behövs."
      en: "See whether the worker is there on days when others are off, and whether a substitute is never needed."
    missing: {sv: Inga besök som ersätts finns, en: There are no visits that are paid for}
    evidence: {view: recipient_worker, where: is_sole_worker, measure: count(*), per: count(*), source: visit_fact}
--- */
select
  org_number,
  count(*) filter (is_tied) / count(*) as one_to_one_pairs,
  count(*) filter (is_sole_worker) / count(*) as one_to_one_pairs_all
from recipient_worker
group by org_number
