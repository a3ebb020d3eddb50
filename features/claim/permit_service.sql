/* ---
name: permit_service
entity: claim
grain: [service_code]
partition_by: service_code
sources: [claim_fact, permit]
columns:
  providers: providers that billed the service in this delivery
  permitted: those of them that have, or had, a permit for it
  is_required: at least half of them have one, so the service is one that needs a permit
--- */
-- Which services need a permit is read from who has one: no list of services has to be kept.
with billed as (
  select distinct org_number, service_code from claim_fact where service_code is not null
),
permitted as (
  select distinct b.org_number, b.service_code
  from billed b
  join permit p on p.org_number = b.org_number
  where p.service_code is null or p.service_code = b.service_code
)
select
  b.service_code,
  count(*) as providers,
  count(p.org_number) as permitted,
  2 * count(p.org_number) >= count(*) as is_required
from billed b
left join permitted p using (org_number, service_code)
group by b.service_code
