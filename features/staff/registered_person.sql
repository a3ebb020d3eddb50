/* ---
name: registered_person
entity: staff
grain: [org_number, person_id]
partition_by: person_id
sources: [recipient_month, staff_month, person]
optional: [recipient_month, staff_month]
whole: [recipient_month, staff_month]
columns:
  is_anomalous: deregistered as missing or for a false identity (OB, FI) before the month's end
  source_table: the table that the row stands in
  source_row_id: file and row in the delivery
--- */
-- Recipients and staff of the month whose registration is known. Kinds of number and dates of birth are never read.
with people as (
  select org_number, recipient_id as person_id from recipient_month
  union
  select org_number, staff_id from staff_month
)
select
  l.org_number, l.person_id,
  coalesce(upper(p.deregistration_reason) in ('OB', 'FI') and coalesce(p.deregistered_on, r.last) <= r.last, false)
    as is_anomalous,
  'person' as source_table,
  p.source_file || ':' || p.source_row as source_row_id
from people l
join person p using (person_id)
cross join run_month r
