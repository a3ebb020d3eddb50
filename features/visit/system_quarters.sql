/* ---
name: system_quarters
entity: visit
grain: [org_number, source_system]
partition_by: none
sources: [provider_system]
columns:
  source_system: visit system, null where it is not said
  visits: the provider's visits in the system that are paid for
  quarters: those of them that ended on a whole quarter of an hour
  other_visits: all other providers' visits in the same system
  other_quarters: those of them that ended on a whole quarter
--- */
select
  org_number, nullif(system, '') as source_system, visits, quarters,
  (sum(visits) over (partition by system))::bigint - visits as other_visits,
  (sum(quarters) over (partition by system))::bigint - quarters as other_quarters
from provider_system
