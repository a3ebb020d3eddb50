/* ---
name: reference_missing
label: {sv: "Referens saknas", en: "Reference missing"}
words:
  sv: "Fakturan saknar avtal eller nämnd som referens."
  en: "The invoice does not name its contract or board."
law: "Bokföringslagen (1999:1078) 5:7; avtalets faktureringsvillkor"
certainty: doubt
severity: note
clears:
  sv: "En rättad faktura, eller beställarens besked om avtal och nämnd."
  en: "A corrected invoice, or the buyer's word on contract and board."
innocent:
  sv: "Referensen står i ett annat fält; leverantören har bara ett avtal."
  en: "The reference stands in another field; the provider has only one contract."
valid_from: 2020-01-01
sources: [claim_open, invoice]
needs: [invoice.contract_id, invoice.board_id]
--- */
select l.line_id, l.amount_ore
from claim_open l
join invoice i on i.invoice_id = l.invoice_id and i.org_number = l.org_number
where i.source <> 'reimbursement_run' and (i.contract_id is null or i.board_id is null)
