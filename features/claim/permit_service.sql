/* ---
name: permit_service
entity: claim
grain: [service_code]
partition_by: service_code
sources: [provider_service]
columns:
  providers: providers that billed the service in this delivery
  permitted: those of them that have, or had, a permit for it
  is_required: at least half of them have one, so the service is one that needs a permit
--- */
-- Which services need a permit is read from who has one: no list of services has to be kept.
select
  service_code,
  count(*) as providers,
  count(*) filter (is_permitted) as permitted,
  2 * count(*) filter (is_permitted) >= count(*) as is_required
from provider_service
group by service_code
