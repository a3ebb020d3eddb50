/* ---
name: period_implausible
label: {sv: "Orimlig period", en: "Implausible period"}
words:
  sv: "Raden avser {period}, {months_before} månader före fakturan eller utanför fakturans period."
  en: "The line is for {period}, {months_before} months before the invoice or outside the invoice's period."
law: "KL 10:8; bokföringslagen (1999:1078) 5:7; avtalets faktureringsvillkor"
certainty: doubt
severity: question
clears:
  sv: "Besked om varför raden kommer nu, eller en rättad rad."
  en: "Why the line comes now, or a corrected line."
innocent:
  sv: "Rättelse av en gammal månad efter överenskommelse; felskriven period."
  en: "A correction of an old month by agreement; a mistyped period."
valid_from: 2020-01-01
sources: [claim_open]
columns:
  months_before: months from the period to the invoice
--- */
select line_id, amount_ore, date_diff('month', period, issue_date) as months_before
from claim_open
where issue_date is not null and (
  date_diff('month', period, issue_date) > 12
  or invoice_to < period
  or invoice_from > invoice_to
)
