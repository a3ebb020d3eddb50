/* ---
name: visit_overlap
entity: provider
grain: [org_number]
partition_by: org_number
sources: [visit_fact]
columns:
  micro_visits:
    label: {sv: Mycket korta besök, en: Very short visits}
    why: {sv: "Besök under åtta minuter som ersätts.", en: "Visits under eight minutes that are paid for."}
    innocent: {sv: "Korta insatser som medicin eller tillsyn.", en: "Short services such as medicine or a look-in."}
    check: {sv: "Jämför med besluten.", en: "Compare with the decisions."}
    unit: share
    direction: higher
    family: visits
    peers: [service_code, size_class, visit_system]
    missing: {sv: Inga besök finns, en: There are no visits}
    evidence: {view: visit_fact, where: is_billable and duration_minutes < 8, measure: count(*), per: count(*) filter (is_billable)}
    legal_basis: KL 10:8
    schemes: [S01, S07]
--- */
select
  org_number,
  count(*) filter (is_billable and duration_minutes < 8) / nullif(count(*) filter (is_billable), 0) as micro_visits
from visit_fact
group by org_number
