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
with of_recipient as (
  select org_number, recipient_id, sum(visits)::bigint as visits
  from recipient_staff where staff_id is not null group by all
),
of_staff as (
  select org_number, staff_id, sum(visits)::bigint as visits
  from recipient_staff where staff_id is not null group by all
)
select
  p.org_number, p.recipient_id, p.staff_id, p.visits,
  r.visits as recipient_visits,
  s.visits as staff_visits
from recipient_staff p
join of_recipient r on r.org_number = p.org_number and r.recipient_id is not distinct from p.recipient_id
join of_staff s on s.org_number = p.org_number and s.staff_id = p.staff_id
