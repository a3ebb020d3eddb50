/* ---
name: billed_in_advance
label: {sv: "Fakturerat i förskott", en: "Billed in advance"}
words:
  sv: "Fakturan är daterad {issue_date} men raden avser {period}, som då inte var slut."
  en: "The invoice is dated {issue_date} but the line is for {period}, which was not over by then."
law: "KL 10:8; avtalets villkor om betalning i efterskott"
certainty: contradiction
doubt_when:
  sv: "Perioden hade börjat när fakturan skrevs."
  en: "The period had begun when the invoice was written."
severity: hold
clears:
  sv: "Avtal om förskott, eller en ny faktura när perioden är slut."
  en: "An agreement on advance payment, or a new invoice when the period is over."
innocent:
  sv: "Felskrivet datum eller period; abonnemang som faktureras i förväg."
  en: "A mistyped date or period; a subscription billed ahead."
valid_from: 2020-01-01
sources: [claim_open]
columns:
  issue_date: date on the invoice
--- */
-- Five days at the end of a month are common practice.
select line_id, amount_ore, issue_date, issue_date >= period as is_doubt
from claim_open
where issue_date < period + interval 1 month - interval 6 day
