/* ---
name: company_address
entity: provider
grain: [org_number]
partition_by: none
sources: [provider, corporate_group]
optional: [corporate_group]
columns:
  address: street and postal code in small letters without double spaces
  others: other companies in the register at the address that are not of the same registered group
  is_hub: more than twenty-five companies, as at an office hotel or an accountant
--- */
with located as (
  select
    p.org_number,
    regexp_replace(lower(trim(p.street)), '\s+', ' ', 'g') || ' ' || p.postal_code as address
  from provider p
  cross join run_month r
  where trim(p.street) <> '' and p.postal_code is not null and coalesce(p.deregistered_on, r.last) >= r.first
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
