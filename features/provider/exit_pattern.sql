/* ---
name: exit_pattern
entity: provider
grain: [org_number]
partition_by: org_number
sources: [billed_month_12m, provider]
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
    evidence: {view: claim_fact, where: "true"}
    legal_basis: KL 10:8
    schemes: [S14]
    needs: [provider.deregistered_on]
--- */
-- Nought for a provider that goes on, or was merged (Bolagsverket's codes FU..). A month without billing after the last one counts as nought billed.
with levels as (
  select
    b.org_number,
    count(*) as months,
    median(b.billed_ore) filter (date_diff('month', b.delivery_month, r.month) >= 2) as level_ore,
    coalesce(sum(b.billed_ore) filter (date_diff('month', b.delivery_month, r.month) < 2), 0)::bigint / 2 as recent_ore
  from billed_month_12m b
  cross join run_month r
  where b.billed_ore > 0
  group by b.org_number
)
select
  l.org_number,
  case
    when p.deregistered_on >= r.first - interval 2 month and p.deregistered_on < r.next_month
      and not regexp_matches(lower(coalesce(p.deregistration_reason, '')), '^fu|fusion|merge')
      then greatest(0, 1 - l.recent_ore / l.level_ore)
    else 0
  end as exit_pattern
from levels l
join provider p using (org_number)
cross join run_month r
where l.months >= 4 and l.level_ore > 0
