/* ---
name: recipient_is_staff
entity: provider
grain: [org_number]
partition_by: org_number
sources: [recipient_as_staff, recipient_visits]
columns:
  recipient_is_staff:
    label: {sv: Brukare som också är personal, en: Recipients who are also staff}
    why:
      sv: "Andel av utförarens brukare som samma månad är anställda hos, eller gör besök för, den eller en annan utförare."
      en: "Share of the provider's recipients who in the same month are employed by, or make visits for, it or another provider."
    innocent:
      sv: "Person med funktionsnedsättning som arbetar; kortvarigt behov efter sjukdom; anställning som avslutats men inte avförts."
      en: "A person with a disability who works; a short need after illness; a job that ended but is still listed."
    check:
      sv: "Se om personen är registrerad på besök hos andra samtidigt som hon själv fått insatser."
      en: "See whether the person is registered at others' homes at the very time of receiving care."
    unit: share
    direction: higher
    family: recipients
    peers: []
    missing:
      sv: Leverantören har inga besök i uppgifterna
      en: The data hold no visits by the provider
    evidence: {view: recipient_as_staff, where: is_staff, measure: count(*), per: count(*), source: visit_fact}
    legal_basis: KL 10:8; SoL 15:9
    schemes: [S08, S12]
--- */
-- Visits tell who works; without them a provider is not nought but unknown.
with visiting as (
  select distinct org_number from recipient_visits
)
select org_number, count(*) filter (is_staff) / count(*) as recipient_is_staff
from recipient_as_staff
semi join visiting using (org_number)
group by org_number
