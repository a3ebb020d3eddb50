/* ---
name: unperformed
entity: provider
grain: [org_number]
partition_by: org_number
sources: [visit_fact, micro_visit, recipient_billing]
columns:
  micro_visits:
    label: {sv: Minutbesök som ersätts som halvtimmar, en: Minute visits paid as half hours}
    why:
      sv: "Besök på under 8 minuter hos brukare där det ersätts så mycket mer än utfört att besöket betalas som minst en halvtimme."
      en: "Visits under 8 minutes to recipients for whom so much more than was performed is billed that the visit is paid as half an hour or more."
    innocent:
      sv: "Ersättning per besök enligt avtalet; utstämpling för tidigt av misstag; besök som levereras sent."
      en: "Payment by visit under the contract; checking out too early by mistake; visits that are delivered late."
    check:
      sv: "Se om avtalet ersätter tid eller besök, och jämför ersättningsraden med besöken."
      en: "See whether the contract pays by time or by visit, and compare the claim line with the visits."
    unit: share
    direction: higher
    family: visits
    peers: [service_code, size_class, visit_system]
    missing: {sv: Besök eller fakturarader per brukare saknas, en: No visits or no claim lines by recipient}
    evidence:
      view: micro_visit
      where: is_micro_billed
      measure: count(*)
      of: visit_fact
      per: count(*) filter (is_billable and deviation_code is null)
    legal_basis: KL 10:8; SoL 15:9
    schemes: [S01, S07]
    needs: [claim_line.recipient_id]
  unreceipted_billing:
    label: {sv: Ersatt tid utan något besök, en: Billed time without any visit}
    why:
      sv: "Tid ersätts för brukare och insatser där inget besök alls är registrerat den månaden."
      en: "Time is billed for recipients and services without a single visit registered that month."
    innocent:
      sv: "Besök registrerade under en annan insatskod; besök som levereras sent; insatser som inte registreras som besök."
      en: "Visits registered under another service code; visits delivered late; services that are not registered as visits."
    check:
      sv: "Se om brukaren har besök under en annan kod, och begär utförandejournal för de rader som saknar besök."
      en: "See whether the recipient has visits under another code, and ask for the care notes of lines without visits."
    unit: minutes_per_1000_h
    direction: higher
    family: visits
    peers: [service_code, size_class]
    missing: {sv: Besök eller fakturarader per brukare saknas, en: No visits or no claim lines by recipient}
    evidence:
      view: recipient_billing
      where: performed_minutes = 0 and overbilled_minutes > 0
      measure: sum(overbilled_minutes)
      per: sum(greatest(billed_minutes, 0))
      scale: 60000
      source: claim_fact
    legal_basis: KL 10:8; SoL 15:9
    schemes: [S01]
    needs: [claim_line.recipient_id]
    contradiction: true
--- */
with billed as (
  select
    org_number,
    sum(overbilled_minutes) filter (performed_minutes = 0)::bigint as unseen,
    sum(greatest(billed_minutes, 0))::bigint as billed
  from recipient_billing
  group by org_number
),
short as (
  select org_number, count(*) as visits from micro_visit where is_micro_billed group by org_number
),
visited as (
  select org_number, count(*) as visits
  from visit_fact
  where is_billable and deviation_code is null
  group by org_number
)
select
  b.org_number,
  coalesce(s.visits, 0) / v.visits as micro_visits,
  coalesce(b.unseen, 0) * 60000 / nullif(b.billed, 0) as unreceipted_billing
from billed b
left join short s using (org_number)
left join visited v using (org_number)
