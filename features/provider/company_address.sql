/* ---
name: company_address
entity: provider
grain: [org_number]
partition_by: none
sources: [provider, corporate_group, entity]
optional: [corporate_group]
columns:
  address: street, number and postal code, one text for every spelling of one entrance
  others: other companies in the register at the address that are not of the same registered group
  is_hub: more than twenty-five companies, as at an office hotel or an accountant
--- */
with also as ( -- a company that also stands under a mistyped number is not its own neighbour
  select raw from entity where kind = 'organisation' and canonical_id <> raw
),
located as (
  select p.org_number, e.canonical_id as address
  from provider p
  cross join run_month r
  join entity e
    on e.kind = 'address'
    and e.raw = coalesce(p.street, '') || '|' || coalesce(p.postal_code, '') || '|' || coalesce(p.city, '')
  where e.canonical_id is not null and p.org_number not in (select raw from also) and coalesce(p.deregistered_on, r.last) >= r.first
),
grouped as (
  select l.org_number, l.address, coalesce(min(g.group_id), l.org_number) as owner
  from located l
  left join corporate_group g on g.org_number = l.org_number
  group by l.org_number, l.address
),
owners as (
  select address, count(distinct owner) as owners, count(*) as companies from grouped group by address
)
select g.org_number, g.address, o.owners - 1 as others, o.companies > 25 as is_hub
from grouped g
join owners o using (address)
