/* ---
name: invalid_identifiers
entity: provider
grain: [org_number]
partition_by: org_number
sources: [claim_identity]
columns:
  invalid_identifiers:
    label: {sv: Okända eller saknade identiteter, en: Unknown or missing identities}
    why:
      sv: "Del av beloppet på tidsrader som saknar brukare, eller vars brukare inte finns i folkbokföringen; ogiltiga nummer hamnar här."
      en: "Share of the sum on lines billed by time that name no recipient, or one not in the population register; invalid numbers end up here."
    innocent:
      sv: "Samlingsfakturor utan brukare enligt avtal; nyinflyttade; skrivfel; personer med reservnummer."
      en: "Collective invoices without recipients under the contract; newcomers; typing errors; persons with a reserve number."
    check:
      sv: "Begär brukarlista för de raderna och stäm av mot besluten."
      en: "Ask for the list of recipients behind those lines and compare with the decisions."
    unit: share
    direction: higher
    family: money
    peers: []
    missing:
      sv: Folkbokföringsuppgifter eller fakturarader med brukare saknas
      en: No population register, or no claim lines that name recipients
    evidence:
      view: claim_identity
      where: not is_known
      measure: sum(amount_ore)
      per: sum(amount_ore)
    legal_basis: KL 10:8; lag (2001:182)
    schemes: [S12, S20]
    needs: [claim_line.recipient_id]
--- */
select
  org_number,
  coalesce(sum(amount_ore) filter (not is_known), 0)::bigint / nullif(sum(amount_ore), 0)::bigint as invalid_identifiers
from claim_identity
group by org_number
