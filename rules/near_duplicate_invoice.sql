/* ---
name: near_duplicate_invoice
label: {sv: "Nästan samma faktura", en: "Almost the same invoice"}
words:
  sv: "Fakturan {invoice_number} på {total_ore} ligger inom tio dagar och en halv procent från en annan med ett annat nummer."
  en: "Invoice {invoice_number} of {total_ore} is within ten days and half a per cent of another with another number."
law: "KL 10:8; avtalets faktureringsvillkor"
certainty: doubt
severity: note
clears:
  sv: "Att de två gäller olika personer eller månader."
  en: "That the two are for different people or months."
innocent:
  sv: "Fasta månadsbelopp; två nämnder med lika stora uppdrag."
  en: "Fixed monthly sums; two boards with assignments of the same size."
valid_from: 2020-01-01
sources: [claim_open, invoice_fact]
columns:
  invoice_number: number on the invoice
  total_ore: its total
--- */
select l.line_id, l.amount_ore, i.invoice_number, i.total_ore
from claim_open l
join invoice_fact i on i.invoice_id = l.invoice_id and i.org_number = l.org_number
where i.is_near_duplicate and not i.is_credit
