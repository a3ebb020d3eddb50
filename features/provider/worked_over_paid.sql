/* ---
name: worked_over_paid
entity: provider
grain: [org_number]
partition_by: org_number
sources: [staff_pay]
columns:
  worked_over_paid:
    label: {sv: Besökstid mot avlönad tid, en: Visit time over paid time}
    why:
      sv: "Mer besökstid ersätts än de anställda får lön för, trots att lönen också ska rymma resor och raster."
      en: "More visit time is paid for than the employees are paid, though wages should cover travel and breaks too."
    innocent:
      sv: "Inhyrd personal eller ägare som arbetar utan lön; lön som betalas en annan månad."
      en: "Hired staff or owners who work without wages; pay in another month."
    check:
      sv: "Begär uppgift om inhyrd personal och jämför med arbetsgivardeklarationen."
      en: "Ask about hired staff and compare with the employer's declaration."
    unit: ratio
    direction: higher
    family: visits
    peers: [service_code, size_class]
    missing: {sv: Uppgift om avlönad tid saknas, en: Paid time is not known}
    evidence: {view: staff_pay, where: visit_minutes is not null, measure: sum(visit_minutes), per: sum(paid_minutes) filter (visit_minutes is not null)}
    legal_basis: KL 10:8; SoL 15:9
    schemes: [S10, S21]
    needs: [payroll.paid_minutes]
  worked_over_paid_workers:
    label: {sv: Medarbetare med mer besökstid än lön, en: Workers with more visit time than pay}
    why:
      sv: "Så stor del av medarbetarna har minst en tiondel mer besökstid än den tid de får lön för."
      en: "This share of the workers have at least a tenth more visit time than the time they are paid for."
    innocent:
      sv: "Övertid som betalas nästa månad; timanställda med eftersläpande lön."
      en: "Overtime paid the next month; hourly staff paid in arrears."
    check:
      sv: "Jämför med nästa månads lön för medarbetarna i underlaget."
      en: "Compare with the next month's pay of the workers in the evidence."
    unit: share
    direction: higher
    family: visits
    peers: [service_code, size_class]
    missing: {sv: Avlönad tid per medarbetare saknas, en: Paid time by worker is not known}
    evidence:
      view: staff_pay
      where: staff_id is not null and 10 * visit_minutes > 11 * paid_minutes
      measure: count(*)
      per: count(*) filter (staff_id is not null and visit_minutes is not null)
    legal_basis: KL 10:8; SoL 15:9
    schemes: [S10, S21]
    needs: [payroll.paid_minutes, payroll.staff_id]
--- */
select
  org_number,
  sum(visit_minutes)::bigint / nullif(sum(paid_minutes) filter (visit_minutes is not null)::bigint, 0)
    as worked_over_paid,
  count(*) filter (staff_id is not null and 10 * visit_minutes > 11 * paid_minutes)
    / nullif(count(*) filter (staff_id is not null and visit_minutes is not null), 0) as worked_over_paid_workers
from staff_pay
group by org_number
