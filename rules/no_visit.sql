/* ---
name: no_visit
label: {sv: "Inget besök", en: "No visit"}
words:
  sv: "Raden avser {billed_minutes} minuter eller {billed_visits} besök i {period}, men leverantören har inget ersatt besök hos brukaren den månaden."
  en: "The line is for {billed_minutes} minutes or {billed_visits} visits in {period}, but the provider has no visit to the recipient that month that is paid for."
law: "KL 10:8; SoL 15:9; avtalets villkor om registrerad tid"
certainty: contradiction
doubt_when:
  sv: "Under fem timmar i leveransens egen månad (besök registrerade för sent), en brukare utan beslut (felskrivet nummer), eller en leverantör med färre än fem besök av insatsen."
  en: "Under five hours in the delivery's own month (visits registered late), a recipient in no decision (mistyped number), or a provider with fewer than five visits of the service."
severity: hold
clears:
  sv: "Besöksloggen eller utföraranteckningar för månaden; sedan kommer besöken i nästa leverans."
  en: "The visit log or care notes of the month; the visits then come in the next delivery."
innocent:
  sv: "Tidsregistrering som inte levererats; brukaren felskriven på raden; insatsen registreras i ett annat system."
  en: "Time registrations not delivered; the recipient mistyped on the line; the service is registered in another system."
valid_from: 2020-01-01
sources: [claim_excess, claim_open, care_decision]
columns:
  billed_minutes: minutes billed, null where billed by visit
  billed_visits: visits billed, null where billed by time
--- */
with known as (select distinct recipient_id from care_decision)
select
  l.line_id, e.excess_ore as amount_ore, l.billed_minutes, l.billed_visits,
  k.recipient_id is null or e.service_visits < 5
    or (l.months_late = 0 and coalesce(l.billed_minutes, 60 * l.billed_visits) < 300) as is_doubt
from claim_excess e
join claim_open l using (line_id)
left join known k on k.recipient_id = l.recipient_id
where e.any_visits = 0 and e.all_service_visits > 0
