/* ---
name: case_worker_pattern
entity: provider
grain: [org_number]
partition_by: org_number
sources: [case_worker_size, case_worker_surprise]
columns:
  grant_inflation:
    label: {sv: Större beslut än väntat, en: Larger grants than expected}
    why:
      sv: "Hos den handläggare där det är mest: hur långt årets beslut till utförarens brukare ligger över nämndens beslut för samma insats hos andra, i standardavvikelser (över tre är mer än slump)."
      en: "With the case worker where it is highest: how far the year's grants to the provider's recipients are above the board's for the same service elsewhere, in standard deviations (above three is more than chance)."
    innocent:
      sv: "Handläggaren har en grupp med stora behov, och utföraren är inriktad på den."
      en: "The case worker has a group with large needs, and the provider specialises in it."
    check:
      sv: "Låt en annan handläggare ompröva ett urval av besluten utan att se utföraren."
      en: "Let another case worker review a sample of the decisions without seeing the provider."
    unit: z
    direction: higher
    family: recipients
    peers: [service_code]
    missing:
      sv: Beslut saknar handläggare eller utförare, eller färre än fem beslut av samma handläggare, eller tjugo av andra att jämföra med
      en: Decisions lack case worker or provider, or fewer than five decisions by one case worker or twenty by others to compare with
    evidence:
      view: case_worker_size
      where: is_largest
      measure: max(excess)
      per: sqrt(max(variance) filter (is_largest))
      source: care_decision
    legal_basis: KL 10:8; SoL 5:2
    schemes: [S11, S19]
    needs: [care_decision.case_worker_id, care_decision.org_number]
  steering:
    label: {sv: En handläggares brukare går till utföraren, en: One case worker's recipients go to the provider}
    why:
      sv: "Hur osannolikt det är att så många av en handläggares brukare under året gått till utföraren, om valet följt nämndens övriga; tio betyder 1 på 22 000."
      en: "How improbable it is that so many of one case worker's recipients this year went to the provider, had they followed the board's others; ten means 1 in 22 000."
    innocent:
      sv: "Handläggaren arbetar i ett område där utföraren är störst; brukare väljer som sina grannar."
      en: "The case worker covers an area where the provider is largest; recipients choose as their neighbours do."
    check:
      sv: "Jämför med handläggare i samma område och fråga ett urval brukare hur valet gick till."
      en: "Compare with case workers in the same area and ask a sample of recipients how they chose."
    unit: nats
    direction: higher
    family: recipients
    peers: []
    missing:
      sv: Beslut saknar handläggare eller utförare, eller för få beslut av andra att jämföra med
      en: Decisions lack case worker or provider, or too few decisions by others to compare with
    evidence:
      view: case_worker_surprise
      where: is_largest
      measure: >-
        greatest(0, binomial_surprise(max(recipients), max(worker_recipients), max(usual)) - ln(max(case_workers)))
      source: care_decision
    legal_basis: KL 10:8; SoL 5:2
    schemes: [S19]
    needs: [care_decision.case_worker_id, care_decision.org_number]
--- */
-- Steering: the surprise at the most surprising case worker, less the logarithm of the number of case workers: one of many
-- is bound to look odd.
with granted as (
  select org_number, max(excess / sqrt(variance)) filter (is_largest) as grant_inflation
  from case_worker_size
  group by org_number
),
chosen as (
  select org_number, greatest(0, max(surprise) filter (is_largest) - ln(max(case_workers))) as steering
  from case_worker_surprise
  group by org_number
)
select org_number, g.grant_inflation, c.steering
from granted g
full join chosen c using (org_number)
where g.grant_inflation is not null or c.steering is not null
