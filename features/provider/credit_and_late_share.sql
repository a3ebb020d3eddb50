/* ---
name: credit_and_late_share
entity: provider
grain: [org_number]
partition_by: org_number
sources: [billed_month_3m]
columns:
  credit_and_late_share:
    label: {sv: Krediteringar och sena rader, en: Credits and late lines}
    why:
      sv: "Krediterat belopp och rader för perioder som är minst två månader gamla, som andel av allt fakturerat de tre senaste månaderna."
      en: "Credits, and lines for periods at least two months old, as a share of all that was billed in the last three months."
    innocent:
      sv: "Ordning och reda: fel rättas. Sena beslut, byte av system eller en tvist som lösts."
      en: "Good order: errors are put right. Late decisions, a change of system or a dispute settled."
    check:
      sv: "Läs skälen till kreditnotorna och se om rättade rader kommer tillbaka på andra brukare."
      en: "Read the reasons on the credit notes and see whether corrected lines come back on other recipients."
    unit: share
    direction: higher
    family: money
    peers: [service_code, size_class]
    missing: {sv: Inget fakturerat de tre senaste månaderna, en: Nothing billed in the last three months}
    evidence:
      view: claim_fact_3m
      where: is_credit or months_late >= 2
      measure: sum(abs(amount_ore))
      per: sum(amount_ore) filter (not is_credit)
    legal_basis: KL 10:8
    schemes: [S17]
--- */
select
  org_number,
  sum(credit_ore + late_ore)::bigint / nullif(sum(gross_ore), 0)::bigint as credit_and_late_share
from billed_month_3m
group by org_number
