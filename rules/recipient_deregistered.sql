/* ---
name: recipient_deregistered
label: {sv: "Brukaren inte folkbokförd", en: "Recipient no longer registered"}
words:
  sv: "Brukaren är avregistrerad från folkbokföringen {deregistered_on} (utvandrad eller av annat skäl än dödsfall), före {period}."
  en: "The recipient was deregistered on {deregistered_on} (emigrated, or for another reason than death), before {period}."
law: "Folkbokföringslagen (1991:481); KL 10:8"
certainty: doubt
severity: question
clears:
  sv: "Var brukaren vistades under månaden, från handläggaren; besöksloggen."
  en: "Where the recipient stayed that month, from the case worker; the visit log."
innocent:
  sv: "Avregistreringen registrerad i efterhand; brukaren vistas kvar och har rätt till insatsen."
  en: "The deregistration was made in retrospect; the recipient has stayed and is entitled to the service."
valid_from: 2020-01-01
sources: [claim_open, person]
columns:
  deregistered_on: date in the register
--- */
select l.line_id, l.amount_ore, p.deregistered_on
from claim_open l
join person p on p.person_id = l.recipient_id
where p.deregistered_on < l.period
  and coalesce(lower(p.deregistration_reason) not in ('av', 'avliden', 'deceased'), true)
