/* ---
name: arithmetic_wrong
label: {sv: "Raden är fel uträknad", en: "Line arithmetic wrong"}
words:
  sv: "Mängd gånger à-pris är {expected_ore}, raden är på {line_ore}."
  en: "Quantity times price is {expected_ore}, the line is for {line_ore}."
law: "Bokföringslagen (1999:1078) 5:6-7; KL 10:8"
certainty: contradiction
doubt_when:
  sv: "E-fakturor: raden kan ha tillägg som inte syns här."
  en: "E-invoices: the line may have charges that are not seen here."
severity: hold
clears:
  sv: "En rättad faktura, eller vilken avgift som ingår."
  en: "A corrected invoice, or which charge is included."
innocent:
  sv: "Tillägg på e-fakturans rad; pris avrundat per enhet; pris per annan mängd."
  en: "A charge on the e-invoice's line; a rounded unit price; a price for another quantity."
valid_from: 2020-01-01
sources: [claim_open]
columns:
  expected_ore: quantity times price
  line_ore: amount of the line
--- */
-- A krona, and half an ore for each unit, for rounding.
with computed as (
  select
    line_id, amount_ore, invoice_source, round(quantity * unit_price_ore)::bigint as expected_ore,
    100 + ceil(abs(quantity) / 2)::bigint as slack_ore
  from claim_open
  where quantity > 0 and unit_price_ore > 0
)
select
  line_id, amount_ore - expected_ore as amount_ore, expected_ore, amount_ore as line_ore,
  coalesce(invoice_source in ('peppol', 'svefaktura'), true) as is_doubt
from computed
where amount_ore - expected_ore > slack_ore
