/* ---
name: duplicate_claims
entity: provider
grain: [org_number]
partition_by: org_number
sources: [claim_duplicate]
columns:
  duplicate_claims:
    label: {sv: Samma ersättning begärd igen, en: The same claim made again}
    why:
      sv: "Del av beloppet på rader som avser samma brukare, insats, period och (inom två procent) mängd som en tidigare rad som inte krediterats."
      en: "Share of the amount on lines for the same recipient, service, period and (within two per cent) quantity as an earlier line that was not credited."
    innocent:
      sv: "Två lika långa besök på var sin rad; en kreditnota som kommer senare; samma fil skickad två gånger."
      en: "Two visits of equal length on a line each; a credit note still to come; one file sent twice."
    check:
      sv: "Räkna besöken för brukaren i perioden: räcker de till båda raderna? Fråga om en kreditnota är på väg."
      en: "Count the recipient's visits in the period: are they enough for both lines? Ask whether a credit note is on its way."
    unit: share
    direction: higher
    family: money
    peers: []
    missing:
      sv: Fakturarader med brukare saknas
      en: No claim lines that name a recipient
    evidence:
      view: claim_duplicate
      where: is_duplicate
      measure: sum(amount_ore)
      per: sum(amount_ore)
    legal_basis: KL 10:8
    schemes: [S17]
    needs: [claim_line.recipient_id]
--- */
select
  org_number,
  coalesce(sum(amount_ore) filter (is_duplicate), 0)::bigint / nullif(sum(amount_ore), 0)::bigint as duplicate_claims
from claim_duplicate
group by org_number
