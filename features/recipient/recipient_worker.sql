/* ---
name: recipient_worker
entity: recipient
grain: [org_number, recipient_id]
partition_by: recipient_id
sources: [recipient_staff, recipient_relative]
columns:
  visits: visits to the recipient in this delivery
  workers: workers who made them
  is_sole_worker: at least eight visits, all by one worker
  is_tied: that worker is kin or lives in the same dwelling
--- */
with served as (
  select
    org_number,
    recipient_id,
    sum(visits)::bigint as visits,
    count(*) as workers
  from recipient_staff
  group by all
),
tied as (
  select distinct org_number, recipient_id from recipient_relative where is_kin or is_same_dwelling
)
select
  s.org_number,
  s.recipient_id,
  s.visits,
  s.workers,
  s.visits >= 8 and s.workers = 1 as is_sole_worker,
  s.visits >= 8 and s.workers = 1 and t.org_number is not null as is_tied
from served s
left join tied t on t.org_number = s.org_number and t.recipient_id = s.recipient_id
