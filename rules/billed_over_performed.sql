/* ---
name: billed_over_performed
label: {sv: "Fakturerat över utfört", en: "Billed over performed"}
words:
  sv: "I {period} är {billed} fakturerade (minuter, eller besök för insatser per besök) och {performed} utförda hos brukaren; {excess} av dem står på raden."
  en: "For {period} {billed} are billed (minutes, or visits for services by visit) and {performed} performed for the recipient; {excess} of them stand on this line."
law: "KL 10:8; SoL 15:9; avtalets villkor om registrerad tid"
certainty: contradiction
doubt_when:
  sv: "Skillnaden ryms i ett borttappat besök, i åtta procent av månaden (sena besök) eller i tid som står på en annan insats."
  en: "The difference is within one lost visit, eight per cent of the month (late visits), or time that stands under another service."
severity: hold
clears:
  sv: "Besöksloggen för de besök som saknas, eller en kredit för skillnaden."
  en: "The visit log of the visits that are missing, or a credit for the difference."
innocent:
  sv: "Besök som registrerats för sent eller med fel klocka; tid på fel insats eller på en make; avrundning."
  en: "Visits registered late or with a wrong clock; time under another service or on a spouse; rounding."
valid_from: 2020-01-01
sources: [claim_excess]
columns:
  billed: minutes or visits billed for the month
  performed: minutes or visits performed
  excess: minutes or visits of the line beyond what was performed
--- */
select line_id, excess_ore as amount_ore, billed, performed, excess, not is_beyond_dirt as is_doubt
from claim_excess
where any_visits > 0 and (excess > 5 or billed < 60 and excess > 1)
