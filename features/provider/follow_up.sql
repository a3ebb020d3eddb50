/* ---
name: follow_up
entity: provider
grain: [org_number]
partition_by: org_number
sources: [follow_up_fact, follow_up_month, contract, provider_spine_12m]
columns:
  follow_up_severity:
    label: {sv: Brister vid avtalsuppföljning, en: Findings at contract follow-up}
    why:
      sv: "Summan av bristernas allvar (1-3) vid uppföljningar de senaste tolv månaderna, per 1 000 utförda timmar samma tid."
      en: "The sum of severities (1-3) of findings at follow-ups in the last twelve months, per 1 000 hours performed in that time."
    innocent:
      sv: "Utföraren följs upp oftare än andra; bristerna är formella och åtgärdade."
      en: "The provider is followed up more often than others; the findings are formal and remedied."
    check:
      sv: "Läs uppföljningarna, och se om samma brist återkommer."
      en: "Read the follow-ups, and see whether the same finding recurs."
    unit: count_per_1000_h
    direction: higher
    family: follow_up
    peers: [service_code, size_class]
    missing: {sv: Inga avtal eller uppföljningar är levererade, en: No contracts or follow-ups are delivered}
    evidence:
      view: follow_up_fact
      where: is_recent and severity > 0
      measure: sum(severity)
      of: provider_spine_12m
      per: sum(performed_minutes)
      scale: 60000
    legal_basis: KL 10:8
  unremedied_findings:
    label: {sv: Brister som inte åtgärdats i tid, en: Findings not remedied in time}
    why:
      sv: "Så stor del av bristerna som är äldre än 90 dagar är ännu inte åtgärdade."
      en: "This share of the findings that are older than 90 days has not been remedied."
    innocent:
      sv: "Åtgärden är gjord men inte registrerad; längre tid har överenskommits."
      en: "Remedied but not registered; a longer time was agreed."
    check:
      sv: "Fråga avtalscontrollern om läget för varje öppen brist."
      en: "Ask the contract controller about each open finding."
    unit: share
    direction: higher
    family: follow_up
    peers: []
    missing: {sv: Inga brister äldre än 90 dagar finns, en: There are no findings older than 90 days}
    evidence: {view: follow_up_fact, where: is_open, measure: count(*), per: count(*) filter (is_due)}
    legal_basis: KL 10:8
  follow_up_gap:
    label: {sv: Fakturering sedan senaste uppföljning, en: Billing since the last follow-up}
    why:
      sv: "Så många månaders genomsnittlig fakturering har betalats sedan avtalet senast följdes upp, eller sedan första leveransen om det aldrig skett."
      en: "So many months of average billing have been paid since the last follow-up, or since the first delivery if there was none."
    innocent:
      sv: "Kommunens egen plan; uppföljning gjord utan att registreras."
      en: "The city's own plan; a follow-up made and not registered."
    check:
      sv: "Se i planen för avtalsuppföljning när utföraren står på tur."
      en: "See the plan of contract follow-up for the provider's turn."
    unit: months
    direction: higher
    family: follow_up
    peers: []
    missing: {sv: Uppföljningar eller fakturering saknas, en: Follow-ups or billing are missing}
    evidence:
      view: follow_up_month
      where: is_after_follow_up
      measure: sum(billed_ore)
      per: sum(billed_ore) filter (is_recent) / nullif(count(*) filter (is_recent), 0)
      source: invoice_all
    legal_basis: KL 10:8
--- */
with found as (
  select
    org_number,
    coalesce(sum(severity) filter (is_recent), 0)::bigint as severity,
    count(*) filter (is_open) as open,
    count(*) filter (is_due) as due
  from follow_up_fact
  group by org_number
),
contracted as (
  select distinct org_number from contract cross join run_month r where valid_from <= r.last
),
performed as (
  select org_number, sum(performed_minutes)::bigint as minutes from provider_spine_12m group by org_number
),
billed as (
  select
    org_number,
    coalesce(sum(billed_ore) filter (is_after_follow_up), 0)::bigint as after_ore,
    sum(billed_ore) filter (is_recent)::bigint as recent_ore,
    count(*) filter (is_recent) as months
  from follow_up_month
  group by org_number
)
select
  c.org_number,
  coalesce(f.severity, 0) * 60000 / nullif(p.minutes, 0) as follow_up_severity,
  f.open / nullif(f.due, 0) as unremedied_findings,
  b.after_ore * b.months / nullif(b.recent_ore, 0) as follow_up_gap
from contracted c
left join found f using (org_number)
left join performed p using (org_number)
left join billed b using (org_number)
