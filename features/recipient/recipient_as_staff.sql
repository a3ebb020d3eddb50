/* ---
name: recipient_as_staff
entity: recipient
grain: [org_number, recipient_id]
partition_by: recipient_id
sources: [recipient_month, staff_month]
whole: [staff_month]
columns:
  works_for: the provider that the person works for in the month, this one before others; null where none
  is_staff: the person is staff of some provider in the month
--- */
select
  m.org_number, m.recipient_id,
  arg_min(s.org_number, (s.org_number <> m.org_number, s.org_number)) as works_for,
  count(s.staff_id) > 0 as is_staff
from recipient_month m
left join staff_month s on s.staff_id = m.recipient_id
group by m.org_number, m.recipient_id
