/* ---
name: ghost_employees
entity: provider
grain: [org_number]
partition_by: org_number
sources: [staff_payroll, visit]
common:
  unit: share
  direction: higher
  family: company
  legal_basis: SoL 15:9; KL 10:8
columns:
  ghost_employees:
    label: {sv: Avlönade som aldrig syns på besök, en: Paid but never at a visit}
    why:
      sv: "Andel av dem som fått lön de tre senaste månaderna som inte gjort ett enda besök: lön kan gå till personer som bara finns på papper."
      en: "Share of those paid in the last three months without a single visit: pay may go to persons who exist on paper only."
    innocent:
      sv: "Kontor, samordnare, chefer, sjuksköterskor, sjukskrivna och föräldralediga; personal i annan verksamhet."
      en: "Office, coordinators, managers, nurses, those on sick or parental leave; staff in other lines of business."
    check:
      sv: "Be om befattning och schema för dem som saknar besök."
      en: "Ask for the post and schedule of those without visits."
    peers: [service_code, size_class]
    missing:
      sv: Lön per anställd eller besök saknas, eller färre än fem personer
      en: No payroll by worker or no visits, or fewer than five persons
    evidence:
      view: staff_payroll
      source: payroll_3m
      where: is_ghost
      measure: count(*)
      per: count(*) filter (gross_pay_ore > 0)
    schemes: [S10, S18]
    needs: [payroll.staff_id]
  ghost_employees_steady:
    label: {sv: Lön månad efter månad utan ett enda besök, en: Pay month after month without a single visit}
    why:
      sv: "Andel av den avlönade tiden som går till personer som fått lön för minst 60 timmar vid varje löneutbetalning de tre senaste månaderna och aldrig registrerats på ett besök. Assistenter som bara finns på papperet har fast lön; den som är ledig, sjuk eller hoppar in har det sällan."
      en: "Share of the paid time that goes to persons who were paid for 60 hours or more by every payroll of the last three months and were never registered at a visit. Assistants on paper have a fixed wage; who is on leave, ill or stands in seldom has."
    innocent:
      sv: "Kontor, chefer, samordnare och nattjour utan besöksregistrering; uppdrag åt andra kommuner eller privatkunder."
      en: "Office, managers, coordinators and night standby without visit registration; work for other cities or private customers."
    check:
      sv: "Be om befattningar och scheman för dem som har fast lön utan besök. Några på kontoret räcker för många medarbetare."
      en: "Ask for positions and schedules of those with a fixed wage and no visits. A few in the office are enough for many workers."
    peers: [service_code, size_class]
    missing:
      sv: "Lön med tid per anställd saknas, eller färre än tre avlönade, eller ingen av dem på besök"
      en: "No pay with time by employee, or fewer than three paid, or none of them at a visit"
    evidence:
      view: staff_payroll
      source: payroll_3m
      where: is_steady_ghost
      measure: sum(paid_minutes)
      per: sum(paid_minutes)
    schemes: [S10, S18]
    needs: [payroll.staff_id, payroll.paid_minutes]
  unpaid_visitors:
    label: {sv: På besök utan lön, en: At visits without pay}
    why:
      sv: "Andel av dem som gjort minst tio timmars besök på tre månader utan att finnas i lönelistan: svart arbete eller lånade inloggningar."
      en: "Share of those with ten hours of visits or more in three months who are not on the payroll: undeclared work or borrowed log-ins."
    innocent:
      sv: "Bemanningsföretag, underleverantör, praktikanter eller lön som betalas av ett annat bolag i koncernen."
      en: "Agency staff, a subcontractor, trainees, or pay from another company of the group."
    check:
      sv: "Fråga vem som är arbetsgivare för dem och om avtalet tillåter underleverantörer."
      en: "Ask who employs them, and whether the contract allows subcontractors."
    peers: []
    missing:
      sv: Lön per anställd eller besök saknas, eller färre än fem personer
      en: No payroll by worker or no visits, or fewer than five persons
    evidence:
      view: staff_payroll
      source: visit_fact_3m
      where: is_unpaid
      measure: count(*)
      per: count(*) filter (performed_minutes >= 600)
    schemes: [S10, S20, S21]
    needs: [payroll.staff_id]
--- */
with visiting as (
  select distinct org_number from visit
)
select
  org_number,
  case when count(*) filter (gross_pay_ore > 0) >= 5
    then count(*) filter (is_ghost) / count(*) filter (gross_pay_ore > 0) end as ghost_employees,
  case when count(*) filter (gross_pay_ore > 0) >= 3 and bool_or(gross_pay_ore > 0 and not is_ghost) and sum(paid_minutes) > 0
    then coalesce(sum(paid_minutes) filter (is_steady_ghost), 0)::bigint / sum(paid_minutes)::bigint
    end as ghost_employees_steady,
  case when count(*) filter (performed_minutes >= 600) >= 5
    then count(*) filter (is_unpaid) / count(*) filter (performed_minutes >= 600) end as unpaid_visitors
from staff_payroll
semi join visiting using (org_number)
group by org_number
