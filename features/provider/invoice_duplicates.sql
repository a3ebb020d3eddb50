/* ---
name: invoice_duplicates
entity: provider
grain: [org_number]
partition_by: org_number
sources: [invoice_fact]
common:
  unit: share
  direction: higher
  family: money
  peers: []
  legal_basis: KL 10:8
columns:
  duplicate_invoices:
    label: {sv: Samma faktura igen, en: The same invoice again}
    why:
      sv: "Andel fakturor med samma nummer och belopp som en tidigare faktura från leverantören som inte krediterats."
      en: "Share of invoices with the number and amount of an earlier invoice by the provider that was not credited."
    innocent:
      sv: "Delbetalning bokförd som två rader; fakturan inläst både som fil och från reskontran; påminnelse som registrerats som faktura."
      en: "An instalment booked twice; the invoice read both as a file and from the ledger; a reminder registered as an invoice."
    check:
      sv: "Se i reskontran om båda posterna betalats ut och mot vilken verifikation."
      en: "See in the ledger whether both items were paid, and against which voucher."
    missing: {sv: Fakturor saknas, en: There are no invoices}
    evidence: {view: invoice_fact, where: is_duplicate, measure: count(*), per: count(*)}
    schemes: [S17]
  near_duplicate_invoices:
    label: {sv: Nästan lika fakturor, en: Nearly equal invoices}
    why:
      sv: "Andel fakturor som inom tio dagar och en halv procents belopp liknar en tidigare med annat nummer, för samma eller ingen angiven period."
      en: "Share of invoices within ten days and half a per cent of an earlier one with another number, for the same or no stated period."
    innocent:
      sv: "Två nämnder som köper lika mycket; fasta avgifter; en rättad faktura vars kreditnota saknar hänvisning."
      en: "Two boards buying the same amount; fixed fees; a corrected invoice whose credit note lacks a reference."
    check:
      sv: "Jämför fakturornas rader: samma brukare, dagar eller beställning är dubbel fakturering."
      en: "Compare the invoices' lines: the same recipients, days or order mean double billing."
    missing: {sv: Fakturor utöver ersättningskörningen saknas, en: There are no invoices beside the reimbursement run}
    evidence:
      view: invoice_fact
      where: is_near_duplicate
      measure: count(*)
      per: count(*) filter (source <> 'reimbursement_run' and not is_credit)
    schemes: [S17]
  invoice_number_reuse:
    label: {sv: Fakturanummer använt igen, en: Invoice number used again}
    why:
      sv: "Andel fakturor vars nummer leverantören redan använt för ett annat belopp; numret ska vara unikt."
      en: "Share of invoices whose number the provider has used before for another amount; a number should be unique."
    innocent:
      sv: "Ny nummerserie vid årsskifte eller systembyte; delfakturor under samma nummer; kundnummer i fel fält."
      en: "A new number series at new year or with a new system; part invoices under one number; a customer number in the wrong field."
    check:
      sv: "Begär leverantörens fakturajournal för numret."
      en: "Ask for the provider's invoice journal for the number."
    missing: {sv: Fakturor utöver ersättningskörningen saknas, en: There are no invoices beside the reimbursement run}
    evidence:
      view: invoice_fact
      where: is_number_reused
      measure: count(*)
      per: count(*) filter (source <> 'reimbursement_run' and not is_credit)
    schemes: [S16, S17]
--- */
with counted as (
  select
    org_number,
    count(*) as invoices,
    count(*) filter (source <> 'reimbursement_run' and not is_credit) as own_invoices,
    count(*) filter (is_duplicate) as duplicates,
    count(*) filter (is_near_duplicate) as near_duplicates,
    count(*) filter (is_number_reused) as reused
  from invoice_fact
  group by org_number
)
select
  org_number,
  duplicates / invoices as duplicate_invoices,
  near_duplicates / nullif(own_invoices, 0) as near_duplicate_invoices,
  reused / nullif(own_invoices, 0) as invoice_number_reuse
from counted
