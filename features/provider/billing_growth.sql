/* ---
name: billing_growth
entity: provider
grain: [org_number]
partition_by: org_number
sources: [billing_history]
columns:
  growth_shock:
    label: {sv: Ovanlig ökning mot den egna historien, en: Unusual rise against own history}
    why:
      sv: "Månadens fakturering ligger långt över leverantörens egna tidigare månader, mätt mot hur mycket den brukar variera."
      en: "The month's billing is far above the provider's own earlier months, measured by how much it usually varies."
    innocent:
      sv: "Övertagna brukare efter en annan utförare, nytt avtalsområde, efterfakturering eller ny taxa."
      en: "Recipients taken over from another provider, a new contract area, late billing or a new rate."
    check:
      sv: "Se om antalet brukare, besök och anställda ökat i samma takt."
      en: "See whether recipients, visits and staff have grown at the same pace."
    unit: z
    direction: higher
    family: money
    peers: []
    missing:
      sv: Färre än fyra tidigare månader med fakturering det senaste året
      en: Fewer than four earlier months with billing in the last year
    evidence:
      view: billing_history
      where: bills_now and ago <= 11
      measure: max(billed_ore) filter (ago = 0) - median(billed_ore) filter (ago > 0)
      per: >-
        greatest(
          1.4826 * mad(billed_ore) filter (ago between 1 and 11), 0.1 * median(billed_ore) filter (ago between 1 and 11)
        )
      source: claim_fact_all
    legal_basis: KL 10:8
    schemes: [S12, S14]
  new_and_growing:
    label: {sv: Ny och snabbt växande, en: New and growing fast}
    why:
      sv: "Leverantören har fakturerat i högst ett år och månadens belopp är så här många gånger större än i de första månaderna."
      en: "The provider has billed for a year at most, and the month's sum is this many times that of the first months."
    innocent:
      sv: "Alla nystartade utförare växer; ett uppköpt bolag kan få många brukare på en gång."
      en: "All who start grow; an acquired company may get many recipients at once."
    check:
      sv: "Se varifrån brukarna kom och om personal och ledning har erfarenhet."
      en: "See where the recipients came from and whether staff and management have experience."
    unit: ratio
    direction: higher
    family: money
    peers: [service_code]
    missing:
      sv: Leverantören har fakturerat i mer än ett år, i färre än fyra månader, eller fanns redan när uppgifterna börjar
      en: The provider has billed for over a year, for fewer than four months, or was there when the data begin
    evidence:
      view: billing_history
      where: bills_now and ago = 0
      measure: max(billed_ore)
      per: sum(billed_ore) filter (nth <= 3) / count(*) filter (nth <= 3)
      source: claim_fact_all
    legal_basis: KL 10:8
    schemes: [S12, S14]
  small_then_large:
    label: {sv: "Först litet, sedan stort", en: "Small first, then large"}
    why:
      sv: "Medel av de tre senaste månaderna mot de tre första: ett sätt att få förtroende innan de stora beloppen kommer."
      en: "Mean of the last three months over the first three: a way to win trust before the large sums come."
    innocent:
      sv: "Vanlig uppbyggnad av en verksamhet över flera år."
      en: "Ordinary growth over several years."
    check:
      sv: "Jämför med antalet brukare och beviljade timmar i början och nu."
      en: "Compare with recipients and granted hours at the start and now."
    unit: ratio
    direction: higher
    family: money
    peers: [service_code]
    missing:
      sv: Färre än sex månader med fakturering
      en: Fewer than six months with billing
    evidence:
      view: billing_history
      where: bills_now and ago <= 2
      measure: sum(billed_ore) / count(*)
      per: sum(billed_ore) filter (nth <= 3) / count(*) filter (nth <= 3)
      source: claim_fact_all
    legal_basis: KL 10:8
    schemes: [S14]
--- */
-- The spread is 1.4826 times the median absolute deviation, but at least a tenth of the median: a flat history would make
-- every change a shock.
with own as (
  select
    org_number,
    max(billed_ore) filter (ago = 0) as now_ore,
    count(*) filter (ago between 1 and 11) as earlier,
    median(billed_ore) filter (ago between 1 and 11) as centre,
    mad(billed_ore) filter (ago between 1 and 11) as spread,
    sum(billed_ore) filter (ago <= 2)::bigint / count(*) filter (ago <= 2) as late_mean,
    sum(billed_ore) filter (nth <= 3)::bigint / count(*) filter (nth <= 3) as early_mean,
    max(months) as months,
    max(age) as age,
    bool_or(is_seen_from_start) as is_seen_from_start
  from billing_history
  where bills_now
  group by org_number
)
select
  org_number,
  case when earlier >= 4 then (now_ore - centre) / greatest(1.4826 * spread, 0.1 * centre) end as growth_shock,
  case when is_seen_from_start and age <= 11 and months >= 4 then now_ore / early_mean end as new_and_growing,
  case when months >= 6 then late_mean / early_mean end as small_then_large
from own
