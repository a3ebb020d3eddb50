/* ---
name: period_missing
label: {sv: "Period saknas", en: "Period missing"}
words:
  sv: "Fakturan anger ingen period; raden är läst som {period}."
  en: "The invoice gives no period; the line is read as {period}."
law: "Bokföringslagen (1999:1078) 5:7; mervärdesskattelagen (2023:200) 17 kap."
certainty: doubt
severity: note
clears:
  sv: "En rättad faktura, eller besked om perioden."
  en: "A corrected invoice, or which period it is for."
innocent:
  sv: "Perioden står i fritext eller på en bilaga."
  en: "The period stands in free text or in an annex."
valid_from: 2020-01-01
sources: [claim_open, invoice]
needs: [invoice.period_from]
--- */
select l.line_id, l.amount_ore
from claim_open l
join invoice i on i.invoice_id = l.invoice_id and i.org_number = l.org_number
where i.source <> 'reimbursement_run' and i.period_from is null and i.period_to is null
