/* ---
name: provider_people
entity: link
grain: [org_number, kind]
partition_by: org_number
sources: [person_month_12m]
columns:
  people: workers or recipients in the deliveries of the last twelve months
  gone: those of them that this month's delivery does not show with the provider
--- */
with stay as (
  select org_number, kind, person_id, max(delivery_month) as last_month from person_month_12m group by all
)
select
  s.org_number, s.kind, count(*)::bigint as people, (count(*) filter (s.last_month < r.month))::bigint as gone
from stay s
cross join run_month r
group by all
