/* ---
name: tax_status
entity: provider
grain: [org_number]
partition_by: org_number
sources: [provider, billed_month_12m, staff_month]
optional: [staff_month]
columns:
  f_tax: approved for F-tax, null where it is not known
  employer_registered: registered as an employer, null where it is not known
  has_staff: workers in the staff register or at visits
  missing: registrations that a provider that bills should have and has not; null where neither is known
  debt_ore: debt at the Enforcement Authority, null where it is not known
  monthly_ore: what the provider billed in the mean of its months with billing in the last twelve
  compared_ore: the same, at least 250 000 SEK
  source_table: the table that the row stands in
  source_row_id: file and row in the delivery
--- */
-- Providers that bill. A debt is compared with 250 000 SEK a month at least: what a small provider sells elsewhere is not
-- known here, and a debt of one invoice would be months of what it bills the city.
with billing as (
  select org_number, sum(billed_ore)::bigint / count(*) as monthly_ore
  from billed_month_12m
  group by org_number
  having sum(billed_ore) > 0
),
employing as (
  select distinct org_number from staff_month
)
select
  b.org_number, p.f_tax, p.employer_registered, e.org_number is not null as has_staff,
  case when p.f_tax is not null or p.employer_registered is not null then
    coalesce(p.f_tax = false, false)::int + coalesce(p.employer_registered = false and e.org_number is not null, false)::int
  end::bigint as missing,
  p.enforcement_debt_ore as debt_ore,
  b.monthly_ore,
  greatest(b.monthly_ore, 25000000) as compared_ore,
  'provider' as source_table,
  p.source_file || ':' || p.source_row as source_row_id
from billing b
join provider p using (org_number)
left join employing e using (org_number)
