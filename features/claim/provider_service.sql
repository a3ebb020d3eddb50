/* ---
name: provider_service
entity: claim
grain: [org_number, service_code]
partition_by: org_number
sources: [claim_fact, permit]
columns:
  is_permitted: the provider has, or had, a permit for the service that it billed
--- */
with billed as (
  select distinct org_number, service_code from claim_fact where service_code is not null
),
permitted as (
  select distinct b.org_number, b.service_code
  from billed b
  join permit p on p.org_number = b.org_number
  where p.service_code is null or p.service_code = b.service_code
)
select b.org_number, b.service_code, p.org_number is not null as is_permitted
from billed b
left join permitted p using (org_number, service_code)
