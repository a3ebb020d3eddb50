/* ---
name: circular_payments
entity: provider
grain: [org_number]
partition_by: org_number
sources: [payment_cycle]
columns:
  circular_payments:
    label: {sv: Betalningar som går runt, en: Payments that go round}
    why:
      sv: "Andel av tolv månaders fakturor som betalas till ett annat bolag, vars egna fordringar i ett till tre led leder tillbaka till leverantören. Pengar som går runt kan dölja vem som till sist får dem, och löner som aldrig redovisas."
      en: "Share of twelve months' invoices that is paid to another company whose own claims lead back to the provider in one to three steps. Money that goes round can hide who has it in the end, and wages that are never reported."
    innocent:
      sv: "Bolag med gemensam ägare som ännu inte är registrerade som koncern; utförare som är underleverantörer åt varandra; avräkning mellan parter med fordringar åt båda håll."
      en: "Companies of one owner that are not yet registered as a group; providers that are each other's subcontractors; set-off between parties with claims both ways."
    check:
      sv: "Be om avtalet mellan bolagen och om vad betalningarna avser. Se i Bolagsverkets register om de är en koncern."
      en: "Ask for the agreement between the companies and what the payments are for. See in the company register whether they are a group."
    unit: share
    direction: higher
    family: relations
    peers: []
    missing: {sv: Fakturorna anger varken betalningsmottagare eller konto, en: The invoices name neither payee nor account}
    evidence:
      view: payment_cycle
      where: steps is not null
      measure: sum(amount_ore)
      per: sum(amount_ore)
      source: invoice_payee_12m
    legal_basis: KL 10:8
    schemes: [S16]
--- */
select org_number, coalesce(sum(amount_ore) filter (steps is not null), 0)::bigint / sum(amount_ore)::bigint as circular_payments
from payment_cycle
group by org_number
