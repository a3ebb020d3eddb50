/* ---
name: deviations
entity: provider
grain: [org_number]
partition_by: org_number
sources: [deviation_12m, provider_spine_12m]
common:
  unit: count_per_1000_h
  direction: higher
  family: follow_up
  peers: [service_code, size_class]
  missing: {sv: Avvikelser eller utförda timmar saknas, en: Deviations or performed hours are missing}
  legal_basis: KL 10:8; SoL 27 kap
columns:
  deviation_rate:
    label: {sv: Avvikelser, en: Deviations}
    why:
      sv: "Antal avvikelser av alla slag utom otillåten påverkan de senaste tolv leveranserna, per 1 000 utförda timmar."
      en: "Deviations of every kind but undue influence in the last twelve deliveries, per 1 000 hours performed."
    innocent:
      sv: "En god rapporteringskultur ger fler avvikelser; svårare uppdrag."
      en: "A good culture of reporting gives more deviations; harder commissions."
    check:
      sv: "Läs avvikelserna efter slag och allvar, och se om de rör samma sak."
      en: "Read the deviations by kind and severity, and see whether they concern the same thing."
    evidence:
      view: deviation_12m
      where: "kind <> 'undue_influence'"
      measure: count(*)
      of: provider_spine_12m
      per: sum(performed_minutes)
      scale: 60000
  deviation_rate_complaint:
    label: {sv: Klagomål, en: Complaints}
    why:
      sv: "Antal klagomål de senaste tolv leveranserna, per 1 000 utförda timmar."
      en: "Complaints in the last twelve deliveries, per 1 000 hours performed."
    innocent:
      sv: "En brukare eller anhörig som klagar ofta; utföraren uppmuntrar till synpunkter."
      en: "One recipient or relative who complains often; the provider encourages views."
    check:
      sv: "Se hur många olika brukare klagomålen kommer från."
      en: "See how many recipients the complaints come from."
    evidence:
      view: deviation_12m
      where: "kind = 'complaint'"
      measure: count(*)
      of: provider_spine_12m
      per: sum(performed_minutes)
      scale: 60000
  deviation_rate_tip_off:
    label: {sv: Tips, en: Tip-offs}
    why:
      sv: "Antal tips till kommunen de senaste tolv leveranserna, per 1 000 utförda timmar."
      en: "Tip-offs to the city in the last twelve deliveries, per 1 000 hours performed."
    innocent:
      sv: "Tips kan vara ogrundade eller komma från en konkurrent eller en uppsagd medarbetare."
      en: "Tip-offs may be unfounded or come from a competitor or a dismissed worker."
    check:
      sv: "Bedöm vad tipsen säger som går att kontrollera, och om andra indikatorer visar samma sak."
      en: "Judge what in them can be checked, and whether other indicators show the same."
    evidence:
      view: deviation_12m
      where: "kind = 'tip_off'"
      measure: count(*)
      of: provider_spine_12m
      per: sum(performed_minutes)
      scale: 60000
  deviation_rate_serious:
    label: {sv: Lex Sarah och beslut från IVO, en: Lex Sarah reports and decisions of the inspectorate}
    why:
      sv: "Antal rapporter enligt lex Sarah och beslut från IVO de senaste tolv leveranserna, per 1 000 utförda timmar."
      en: "Lex Sarah reports and decisions of the inspectorate in the last twelve deliveries, per 1 000 hours performed."
    innocent:
      sv: "Rapporten kan gälla något som utföraren själv upptäckt och rättat till."
      en: "The report may concern what the provider itself found and put right."
    check:
      sv: "Läs rapporterna och besluten."
      en: "Read the reports and decisions."
    evidence:
      view: deviation_12m
      where: "kind in ('lex_sarah', 'ivo_decision')"
      measure: count(*)
      of: provider_spine_12m
      per: sum(performed_minutes)
      scale: 60000
  undue_influence_reports:
    label: {sv: Rapporter om otillåten påverkan, en: Reports of undue influence}
    why:
      sv: "Antal rapporter om påtryckningar mot handläggare eller personal de senaste tolv leveranserna."
      en: "Reports of pressure on case workers or staff in the last twelve deliveries."
    innocent:
      sv: "Missförstånd i en upprörd situation; en konflikt mellan två personer."
      en: "Misunderstanding in an upset situation; a conflict between two persons."
    check:
      sv: "Hanteras av särskilt utsedd controller enligt kommunens rutin för otillåten påverkan."
      en: "Handled by the designated controller under the city's routine for undue influence."
    unit: count
    peers: []
    missing: {sv: Avvikelser saknas, en: Deviations are missing}
    evidence: {view: deviation_12m, where: kind = 'undue_influence', measure: count(*)}
    legal_basis: KL 10:8
    schemes: [S19]
    restricted: true
--- */
with performed as (
  select org_number, sum(performed_minutes)::bigint as minutes from provider_spine_12m group by org_number
),
reported as (
  select
    org_number,
    count(*) filter (kind <> 'undue_influence') as every_kind,
    count(*) filter (kind = 'complaint') as complaints,
    count(*) filter (kind = 'tip_off') as tip_offs,
    count(*) filter (kind in ('lex_sarah', 'ivo_decision')) as serious,
    count(*) filter (kind = 'undue_influence') as influence
  from deviation_12m
  group by org_number
)
select
  p.org_number,
  coalesce(d.every_kind, 0) * 60000 / nullif(p.minutes, 0) as deviation_rate,
  coalesce(d.complaints, 0) * 60000 / nullif(p.minutes, 0) as deviation_rate_complaint,
  coalesce(d.tip_offs, 0) * 60000 / nullif(p.minutes, 0) as deviation_rate_tip_off,
  coalesce(d.serious, 0) * 60000 / nullif(p.minutes, 0) as deviation_rate_serious,
  coalesce(d.influence, 0) as undue_influence_reports
from performed p left join reported d using (org_number)
