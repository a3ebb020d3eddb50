/* ---
name: visit_contradictions
entity: provider
grain: [org_number]
partition_by: org_number
sources: [visit_fact]
columns:
  unauthorised_double_staffing:
    label: {sv: Två medarbetare där en är beviljad, en: Two workers where one is granted}
    why:
      sv: "Två medarbetare är registrerade hos samma brukare samtidigt, men inget beslut ger dubbelbemanning."
      en: "Two workers are registered with one recipient at once, but no decision grants double staffing."
    innocent:
      sv: "Överlämning mellan pass; introduktion av ny personal; beslut om dubbelbemanning som ännu inte registrerats."
      en: "Handover between shifts; introduction of new staff; a decision on double staffing not yet registered."
    check:
      sv: "Se om tiden debiterats för båda, och fråga handläggaren om behovet."
      en: "See whether both were billed, and ask the case worker about the need."
    unit: minutes_per_1000_h
    direction: higher
    family: visits
    peers: [service_code, size_class]
    missing: {sv: Uppgift om beviljad dubbelbemanning saknas, en: Grants of double staffing are not known}
    evidence: {view: visit_fact, where: unauthorised_double_minutes > 0, measure: sum(unauthorised_double_minutes), per: sum(billable_minutes), scale: 60000}
    legal_basis: KL 10:8; SoL 15:9
    schemes: [S01]
    needs: [care_decision.double_staffing]
  visit_during_absence:
    label: {sv: Besök under frånvaro, en: Visits during absence}
    why:
      sv: "Besök är registrerade på dagar då brukaren hela dagen var på sjukhus, korttidsboende eller bortrest."
      en: "Visits are registered on days that the recipient was in hospital, short-term care or away all day."
    innocent:
      sv: "Felaktigt datum i frånvaron; inköp eller städning i hemmet under frånvaron efter överenskommelse."
      en: "A wrong date of absence; shopping or cleaning in the home meanwhile, as agreed."
    check:
      sv: "Jämför med sjukhusets in- och utskrivning. Se vilken insats besöket gällde."
      en: "Compare with admission and discharge. See what service the visit was for."
    unit: minutes_per_1000_h
    direction: higher
    family: visits
    peers: []
    missing: {sv: Uppgift om frånvaro saknas, en: Absences are not known}
    evidence: {view: visit_fact, where: absence_minutes > 0, measure: sum(absence_minutes), per: sum(billable_minutes), scale: 60000}
    legal_basis: KL 10:8; SoL 15:9
    schemes: [S06]
    needs: [absence]
    contradiction: true
  visit_after_deregistration:
    label: {sv: Besök efter avregistrering, en: Visits after deregistration}
    why:
      sv: "Besök är registrerade efter den dag då brukaren avregistrerades som avliden eller utvandrad."
      en: "Visits are registered after the day on which the recipient was deregistered as dead or emigrated."
    innocent:
      sv: "Besök registrerat på fel brukare, till exempel efterlevande make; sent anmäld eller rättad avregistrering."
      en: "A visit registered on the wrong recipient, such as a surviving spouse; a late or corrected deregistration."
    check:
      sv: "Se om det finns en annan brukare i samma hem, och vilken medarbetare som registrerat."
      en: "See whether there is another recipient in the home, and which worker registered."
    unit: minutes_per_1000_h
    direction: higher
    family: visits
    peers: []
    missing: {sv: Uppgift om avregistrering saknas, en: Deregistrations are not known}
    evidence: {view: visit_fact, where: after_deregistration_minutes > 0, measure: sum(after_deregistration_minutes), per: sum(billable_minutes), scale: 60000}
    legal_basis: KL 10:8; SoL 15:9
    schemes: [S06]
    needs: [person.deregistered_on]
    contradiction: true
--- */
select
  org_number,
  sum(unauthorised_double_minutes)::bigint * 60000 / nullif(sum(billable_minutes)::bigint, 0)
    as unauthorised_double_staffing,
  sum(absence_minutes)::bigint * 60000 / nullif(sum(billable_minutes)::bigint, 0) as visit_during_absence,
  sum(after_deregistration_minutes)::bigint * 60000 / nullif(sum(billable_minutes)::bigint, 0)
    as visit_after_deregistration
from visit_fact
group by org_number
