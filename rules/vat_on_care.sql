/* ---
name: vat_on_care
label: {sv: "Moms på vård och omsorg", en: "VAT on social care"}
words:
  sv: "Totalen {total_ore} är raderna {lines_ore} med mervärdesskatt, men social omsorg är undantagen."
  en: "The total {total_ore} is the lines {lines_ore} with VAT, but social care is exempt."
law: "Mervärdesskattelagen (2023:200) 10 kap."
certainty: doubt
severity: question
clears:
  sv: "Varför insatsen är skattepliktig, från leverantören; annars kredit för skatten."
  en: "Why the service is taxed, from the provider; otherwise a credit for the tax."
innocent:
  sv: "Uthyrning av personal är skattepliktig; lokal och material är det också."
  en: "Hiring out staff is taxed; so are premises and material."
valid_from: 2020-01-01
sources: [claim_open, claim_fact, invoice]
columns:
  total_ore: the invoice's total
  lines_ore: sum of its lines
--- */
with summed as (
  select
    invoice_id, org_number, sum(amount_ore)::bigint as lines_ore, count(*) filter (recipient_id is not null) as for_people,
    count(*) as lines
  from claim_fact group by all
),
firsts as (select invoice_id, org_number, min(line_id) as line_id from claim_open group by all)
select f.line_id, i.total_ore - s.lines_ore as amount_ore, i.total_ore, s.lines_ore
from invoice i
join summed s on s.invoice_id = i.invoice_id and s.org_number = i.org_number
join firsts f on f.invoice_id = i.invoice_id and f.org_number = i.org_number
where s.for_people = s.lines and s.lines_ore > 0 and i.total_ore - s.lines_ore > 100 and (
  abs(i.total_ore * 100 - s.lines_ore * 106) <= 10000
  or abs(i.total_ore * 100 - s.lines_ore * 112) <= 10000
  or abs(i.total_ore * 100 - s.lines_ore * 125) <= 10000
)
