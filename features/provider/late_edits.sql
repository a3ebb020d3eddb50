/* ---
name: late_edits
entity: provider
grain: [org_number]
partition_by: org_number
sources: [visit_fact, visit_editor]
columns:
  late_edit_minutes:
    label: {sv: Tid tillagd i efterhand, en: Time added afterwards}
    why:
      sv: "Besök som ändrats efter dagen är längre än planerat; den tiden har tillkommit utan kvittens."
      en: "Visits edited after their day are longer than planned; that time was added without a receipt."
    innocent:
      sv: "Rättelse av glömd utstämpling efter samtal med medarbetaren; besök som verkligen drog ut på tiden."
      en: "Correction of a forgotten check-out after talking to the worker; visits that really took longer."
    check:
      sv: "Begär ändringsloggen med skäl för de besök som ligger i underlaget."
      en: "Ask for the edit log with reasons for the visits in the evidence."
    unit: minutes_per_1000_h
    direction: higher
    family: visits
    peers: [service_code, size_class, visit_system]
    missing: {sv: Uppgift om ändringar eller planerade tider saknas, en: Edits or planned times are not known}
    evidence: {view: visit_fact, where: edit_added_minutes > 0, measure: sum(edit_added_minutes), per: sum(billable_minutes) filter (planned_minutes is not null), scale: 60000}
    legal_basis: KL 10:8; SoL 15:9
    schemes: [S03]
    needs: [visit.edited_at, visit.planned_start, visit.planned_end]
  late_edit_minutes_share:
    label: {sv: Besök ändrade efter dagen, en: Visits edited after their day}
    why:
      sv: "Många besök ändras en senare dag än de utfördes."
      en: "Many visits are edited on a later day than they were carried out."
    innocent:
      sv: "Administratör som rättar en gång i veckan; driftstörning i systemet vissa dagar."
      en: "An administrator who corrects once a week; system failure on some days."
    check:
      sv: "Se vilka dagar ändringarna gjordes och vad som ändrades."
      en: "See on what days the edits were made and what was changed."
    unit: share
    direction: higher
    family: visits
    peers: [service_code, size_class, visit_system]
    missing: {sv: Uppgift om ändringar saknas, en: Edits are not known}
    evidence: {view: visit_fact, where: edited_late, measure: count(*), per: count(*)}
    legal_basis: KL 10:8; SoL 15:9
    schemes: [S03]
    needs: [visit.edited_at]
  late_edit_minutes_one_editor:
    label: {sv: Ändringar av en och samma person, en: Edits by one and the same person}
    why:
      sv: "En enda person står för en stor del av ändringarna i efterhand."
      en: "A single person makes a large part of the later edits."
    innocent:
      sv: "Litet företag med en samordnare som har till uppgift att rätta."
      en: "A small company with one coordinator whose task it is to correct."
    check:
      sv: "Fråga vem som får ändra och hur ändringarna följs upp."
      en: "Ask who may edit and how edits are followed up."
    unit: share
    direction: higher
    family: visits
    peers: [size_class, visit_system]
    missing: {sv: Färre än tio ändringar i efterhand med känd person, en: Fewer than ten later edits by a known person}
    evidence:
      view: visit_editor
      where: is_largest
      measure: max(edits)
      per: case when max(all_edits) >= 10 then max(all_edits) end
      source: visit_fact
      source_where: edited_late
    legal_basis: KL 10:8; SoL 15:9
    schemes: [S03]
    needs: [visit.edited_at, visit.edited_by]
  late_edit_minutes_before_run:
    label: {sv: Ändringar strax före ersättningskörningen, en: Edits just before the reimbursement run}
    why:
      sv: "Ändringarna i efterhand görs den 1-5 i månaden efter besöket, före körningen den 6."
      en: "The later edits are made on the 1st to 5th of the month after the visit, before the run on the 6th."
    innocent:
      sv: "Vanlig månadsavstämning som görs de första dagarna i nästa månad."
      en: "An ordinary monthly closing in the first days of the next month."
    check:
      sv: "Jämför ändringarnas riktning: avstämning rättar åt båda hållen."
      en: "Compare the direction of the edits: a closing corrects both ways."
    unit: share
    direction: higher
    family: visits
    peers: [size_class, visit_system]
    missing: {sv: Färre än tio ändringar i efterhand, en: Fewer than ten later edits}
    evidence:
      view: visit_fact
      where: edited_before_run
      measure: count(*)
      per: case when count(*) filter (edited_late) >= 10 then count(*) filter (edited_late) end
    legal_basis: KL 10:8; SoL 15:9
    schemes: [S03]
    needs: [visit.edited_at]
--- */
with edited as (
  select
    org_number,
    sum(edit_added_minutes)::bigint * 60000
      / nullif(sum(billable_minutes) filter (planned_minutes is not null)::bigint, 0) as added,
    count(*) filter (edited_late) as edits,
    count(*) filter (edited_before_run) as before_run,
    count(*) as visits
  from visit_fact
  group by org_number
),
concentrated as (
  select org_number, max(edits) / max(all_edits) as share
  from visit_editor
  where all_edits >= 10
  group by org_number
)
select
  e.org_number,
  e.added as late_edit_minutes,
  e.edits / e.visits as late_edit_minutes_share,
  c.share as late_edit_minutes_one_editor,
  case when e.edits >= 10 then e.before_run / e.edits end as late_edit_minutes_before_run
from edited e left join concentrated c using (org_number)
