/* ---
name: new_recipient
entity: recipient
grain: [org_number, recipient_id]
partition_by: recipient_id
sources: [recipient_month, care_decision, person]
whole: [person]
columns:
  first_decided_on: the person's first decision for the provider, made within the last twelve months
  days_registered: days from registration at the address to the first decision after it, null where there is none
  is_newly_registered: fewer than 90 days
  source_table: the table that the row stands in
  source_row_id: file and row in the delivery
--- */
-- New is who has no older decision for the provider. A decision that names no provider counts for all.
with decided as (
  select
    m.org_number, m.recipient_id, p.registered_from,
    coalesce(d.decided_on, d.valid_from) as day,
    d.source_file || ':' || d.source_row as source_row_id
  from recipient_month m
  join care_decision d on d.recipient_id = m.recipient_id and coalesce(d.org_number, m.org_number) = m.org_number
  join person p on p.person_id = m.recipient_id
  where p.registered_from is not null
),
first_after as (
  select
    org_number, recipient_id,
    min(day) as first_decided_on,
    min(day - registered_from) filter (day >= registered_from) as days_registered,
    arg_min(source_row_id, (day < registered_from, day, source_row_id)) as source_row_id
  from decided
  group by all
)
select
  f.org_number, f.recipient_id, f.first_decided_on, f.days_registered::bigint as days_registered,
  coalesce(f.days_registered < 90, false) as is_newly_registered,
  'care_decision' as source_table, f.source_row_id
from first_after f
cross join run_month r
where f.first_decided_on >= r.first - interval 11 month
