/* ---
name: multi_provider_periods
entity: provider
grain: [org_number]
partition_by: org_number
sources: [recipient_shared_period]
columns:
  multi_provider_periods:
    label: {sv: Samma behov fakturerat av flera utförare, en: The same need billed by several providers}
    why:
      sv: "Andel av brukarnas månader där en annan utförare fått betalt för samma insats hos samma person i samma månad."
      en: "Share of the recipients' months in which another provider was paid for the same service for the same person."
    innocent:
      sv: "Byte av utförare under månaden, eller delade beslut mellan två utförare."
      en: "A change of provider within the month, or a decision shared by two providers."
    check:
      sv: "Se när brukaren bytte utförare och om bådas besök ligger på skilda dagar."
      en: "See when the recipient changed provider and whether their visits fall on different days."
    unit: share
    direction: higher
    family: recipients
    peers: [service_code]
    missing: {sv: Fakturarader per brukare saknas, en: No claim lines by recipient}
    evidence: {view: recipient_shared_period, where: is_shared, measure: count(*), per: count(*), source: claim_fact_3m}
    legal_basis: KL 10:8; SoL 15:9
    schemes: [S17]
    needs: [claim_line.recipient_id]
--- */
select org_number, count(*) filter (is_shared) / count(*) as multi_provider_periods
from recipient_shared_period
group by org_number
