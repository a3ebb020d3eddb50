/* ---
name: staff_month
entity: staff
grain: [org_number, staff_id]
partition_by: staff_id
sources: [recipient_staff, staff]
optional: [recipient_staff, staff]
columns:
  performed_minutes: minutes that the worker was registered at visits in this delivery
  is_visiting: registered at some visit in this delivery
  is_employed: in the staff register and employed some day of the month
--- */
-- Who worked for a provider in this delivery's month, by the visits or by the staff register.
with people as (
  select org_number, staff_id, performed_minutes, true as is_visiting, false as is_employed from recipient_staff
  union all
  select s.org_number, s.staff_id, 0, false, true
  from staff s
  cross join run_month r
  where s.employed_from < r.next_month and coalesce(s.employed_to, r.last) >= r.first
)
select
  org_number, staff_id,
  sum(performed_minutes)::bigint as performed_minutes,
  bool_or(is_visiting) as is_visiting,
  bool_or(is_employed) as is_employed
from people
group by all
