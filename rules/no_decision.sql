/* ---
name: no_decision
label: {sv: "Inget beslut", en: "No decision"}
words:
  sv: "Raden avser {period}, men för brukaren finns inget beslut om insatsen {service_code} som gällde någon dag den månaden."
  en: "The line is for {period}, but the recipient has no decision on the service {service_code} in force on any day of that month."
law: "SoL (2025:400) 15:9; LSS 7 och 9 §§; KL 10:8"
certainty: contradiction
doubt_when:
  sv: "Personen finns inte i beslutsregistret (felskrivet nummer, sen registrering), eller har ett beslut inom två månader (förlängning, annan kod)."
  en: "The person is in no decision (mistyped number, late registration), or has one within two months (renewal, other code)."
severity: hold
clears:
  sv: "Beslutet, med datum, från biståndshandläggaren; eller en rättad rad med rätt person, insats eller månad."
  en: "The decision with its date, from the case worker; or a corrected line with the right person, service or month."
innocent:
  sv: "Förlängt beslut som inte hunnit registreras; felskrivet personnummer; insatsen har en annan kod i beslutet."
  en: "A renewal not yet registered; a mistyped person number; the decision has another code for the service."
valid_from: 2020-01-01
sources: [claim_open, care_decision]
--- */
-- Certain only where the person has had decisions, and all had ended (or none had begun) two months from the period.
with near as (
  select
    l.line_id,
    count(*) as decisions,
    count(*) filter (
      d.valid_from < l.period + interval 1 month and coalesce(d.valid_to, date '9999-12-31') >= l.period
      and (l.service_code is null or d.service_code = l.service_code)
    ) as covering,
    count(*) filter (
      d.valid_from < l.period + interval 3 month and coalesce(d.valid_to, date '9999-12-31') >= l.period - interval 2 month
    ) as close
  from claim_open l
  join care_decision d on d.recipient_id = l.recipient_id
  group by l.line_id
)
select l.line_id, l.amount_ore, coalesce(n.close > 0, true) as is_doubt
from claim_open l
left join near n using (line_id)
where l.recipient_id is not null and l.unit_code <> 'EA' and coalesce(n.covering, 0) = 0
