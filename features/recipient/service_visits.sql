/* ---
name: service_visits
entity: recipient
grain: [org_number, service_code, period]
partition_by: service_code
sources: [recipient_visits_3m]
columns:
  visits: visits of the provider in the month, of the service, as far as the last three deliveries know
  all_visits: the same of all providers
--- */
select
  org_number, service_code, period, sum(visits)::bigint as visits,
  sum(sum(visits)) over (partition by service_code, period)::bigint as all_visits
from recipient_visits_3m
group by org_number, service_code, period
