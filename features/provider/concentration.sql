/* ---
name: concentration
entity: provider
grain: [org_number]
partition_by: org_number
sources: [recipient_amount]
common:
  direction: higher
  family: money
  peers: [service_code, size_class]
  missing: {sv: Färre än tio brukare på fakturaraderna, en: Fewer than ten recipients on the claim lines}
  legal_basis: KL 10:8
  schemes: [S12]
  needs: [claim_line.recipient_id]
columns:
  concentration:
    label: {sv: Andel av beloppet på de tio procent dyraste brukarna, en: Share of the sum on the tenth of recipients that cost most}
    why:
      sv: "Faktureringen är samlad på några få brukare, mer än hos jämförbara utförare."
      en: "Billing is gathered on a few recipients, more than at comparable providers."
    innocent:
      sv: "Utförare som tar emot brukare med mycket stora behov."
      en: "Providers that take recipients with very large needs."
    check:
      sv: "Se om de stora besluten är nya, och om de har något gemensamt (intyg, handläggare, adress)."
      en: "See whether the large decisions are new, and what they have in common (certificate, case worker, address)."
    unit: share
    evidence:
      view: recipient_amount
      where: is_top
      measure: sum(amount_ore)
      per: sum(amount_ore)
      source: claim_fact
  concentration_hhi:
    label: {sv: Hur få brukare beloppet vilar på, en: How few recipients the sum rests on}
    why:
      sv: "Summan av brukarnas kvadrerade andelar gånger antalet brukare: ett när alla kostar lika, högre när några dominerar."
      en: "The sum of the recipients' squared shares times their number: one when all cost the same, higher when some dominate."
    innocent:
      sv: "Blandning av brukare med små och mycket stora behov."
      en: "A mix of recipients with small and very large needs."
    check:
      sv: "Jämför de dyraste brukarnas fakturerade tid med besluten och besöksloggen."
      en: "Compare the time billed for the dearest recipients with decisions and visit log."
    unit: ratio
    evidence:
      view: recipient_amount
      where: amount_ore > 0
      measure: (sum(amount_ore::hugeint * amount_ore) * count(*))::double
      per: (sum(amount_ore) * sum(amount_ore))::double
      source: claim_fact
--- */
select
  org_number,
  sum(amount_ore) filter (is_top)::bigint / sum(amount_ore)::bigint as concentration,
  (sum(amount_ore::hugeint * amount_ore) * count(*))::double / (sum(amount_ore) * sum(amount_ore))::double as concentration_hhi
from recipient_amount
group by org_number
having count(*) >= 10
