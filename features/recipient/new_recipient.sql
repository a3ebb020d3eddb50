/* ---
name: new_recipient
entity: recipient
grain: [org_number, recipient_id]
partition_by: recipient_id
sources: [recipient_month, care_decision, person]
columns:
  first_decided_on: the person's first decision, made within the last twelve months
  days_registered: days from registration at the address to that decision, null where the registration is unknown or later
  is_newly_registered: fewer than 90 days
  source_table: the table that the row stands in
  source_row_id: file and row in the delivery
--- */
-- A recipient whose first decision is older is not new, whatever moves or decisions came later.
with first_decision as (
  select
    recipient_id,
    min(coalesce(decided_on, valid_from)) as first_decided_on,
    arg_min(source_file || ':' || source_row, (coalesce(decided_on, valid_from), decision_id)) as source_row_id
  from care_decision
  group by recipient_id
)
select
  m.org_number, m.recipient_id, f.first_decided_on,
  case when p.registered_from <= f.first_decided_on
    then f.first_decided_on - p.registered_from end::bigint as days_registered,
  coalesce(f.first_decided_on - p.registered_from between 0 and 89, false) as is_newly_registered,
  'care_decision' as source_table, f.source_row_id
from recipient_month m
join first_decision f using (recipient_id)
join person p on p.person_id = m.recipient_id
cross join run_month r
where f.first_decided_on >= r.first - interval 11 month and p.registered_from is not null
