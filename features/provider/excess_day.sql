/* ---
name: excess_day
entity: provider
grain: [org_number]
partition_by: org_number
sources: [visit_fact, staff_day]
common:
  direction: higher
  family: visits
  peers: [service_code, size_class]
  missing: {sv: Inga besök som ersätts finns, en: There are no visits that are paid for}
  legal_basis: KL 10:8; SoL 15:9
  schemes: [S09]
columns:
  excess_day_hours:
    label: {sv: Besökstid utöver 13 timmar per dag, en: Visit time beyond 13 hours a day}
    why:
      sv: "Medarbetare har mer än 13 timmars besök samma dag, räknat över alla arbetsgivare. Arbetstidslagen ger minst elva timmars dygnsvila."
      en: "Workers have more than 13 hours of visits in a day, over all employers. The law on working time gives at least eleven hours of rest."
    innocent:
      sv: "Sjukdom i personalgruppen; sovande jour som registreras som besök; extrapass inom kollektivavtalets undantag."
      en: "Sickness among the staff; sleeping duty registered as a visit; extra shifts within the collective agreement."
    check:
      sv: "Jämför med schema och lön för medarbetarna i underlaget, och se om tiden är jour."
      en: "Compare with roster and pay of the workers in the evidence, and see if the time is duty on call."
    unit: minutes_per_1000_h
    evidence: {view: visit_fact, where: excess_day_minutes > 0, measure: sum(excess_day_minutes), per: sum(billable_minutes), scale: 60000}
  excess_day_hours_no_rest:
    label: {sv: Arbetsdagar utan veckovila, en: Working days without weekly rest}
    why:
      sv: "Så stor del av arbetsdagarna är minst den sjunde i följd för medarbetaren, räknat över alla arbetsgivare."
      en: "This share of working days is at least the worker's seventh on end, over all employers."
    innocent:
      sv: "Schema med tolv dagars tjänstgöring enligt kollektivavtal; korta pass vid sjukdom hos kollegor."
      en: "A roster of twelve days under a collective agreement; short shifts when colleagues are ill."
    check:
      sv: "Se scheman för medarbetarna i underlaget och vad kollektivavtalet tillåter."
      en: "See the rosters of the workers in the evidence and what the collective agreement allows."
    unit: share
    evidence: {view: staff_day, where: days_in_row >= 7, measure: count(*), per: count(*)}
--- */
with hours as (
  select org_number, sum(excess_day_minutes)::bigint as excess, sum(billable_minutes)::bigint as minutes
  from visit_fact
  group by org_number
),
days as (
  select org_number, count(*) as days, count(*) filter (days_in_row >= 7) as restless
  from staff_day
  group by org_number
)
select
  h.org_number,
  h.excess * 60000 / nullif(h.minutes, 0) as excess_day_hours,
  d.restless / nullif(d.days, 0) as excess_day_hours_no_rest
from hours h left join days d using (org_number)
