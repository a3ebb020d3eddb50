/* ---
name: certifier_concentration
entity: provider
grain: [org_number]
partition_by: org_number
sources: [certifier_share]
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
    evidence: {view: certifier_share, where: subjects > 1, source: certificate_12m}
    legal_basis: SoL 5:2; KL 10:8
    schemes: [S11]
    needs: [certificate.issuer_id]
--- */
-- Minus the logarithm of the binomial probability of at least so many, at the issuer's share elsewhere (half a certificate
-- added on each side, so that an issuer who is new elsewhere is not impossible), less the logarithm of the number of
-- issuers: one of many is bound to look odd. A single certificate is no concentration.
with chances as (
  select
    org_number, subjects as k, provider_subjects as n,
    (issuer_other_subjects + 0.5::double) / (other_subjects + 1) as p
  from certifier_share
  where provider_subjects >= 5 and other_subjects >= 5
),
surprises as (
  select
    org_number,
    case when k < 2 or k <= n * p then 0 else
      greatest(0, -(lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1) + k * ln(p) + (n - k) * ln(1 - p))
      - ln(list_sum([
        exp(lgamma(k + 1) + lgamma(n - k + 1) - lgamma(i + 1) - lgamma(n - i + 1) + (i - k) * (ln(p) - ln(1 - p)))
        for i in range(k, least(n, k + 1000) + 1)
      ])))
    end as surprise
  from chances
)
select org_number, greatest(0, max(surprise) - ln(count(*))) as certifier_concentration
from surprises
group by org_number
