/* ---
name: recipient_away
label: {sv: "Brukaren på sjukhus eller bortrest", en: "Recipient in hospital or away"}
words:
  sv: "Raden rymmer {minutes_away} minuters besök under dagar mitt i en frånvaro {from_date} till {to_date}."
  en: "The line holds {minutes_away} minutes of visits on days inside an absence from {from_date} to {to_date}."
law: "KL 10:8; SoL (2025:400) 15:9; avtalets villkor om frånvaro"
certainty: contradiction
doubt_when:
  sv: "Färre än två besöksdagar i vårdtidens första hälft (fel dag, tidig hemgång), korttidsplats eller resa, eller en insats som kan ges på sjukhus."
  en: "Fewer than two days with visits in the first half of the stay (wrong day, early return), a short-term place or journey, or a service that may be given in hospital."
severity: hold
clears:
  sv: "Besked om in- och utskrivning från handläggaren; besöksloggen för dagarna."
  en: "Admission and discharge from the case worker; the visit log of the days."
innocent:
  sv: "Tidig hemgång som registrerats sent; assistans på sjukhus efter beslut; besök på fel dag."
  en: "An early return registered late; assistance in hospital by decision; a visit on the wrong day."
valid_from: 2020-01-01
sources: [claim_open, visit_fact_3m, absence_12m]
columns:
  minutes_away: minutes of visits inside the absence
  from_date: first day away
  to_date: last day away
--- */
with inside as (
  select distinct
    v.org_number, v.recipient_id, v.service_code, v.service_month as period, v.visit_id, v.billable_minutes,
    v.day, v.deviation_code, a.kind, a.from_date, a.to_date
  from visit_fact_3m v
  join absence_12m a on a.recipient_id = v.recipient_id and v.day > a.from_date and v.day < a.to_date
  where v.billable_minutes > 0
),
once as (
  select
    *,
    row_number() over (partition by visit_id order by kind, from_date, to_date) as nth
  from inside
),
summed as (
  select
    org_number, recipient_id, service_code, period,
    sum(billable_minutes)::bigint as minutes,
    count(distinct day) filter (
      kind = 'hospital' and deviation_code is null and 2 * (day - from_date) <= to_date - from_date
    ) as early_days,
    min(from_date) as from_date, max(to_date) as to_date
  from once where nth = 1
  group by all
)
select
  l.line_id,
  case when l.billed_minutes > 0 then (l.amount_ore * least(s.minutes, l.billed_minutes) // l.billed_minutes)::bigint
    else l.amount_ore end as amount_ore,
  s.minutes as minutes_away, s.from_date, s.to_date,
  s.early_days < 2 or l.service_code in ('personal_assistance', 'escort') as is_doubt
from claim_open l
join summed s using (org_number, recipient_id, service_code, period)
where l.unit_code <> 'EA'
