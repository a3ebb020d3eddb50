/* ---
name: visit_pattern
entity: provider
grain: [org_number]
partition_by: org_number
sources: [visit_fact]
common:
  unit: share
  direction: higher
  family: visits
  peers: [service_code, size_class, visit_system]
  legal_basis: KL 10:8; SoL 15:9
columns:
  night_weekend_share:
    label: {sv: Tid på natt och röd dag, en: Time at night and on red days}
    why:
      sv: "En ovanligt stor del av tiden ligger på natt (22-6) eller röd dag, då ersättningen kan vara högre och få ser besöken."
      en: "An unusually large part of the time lies at night (22-6) or on red days, when pay may be higher and few see the visits."
    innocent:
      sv: "Uppdrag som gäller just natt eller helg; brukare med stora behov dygnet runt."
      en: "A commission for nights or weekends; recipients with great needs around the clock."
    check:
      sv: "Jämför med vad besluten och avtalet säger om tid på dygnet."
      en: "Compare with what decisions and contract say about the time of day."
    peers: [service_code, size_class]
    missing: {sv: Inga besök som ersätts finns, en: There are no visits that are paid for}
    evidence: {view: visit_fact, where: night_or_red_minutes > 0, measure: sum(night_or_red_minutes), per: sum(billable_minutes)}
    schemes: [S01]
  declined_share:
    label: {sv: Avböjda besök, en: Declined visits}
    why:
      sv: "Många besök är registrerade som avböjda vid dörren men ersätts."
      en: "Many visits are registered as declined at the door and are paid for."
    innocent:
      sv: "Brukare som ofta tackar nej, till exempel vid demens; utförare som noggrant registrerar avböjda besök."
      en: "Recipients who often say no, as with dementia; providers that register declined visits carefully."
    check:
      sv: "Fråga några brukare eller anhöriga om de blivit erbjudna besöken."
      en: "Ask some recipients or relatives whether they were offered the visits."
    missing: {sv: Uppgift om avvikelser saknas, en: Deviations are not known}
    evidence: {view: visit_fact, where: deviation_code = 'declined', measure: count(*), per: count(*) filter (is_billable)}
    schemes: [S05]
    needs: [visit.deviation_code]
  declined_share_after_short:
    label: {sv: Avböjd tid direkt efter ett kort besök, en: Declined time right after a short visit}
    why:
      sv: "Ett kort besök följs direkt av tid som registreras som avböjd, så att hela den beviljade tiden ersätts."
      en: "A short visit is followed at once by time registered as declined, so that all granted time is paid for."
    innocent:
      sv: "Brukaren ville bara ha en del av hjälpen den dagen."
      en: "The recipient wanted only some of the help that day."
    check:
      sv: "Se om det återkommer för samma medarbetare, och vad utföraren antecknat."
      en: "See whether it recurs for the same worker, and what the provider has noted."
    unit: minutes_per_1000_h
    missing: {sv: Uppgift om avvikelser saknas, en: Deviations are not known}
    evidence: {view: visit_fact, where: declined_after_short_minutes > 0, measure: sum(declined_after_short_minutes), per: sum(billable_minutes), scale: 60000}
    schemes: [S05]
    needs: [visit.deviation_code]
  merged_visits:
    label: {sv: Besök mycket längre än planerat, en: Visits much longer than planned}
    why:
      sv: "Besök är minst 1,8 gånger så långa som planerat och minst 20 minuter längre, som när flera beviljade besök görs som ett."
      en: "Visits are at least 1.8 times as long as planned and at least 20 minutes longer, as when several granted visits are done as one."
    innocent:
      sv: "Brukaren har själv bett om färre och längre besök; plan som inte uppdaterats; akut händelse."
      en: "The recipient asked for fewer, longer visits; a plan that was not updated; an emergency."
    check:
      sv: "Jämför antalet besök per dag med planen för brukarna i underlaget, och fråga vad som överenskommits."
      en: "Compare the number of visits a day with the plan for the recipients in the evidence, and ask what was agreed."
    missing: {sv: Planerade tider saknas, en: Planned times are missing}
    evidence: {view: visit_fact, where: is_much_longer, measure: count(*), per: count(is_much_longer)}
    schemes: [S07]
    needs: [visit.planned_start, visit.planned_end]
  micro_visits_share:
    label: {sv: Mycket korta besök mot plan, en: Very short visits against plan}
    why:
      sv: "Besök på under 8 minuter där minst 30 minuter var planerat."
      en: "Visits under 8 minutes where at least 30 minutes were planned."
    innocent:
      sv: "Brukaren tackade nej till det mesta utan att det registrerades; utstämpling för tidigt av misstag."
      en: "The recipient declined most of it and that was not registered; checking out too early by mistake."
    check:
      sv: "Se om ersättningen följer den planerade eller den registrerade tiden."
      en: "See whether payment follows the planned or the registered time."
    missing: {sv: Planerade tider saknas, en: Planned times are missing}
    evidence: {view: visit_fact, where: is_micro, measure: count(*), per: count(is_micro)}
    schemes: [S01, S07]
    needs: [visit.planned_start, visit.planned_end]
--- */
select
  org_number,
  sum(night_or_red_minutes)::bigint / nullif(sum(billable_minutes)::bigint, 0) as night_weekend_share,
  count(*) filter (deviation_code = 'declined') / nullif(count(*) filter (is_billable), 0) as declined_share,
  sum(declined_after_short_minutes)::bigint * 60000 / nullif(sum(billable_minutes)::bigint, 0)
    as declined_share_after_short,
  count(*) filter (is_much_longer) / nullif(count(is_much_longer), 0) as merged_visits,
  count(*) filter (is_micro) / nullif(count(is_micro), 0) as micro_visits_share
from visit_fact
group by org_number
