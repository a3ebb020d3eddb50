/* ---
name: pair_meetings
entity: recipient
grain: [org_number, recipient_id, staff_id]
partition_by: org_number
sources: [recipient_staff]
columns:
  visits: visits by the worker to the recipient in this delivery
  recipient_visits: all the provider's visits to the recipient
  staff_visits: all its visits by the worker
--- */
select
  org_number, recipient_id, staff_id, visits,
  sum(visits) over (partition by org_number, recipient_id)::bigint as recipient_visits,
  sum(visits) over (partition by org_number, staff_id)::bigint as staff_visits
from recipient_staff
where staff_id is not null
