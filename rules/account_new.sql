/* ---
name: account_new
label: {sv: "Nytt konto", en: "New account"}
words:
  sv: "Pengarna ska till ett konto som ersatte ett annat högst 30 dagar före fakturan."
  en: "The money is to go to an account that replaced another at most 30 days before the invoice."
law: "KL 10:8; kommunens rutin för ändrade betalningsuppgifter"
certainty: doubt
severity: question
clears:
  sv: "Leverantörens bekräftelse på ett tidigare känt nummer, och kontots ägare hos banken."
  en: "The supplier's confirmation on a number known before, and the account's owner from the bank."
innocent:
  sv: "Bankbyte, nytt bankgiro efter fusion, skilda konton för avdelningar."
  en: "A change of bank, a new bankgiro after a merger, separate accounts for branches."
valid_from: 2020-01-01
sources: [claim_open, invoice_fact]
needs: [invoice.account_number]
--- */
select l.line_id, l.amount_ore
from claim_open l
join invoice_fact i on i.invoice_id = l.invoice_id and i.org_number = l.org_number
where i.is_account_new and not i.is_credit
