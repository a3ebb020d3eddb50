/* ---
name: certificate_reuse
entity: provider
grain: [org_number]
partition_by: org_number
sources: [certificate_use]
columns:
  certificate_reuse:
    label: {sv: Samma intyg för flera anställda, en: One certificate for several workers}
    why:
      sv: "Andel av de anställda med intyg vars intygsnummer eller dokument också används för någon annan."
      en: "Share of the workers with certificates whose certificate number or document is used for somebody else too."
    innocent:
      sv: "Kursnummer i stället för personligt intygsnummer; ett gemensamt intyg för en hel kurs."
      en: "A course number instead of a personal one; one certificate for a whole course."
    check:
      sv: "Begär intygen i original och fråga utfärdaren vem de avser."
      en: "Ask for the original certificates, and ask the issuer whom they are for."
    unit: share
    direction: higher
    family: company
    peers: []
    missing: {sv: Personalens intyg finns inte i uppgifterna, en: The data hold no certificates of staff}
    evidence: {view: certificate_use, where: is_shared, measure: count(*), per: count(*), source: staff}
    legal_basis: SoL 15:9; KL 10:8
    schemes: [S18]
    needs: [staff.certificate_id]
--- */
select org_number, count(*) filter (is_shared) / count(*) as certificate_reuse
from certificate_use
group by org_number
