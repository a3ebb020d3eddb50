/* ---
name: billed_to_grant_ceiling
entity: provider
grain: [org_number]
partition_by: org_number
sources: [recipient_grant]
common:
  unit: share
  family: money
  peers: [service_code, size_class]
  legal_basis: KL 10:8; SoL 15:9
  schemes: [S04]
  needs: [claim_line.recipient_id]
columns:
  billed_to_grant_ceiling:
    label: {sv: Fakturerat precis upp till beviljat, en: Billed right up to the grant}
    why:
      sv: "Andel av brukarnas månader där 98-100 procent av beviljad tid fakturerats; normalt används omkring 80-86 procent, olika mycket för olika brukare."
      en: "Share of the recipients' months with 98-100 per cent of the grant billed; normally some 80-86 per cent is used, differently by recipient."
    innocent:
      sv: "Beslut med få timmar eller fasta tider; utförare som bara har brukare med stora, stabila behov; beslut som sänkts till utförd tid."
      en: "Decisions with few hours or fixed times; recipients with large, stable needs; decisions lowered to the time performed."
    check:
      sv: "Jämför med besöksloggen: finns inga avböjda, kortare eller inställda besök hos dessa brukare?"
      en: "Compare with the visit log: are there no declined, shortened or cancelled visits with these recipients?"
    direction: higher
    missing:
      sv: Beslut eller fakturerad tid per brukare saknas, eller färre än fem hela beslutsmånader
      en: No decisions or no billed time by recipient, or fewer than five whole months under decision
    evidence: {view: recipient_grant, where: is_at_ceiling, measure: count(*), per: count(*), source: claim_fact_3m}
  billed_to_grant_spread:
    label: {sv: Spridning i använd andel av beviljad tid, en: Spread of the share of the grant that is used}
    why:
      sv: "Människors behov varierar; när alla brukare använder nästan samma andel av sin tid kan siffran vara satt i efterhand."
      en: "People's needs vary; when every recipient uses nearly the same share of the grant the figure may have been set afterwards."
    innocent:
      sv: "Fasta scheman, få brukare eller ersättning som räknas på planerad tid."
      en: "Fixed schedules, few recipients, or payment by planned time."
    check:
      sv: "Se om besökens längd varierar dag för dag trots att månadssumman inte gör det."
      en: "See whether visits vary from day to day though the month's total does not."
    direction: lower
    missing:
      sv: Beslut eller fakturerad tid per brukare saknas, eller färre än tio hela beslutsmånader
      en: No decisions or no billed time by recipient, or fewer than ten whole months under decision
    evidence:
      view: recipient_grant
      where: billed_minutes > 0
      measure: quantile_cont(used_permille, 0.84) - quantile_cont(used_permille, 0.16)
      per: case when count(*) >= 10 then 2000 end
      source: claim_fact_3m
--- */
-- The spread is half the distance between the sixteenth and eighty-fourth percentile: one odd month does not move it.
select
  org_number,
  case when count(*) >= 5 then count(*) filter (is_at_ceiling) / count(*) end as billed_to_grant_ceiling,
  case when count(*) >= 10
    then (quantile_cont(used_permille, 0.84) - quantile_cont(used_permille, 0.16)) / 2000 end as billed_to_grant_spread
from recipient_grant
group by org_number
