/* ---
name: duplicate_invoice
label: {sv: "Fakturan har kommit förut", en: "Invoice received before"}
words:
  sv: "En faktura med samma nummer och belopp har kommit förut och är inte krediterad: {invoice_number}, {total_ore}."
  en: "An invoice with the same number and sum came before and is not credited: {invoice_number}, {total_ore}."
law: "KL 10:8; bokföringslagen (1999:1078) 5:6-7"
certainty: doubt
severity: hold
clears:
  sv: "Att den första inte är betald, ur reskontran; annars betalas bara en."
  en: "That the first was not paid, from the ledger; otherwise only one is paid."
innocent:
  sv: "Samma faktura levererad igen eller skickad som påminnelse; numrering som börjat om."
  en: "The same invoice delivered again or sent as a reminder; numbering that began anew."
valid_from: 2020-01-01
sources: [claim_open, invoice_fact]
columns:
  invoice_number: number on the invoice
  total_ore: its total
--- */
select l.line_id, l.amount_ore, i.invoice_number, i.total_ore
from claim_open l
join invoice_fact i on i.invoice_id = l.invoice_id and i.org_number = l.org_number
where i.is_duplicate and not i.is_credit
