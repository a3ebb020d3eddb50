/* ---
name: credit_without_original
label: {sv: "Kredit utan ursprung", en: "Credit without its original"}
words:
  sv: "Krediten på {credit_ore} nämner ingen faktura som finns hos kommunen."
  en: "The credit of {credit_ore} names no invoice that the city has."
law: "Mervärdesskattelagen (2023:200) 17 kap.; avtalets faktureringsvillkor"
certainty: doubt
severity: note
clears:
  sv: "Numret på den faktura som krediteras."
  en: "The number of the invoice that is credited."
innocent:
  sv: "Ursprunget är äldre än leveranserna; krediten gäller flera fakturor."
  en: "The original is older than the deliveries; the credit is for several invoices."
valid_from: 2020-01-01
sources: [claim_fact, invoice, invoice_all]
columns:
  credit_ore: what the line takes back
--- */
select l.line_id, abs(l.amount_ore) as amount_ore, abs(l.amount_ore) as credit_ore
from claim_fact l
join invoice i on i.invoice_id = l.invoice_id and i.org_number = l.org_number
anti join invoice_all o
  on o.org_number = i.org_number and (o.invoice_id = i.credit_of or o.invoice_number = i.credit_of)
where l.is_credit and i.source <> 'reimbursement_run' and (i.total_ore < 0 or i.credit_of is not null)
