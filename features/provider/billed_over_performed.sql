/* ---
name: billed_over_performed
entity: provider
grain: [org_number]
partition_by: org_number
sources: [recipient_billing]
columns:
  billed_over_performed:
    label: {sv: Fakturerad tid utöver utförd, en: Billed time beyond performed}
    why:
      sv: "För de månader som fakturerats är den betalda tiden större än den tid som besöken visar."
      en: "For the months that were billed, the paid time exceeds the time that the visits show."
    innocent:
      sv: "Besök som registrerats men ännu inte levererats till kommunen; ett annat tidssystem för en del av insatserna; avrundning i avtalet."
      en: "Visits registered but not yet delivered to the city; another time system for some services; rounding under the contract."
    check:
      sv: "Begär utföraranteckningar och besökslogg för de brukare där skillnaden är störst, och se om nästa leverans rymmer de besök som saknas."
      en: "Ask for care notes and the visit log of the recipients with the largest difference, and see if the next delivery holds the missing visits."
    unit: ratio
    direction: higher
    family: money
    peers: [service_code, size_class]
    missing:
      sv: Fakturerade eller utförda minuter saknas, eller under en timme utförd
      en: No billed or performed minutes, or less than an hour performed
    evidence:
      view: recipient_billing
      source: claim_fact_3m
      where: billed_minutes <> performed_minutes
      measure: sum(billed_minutes - performed_minutes)
      per: sum(performed_minutes)
    legal_basis: KL 10:8; SoL 15:9
    schemes: [S01, S03, S17]
  overbilled_share:
    label: {sv: Andel fakturerad tid utan täckning hos brukaren, en: Share of billed time not covered at the recipient}
    why:
      sv: "Så stor del av tiden överstiger vad som utförts hos just den brukaren, även om annat är för lågt fakturerat."
      en: "This part of the time exceeds what was performed for that very recipient, even where others are billed too little."
    innocent:
      sv: "Tid registrerad på fel brukare, till exempel hos makar; besök som levereras för sent."
      en: "Time registered on the wrong recipient, such as a spouse; visits delivered late."
    check:
      sv: "Se om den överskjutande tiden hos en brukare saknas hos en annan i samma hushåll eller på samma runda."
      en: "See whether the time in excess at one recipient is missing at another in the same home or on the same round."
    unit: share
    direction: higher
    family: money
    peers: [service_code, size_class]
    missing:
      sv: Fakturarader per brukare eller besök saknas, eller under en timme utförd
      en: No claim lines by recipient or no visits, or less than an hour performed
    evidence:
      view: recipient_billing
      source: claim_fact_3m
      where: overbilled_minutes > 0
      measure: sum(overbilled_minutes)
      per: sum(billed_minutes)
    legal_basis: KL 10:8; SoL 15:9
    schemes: [S01, S03, S17]
    needs: [claim_line.recipient_id]
--- */
select
  org_number,
  case when sum(performed_minutes) >= 60
    then (sum(billed_minutes) - sum(performed_minutes))::bigint / sum(performed_minutes)::bigint end as billed_over_performed,
  case when sum(performed_minutes) >= 60 and sum(billed_minutes) > 0
    then sum(overbilled_minutes)::bigint / sum(billed_minutes)::bigint end as overbilled_share
from recipient_billing
group by org_number
