/* ---
name: recipient_deceased
label: {sv: "Brukaren avliden", en: "Recipient deceased"}
words:
  sv: "Brukaren är avregistrerad som avliden {deregistered_on}; raden har {minutes_after} minuter efter den dagen."
  en: "The recipient is deregistered as deceased on {deregistered_on}; the line has {minutes_after} minutes after that day."
law: "Folkbokföringslagen (1991:481); KL 10:8"
certainty: contradiction
doubt_when:
  sv: "Bara besök de tre första dagarna efter, eller vid dörren (avböjda, ej hemma)."
  en: "Only visits of the first three days after, or at the door (declined, not home)."
severity: hold
clears:
  sv: "Besöksloggen för dagarna efter; kredit för tiden efter dödsfallet."
  en: "The visit log of the days after; a credit for the time after the death."
innocent:
  sv: "Personal som kom till dörren dagarna efter; fel person på raden; dödsdagen rättad."
  en: "Workers who came to the door in the days after; the wrong person on the line; a corrected date."
valid_from: 2020-01-01
sources: [claim_open, visit_fact_3m, person]
columns:
  deregistered_on: date of death in the register
  minutes_after: minutes of the line after it
--- */
-- Certain from the fourth day on, for visits that are said to have been made: until then nobody may have told the worker.
with gone as (
  select person_id, deregistered_on
  from person
  where deregistered_on is not null and lower(deregistration_reason) in ('av', 'avliden', 'deceased')
),
after as (
  select
    v.org_number, v.recipient_id, v.service_code, v.service_month as period,
    sum(v.billable_minutes)::bigint as minutes,
    coalesce(sum(v.billable_minutes) filter (v.deviation_code is null and v.day > g.deregistered_on + 3), 0)::bigint
      as certain_minutes
  from visit_fact_3m v
  join gone g on g.person_id = v.recipient_id
  where v.day > g.deregistered_on
  group by all
),
asked as (
  select
    l.line_id, l.amount_ore, l.billed_minutes, g.deregistered_on,
    case when g.deregistered_on < l.period then coalesce(l.billed_minutes, 30 * l.billed_visits, 0)
      else least(a.minutes, coalesce(l.billed_minutes, a.minutes)) end as minutes_after,
    case when g.deregistered_on < l.period then a.minutes is null and g.deregistered_on + 7 < l.period
      or a.certain_minutes > 0 else a.certain_minutes > 0 end as is_certain,
    g.deregistered_on < l.period as is_whole
  from claim_open l
  join gone g on g.person_id = l.recipient_id
  left join after a using (org_number, recipient_id, service_code, period)
  where g.deregistered_on < l.period or a.minutes > 0
)
select
  line_id,
  case when is_whole or billed_minutes is null then amount_ore
    else (amount_ore * minutes_after // billed_minutes)::bigint end as amount_ore,
  deregistered_on, minutes_after, not coalesce(is_certain, false) as is_doubt
from asked
where billed_minutes is null or billed_minutes > 0
