/* ---
name: payee_change
entity: provider
grain: [org_number]
partition_by: org_number
sources: [invoice_fact]
columns:
  factoring_and_payee_change:
    label: {sv: Betalas till någon annan, en: Paid to somebody else}
    why:
      sv: "Del av månadens belopp som ska betalas till en annan organisation än leverantören."
      en: "Share of the month's sum to be paid to another organisation than the provider."
    innocent:
      sv: "Factoring (fakturaköp), koncernkonto eller pantsatta fakturor, som är vanligt och lagligt."
      en: "Factoring, a group account or pledged invoices, which is common and lawful."
    check:
      sv: "Be om avtalet med betalningsmottagaren och se om det är ett kreditinstitut eller ett närstående bolag."
      en: "Ask for the agreement with the payee and see whether it is a credit institution or a related company."
    unit: share
    direction: higher
    family: money
    peers: []
    missing: {sv: Betalningsmottagare finns inte i uppgifterna, en: The data do not name payees}
    evidence:
      view: invoice_fact
      where: is_payee_other and not is_credit
      measure: sum(total_ore)
      per: sum(total_ore) filter (not is_credit)
    legal_basis: KL 10:8
    schemes: [S16]
    needs: [invoice.payee_org_number]
  account_changed:
    label: {sv: Nytt konto just före utbetalning, en: New account just before a payment}
    why:
      sv: "Del av månadens belopp till ett konto som ersatt ett annat högst 30 dagar före fakturan."
      en: "Share of the month's sum to an account that replaced another at most 30 days before the invoice."
    innocent:
      sv: "Bankbyte, nytt bankgiro efter fusion, skilda konton för olika avdelningar."
      en: "A change of bank, a new bankgiro after a merger, separate accounts for branches."
    check:
      sv: "Ring leverantören på ett tidigare känt nummer och kontrollera kontots ägare hos Bankgirot."
      en: "Call the provider on a number known before, and check the account's owner."
    unit: share
    direction: higher
    family: money
    peers: []
    missing: {sv: Kontonummer finns inte på fakturorna, en: Invoices carry no account numbers}
    evidence:
      view: invoice_fact
      where: is_account_new and not is_credit
      measure: sum(total_ore)
      per: sum(total_ore) filter (not is_credit)
    legal_basis: KL 10:8
    schemes: [S14, S16]
    needs: [invoice.account_number]
--- */
select
  org_number,
  coalesce(sum(total_ore) filter (is_payee_other and not is_credit), 0)::bigint
    / nullif(sum(total_ore) filter (not is_credit), 0)::bigint as factoring_and_payee_change,
  coalesce(sum(total_ore) filter (is_account_new and not is_credit), 0)::bigint
    / nullif(sum(total_ore) filter (not is_credit), 0)::bigint as account_changed
from invoice_fact
group by org_number
