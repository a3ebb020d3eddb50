/* ---
name: deviation_billed
label: {sv: "Ej ersättningsgill avvikelse fakturerad", en: "Deviation that is not paid for is billed"}
words:
  sv: "I {period} är {unpaid_minutes} minuter avbokade eller brukaren på sjukhus, och {excess} minuter på raden saknar annat besök."
  en: "In {period} {unpaid_minutes} minutes were cancelled or the recipient in hospital, and {excess} minutes of the line have no other visit behind them."
law: "KL 10:8; avtalets villkor om avbokade besök"
certainty: doubt
severity: question
clears:
  sv: "Besked om vilka besök raden avser; annars en kredit för de avbokade minuterna."
  en: "Which visits the line is for; otherwise a credit for the cancelled minutes."
innocent:
  sv: "Sen avbokning som avtalet ersätter; avvikelsekod satt på fel besök."
  en: "A late cancellation that the contract pays for; the deviation set on the wrong visit."
valid_from: 2020-01-01
sources: [claim_excess]
columns:
  unpaid_minutes: minutes of visits that are not paid for
  excess: minutes of the line beyond what was performed
--- */
select
  line_id, (excess_ore * least(excess, unpaid_minutes) // excess)::bigint as amount_ore, unpaid_minutes, excess
from claim_excess
where unpaid_minutes > 0 and excess > 5
