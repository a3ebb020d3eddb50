/* ---
name: credit_over_original
label: {sv: "Kredit större än ursprunget", en: "Credit larger than its original"}
words:
  sv: "Krediterna på fakturan {credit_of} är {credits_ore} tillsammans, men den var på {original_ore}."
  en: "The credits of invoice {credit_of} add up to {credits_ore}, but it was for {original_ore}."
law: "Mervärdesskattelagen (2023:200) 17 kap.; bokföringslagen (1999:1078) 5:6-7"
certainty: doubt
severity: question
clears:
  sv: "Vilka fakturor krediten gäller."
  en: "Which invoices the credit is for."
innocent:
  sv: "En samlad kredit för flera fakturor nämner bara en av dem."
  en: "One credit for several invoices names only one of them."
valid_from: 2020-01-01
sources: [claim_fact, invoice, invoice_all]
columns:
  credit_of: the invoice that is credited
  credits_ore: all its credits
  original_ore: its total
--- */
with credited as (
  select org_number, credit_of, -sum(total_ore)::bigint as credits_ore
  from invoice_all where credit_of is not null and total_ore < 0
  group by all
),
original as (
  select k.org_number, k.credit_of, max(o.total_ore) as original_ore
  from credited k
  join invoice_all o on o.org_number = k.org_number and (o.invoice_id = k.credit_of or o.invoice_number = k.credit_of)
  where o.total_ore > 0
  group by all
)
select
  min(l.line_id) as line_id, least(min(c.credits_ore - o.original_ore), abs(sum(l.amount_ore)::bigint)) as amount_ore,
  i.credit_of, min(c.credits_ore) as credits_ore, min(o.original_ore) as original_ore
from invoice i
join credited c on c.org_number = i.org_number and c.credit_of = i.credit_of
join original o on o.org_number = i.org_number and o.credit_of = i.credit_of
join claim_fact l on l.invoice_id = i.invoice_id and l.org_number = i.org_number and l.is_credit
where c.credits_ore > o.original_ore + 100
group by i.invoice_id, i.credit_of
