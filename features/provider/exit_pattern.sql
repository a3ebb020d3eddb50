/* ---
name: exit_pattern
entity: provider
grain: [org_number]
partition_by: org_number
sources: [billing_exit]
columns:
  exit_pattern:
    label: {sv: Hastigt fall före avveckling, en: Sudden fall before winding up}
    why:
      sv: "Bolaget har avregistrerats eller försatts i konkurs de senaste tre månaderna, och faktureringen föll så stor del från sin tidigare nivå."
      en: "The company was deregistered or went bankrupt in the last three months, and billing fell by this share from its former level."
    innocent:
      sv: "Ordnad nedläggning, pension, fusion eller verksamhetsövergång som anmälts."
      en: "An orderly closing, retirement, merger or a reported transfer of business."
    check:
      sv: "Se om verksamhetsövergång är anmäld och vart brukare, personal och konto tagit vägen."
      en: "See whether a transfer of business was reported, and where recipients, staff and account went."
    unit: share
    direction: higher
    family: money
    peers: []
    missing:
      sv: Leverantörsregister saknas, eller färre än fyra månader med fakturering det senaste året
      en: No register of providers, or fewer than four months with billing in the last year
    evidence:
      view: billing_exit
      where: is_wound_up
      measure: >-
        greatest(0, 1 - coalesce(sum(billed_ore) filter (is_recent), 0) / 2 / median(billed_ore) filter (not is_recent))
      source: claim_fact_12m
    legal_basis: KL 10:8
    schemes: [S14]
    needs: [provider.deregistered_on]
--- */
-- Nought for a provider that goes on or was merged. A month without billing after the last one counts as nought billed.
with levels as (
  select
    org_number, bool_or(is_wound_up) as is_wound_up, max(months) as months,
    median(billed_ore) filter (not is_recent) as level_ore,
    coalesce(sum(billed_ore) filter (is_recent), 0)::bigint / 2 as recent_ore
  from billing_exit
  group by org_number
)
select
  org_number,
  case when is_wound_up then greatest(0, 1 - recent_ore / level_ore) else 0 end as exit_pattern
from levels
where months >= 4 and level_ore > 0
