/* ---
name: account_unregistered
label: {sv: "Kontot inte leverantörens registrerade", en: "Account not registered for the supplier"}
words:
  sv: "Kontot på fakturan finns inte bland leverantörens registrerade konton."
  en: "The account on the invoice is not among the supplier's registered ones."
law: "KL 10:8; kommunens rutin för ändrade betalningsuppgifter"
certainty: doubt
severity: question
clears:
  sv: "Registrering av kontot efter att ägaren kontrollerats hos banken."
  en: "Registration of the account once its owner has been checked with the bank."
innocent:
  sv: "Nytt konto som inte förts in; factoringbolagets konto; kontot skrivet på ett annat sätt."
  en: "A new account not entered; a factoring company's account; the account written in another way."
valid_from: 2020-01-01
sources: [claim_open, invoice, payment_account]
needs: [invoice.account_number]
--- */
-- Silent where another payee is named (payee_other asks) and for suppliers with no registered account at all.
with known as (select distinct org_number from payment_account)
select l.line_id, l.amount_ore
from claim_open l
join invoice i on i.invoice_id = l.invoice_id and i.org_number = l.org_number
join known k on k.org_number = i.org_number
anti join payment_account a on a.org_number = i.org_number and a.account_number = i.account_number
where i.account_number is not null and coalesce(i.payee_org_number = i.org_number, true)
