/* ---
name: payee_other
label: {sv: "Annan betalningsmottagare", en: "Payee is not the supplier"}
words:
  sv: "Fakturan ska betalas till organisationen {payee_org_number}, inte till leverantören."
  en: "The invoice is to be paid to the organisation {payee_org_number}, not to the supplier."
law: "Skuldebrevslagen (1936:81) 29 och 31 §§; KL 10:8"
certainty: doubt
severity: question
clears:
  sv: "Överlåtelsen (factoringavtal, pantsättning), bekräftad av leverantören på ett känt nummer."
  en: "The assignment (factoring, pledge), confirmed by the supplier on a number known before."
innocent:
  sv: "Factoring, koncernkonto eller pantsatta fakturor, som är vanligt och lagligt."
  en: "Factoring, a group account or pledged invoices, which is common and lawful."
valid_from: 2020-01-01
sources: [claim_open, invoice]
needs: [invoice.payee_org_number]
columns:
  payee_org_number: who is to be paid
--- */
select l.line_id, l.amount_ore, i.payee_org_number
from claim_open l
join invoice i on i.invoice_id = l.invoice_id and i.org_number = l.org_number
where i.payee_org_number <> i.org_number
