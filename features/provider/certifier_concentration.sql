/* ---
name: certifier_concentration
entity: provider
grain: [org_number]
partition_by: org_number
sources: [certifier_surprise]
columns:
  certifier_concentration:
    label: {sv: En intygsgivare bakom många beslut, en: One issuer behind many grants}
    why:
      sv: "Hur osannolikt det är att en och samma person utfärdat så många av brukarnas läkarintyg, jämfört med vad den skriver åt andra utförares brukare; tio betyder 1 på 22 000."
      en: "How improbable it is that one person issued so many of the recipients' medical certificates, given what it writes for other providers' recipients; ten means 1 in 22 000."
    innocent:
      sv: "En vårdcentral eller specialist i närområdet som de flesta brukare hör till."
      en: "A nearby health centre or specialist that most of the recipients belong to."
    check:
      sv: "Jämför intygens text och datum, och låt en annan läkare bedöma ett urval."
      en: "Compare the certificates' wording and dates, and let another doctor assess a sample."
    unit: nats
    direction: higher
    family: company
    peers: []
    missing:
      sv: Läkarintyg med utfärdare saknas, eller färre än fem brukare med intyg
      en: No medical certificates with an issuer, or fewer than five recipients with one
    evidence:
      view: certifier_surprise
      where: is_largest and subjects > 1
      measure: >-
        greatest(0, binomial_surprise(max(subjects), max(provider_subjects), max(usual)) - ln(max(issuers)))
      source: certificate_12m
      source_where: kind = 'medical'
    legal_basis: SoL 5:2; KL 10:8
    schemes: [S11]
    needs: [certificate.issuer_id]
--- */
-- The surprise at the most surprising issuer, less the logarithm of the number of issuers: one of many is bound to look odd.
select org_number, greatest(0, max(surprise) - ln(max(issuers))) as certifier_concentration
from certifier_surprise
group by org_number
