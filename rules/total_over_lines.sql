/* ---
name: total_over_lines
label: {sv: "Totalen över raderna", en: "Total above the lines"}
words:
  sv: "Fakturans total är {total_ore} och raderna är tillsammans {lines_ore}; det är ingen av mervärdesskattens satser."
  en: "The invoice's total is {total_ore} and its lines add up to {lines_ore}; the difference is no rate of VAT."
law: "Bokföringslagen (1999:1078) 5:6-7; mervärdesskattelagen (2023:200) 17 kap."
certainty: doubt
severity: hold
clears:
  sv: "En rättad faktura, eller de rader som saknas."
  en: "A corrected invoice, or the lines that are missing."
innocent:
  sv: "Rader som avvisats vid inläsning (se quarantine.parquet); blandade momssatser; öresavrundning."
  en: "Lines refused on reading (see quarantine.parquet); mixed rates of VAT; rounding."
valid_from: 2020-01-01
sources: [claim_open, claim_fact, invoice]
columns:
  total_ore: the invoice's total
  lines_ore: sum of its lines
--- */
-- What is questioned belongs to no line: it stands at the first one of the invoice.
with summed as (
  select invoice_id, org_number, sum(amount_ore)::bigint as lines_ore
  from claim_fact group by all
),
firsts as (select invoice_id, org_number, min(line_id) as line_id from claim_open group by all)
select f.line_id, i.total_ore - s.lines_ore as amount_ore, i.total_ore, s.lines_ore
from invoice i
join summed s on s.invoice_id = i.invoice_id and s.org_number = i.org_number
join firsts f on f.invoice_id = i.invoice_id and f.org_number = i.org_number
where s.lines_ore > 0 and i.total_ore - s.lines_ore > 100
  and abs(i.total_ore * 100 - s.lines_ore * 106) > 10000
  and abs(i.total_ore * 100 - s.lines_ore * 112) > 10000
  and abs(i.total_ore * 100 - s.lines_ore * 125) > 10000
