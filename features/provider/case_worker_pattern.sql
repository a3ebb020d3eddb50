/* ---
name: case_worker_pattern
entity: provider
grain: [org_number]
partition_by: org_number
sources: [case_worker_grant, case_worker_choice]
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
    evidence: {view: case_worker_grant, where: excess > 0, source: care_decision}
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
    evidence: {view: case_worker_choice, where: recipients * other_recipients > other_to_provider * worker_recipients, source: care_decision}
    legal_basis: KL 10:8; SoL 5:2
    schemes: [S19]
    needs: [care_decision.case_worker_id, care_decision.org_number]
--- */
-- Steering: minus the logarithm of the binomial probability of at least so many, at the share that the board's other case
-- workers give the provider (half a person added on each side, so that none by others is not impossible), less the
-- logarithm of the number of case workers: one of many is bound to look odd.
with pairs as (
  select
    org_number, case_worker_id,
    sum(decisions)::bigint as decisions,
    list_sum(list(excess order by board_id, service_code)) as excess,
    list_sum(list(variance order by board_id, service_code)) as variance
  from case_worker_grant
  group by all
),
choices as (
  select
    org_number, recipients as k, worker_recipients as n,
    (other_to_provider + 0.5::double) / (other_recipients + 1) as p
  from case_worker_choice
  where other_recipients >= 10 and worker_recipients >= 5
),
surprises as (
  select
    org_number,
    case when k <= n * p then 0 else
      greatest(0, -(lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1) + k * ln(p) + (n - k) * ln(1 - p))
      - ln(list_sum([
        exp(lgamma(k + 1) + lgamma(n - k + 1) - lgamma(i + 1) - lgamma(n - i + 1) + (i - k) * (ln(p) - ln(1 - p)))
        for i in range(k, least(n, k + 1000) + 1)
      ])))
    end as surprise
  from choices
),
worst_grant as (
  select org_number, max(excess / sqrt(variance)) as grant_inflation
  from pairs where decisions >= 5 and variance > 0
  group by org_number
),
worst_choice as (
  select org_number, greatest(0, max(surprise) - ln(count(*))) as steering from surprises group by org_number
)
select org_number, g.grant_inflation, c.steering
from worst_grant g
full join worst_choice c using (org_number)
