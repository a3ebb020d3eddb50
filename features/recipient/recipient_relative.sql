/* ---
name: recipient_relative
entity: recipient
grain: [org_number, recipient_id, staff_id]
partition_by: recipient_id
sources: [recipient_staff, person, person_relation]
optional: [person_relation]
whole: [person, person_relation]
columns:
  performed_minutes: minutes that the worker was registered with the recipient
  is_kin: spouse, parent, child or the like in the register
  is_same_dwelling: registered in the same dwelling, which holds at most eight persons
--- */
-- A dwelling of more than eight is a home with a staff flat, or has no flat numbers: living there says nothing.
with kin as (
  select person_id, related_person_id from person_relation
  union
  select related_person_id, person_id from person_relation
),
home as (
  select dwelling_id from person where dwelling_id is not null group by dwelling_id having count(*) <= 8
)
select
  v.org_number, v.recipient_id, v.staff_id, v.performed_minutes,
  k.person_id is not null as is_kin,
  coalesce(a.dwelling_id = b.dwelling_id and h.dwelling_id is not null, false) as is_same_dwelling
from recipient_staff v
left join kin k on k.person_id = v.recipient_id and k.related_person_id = v.staff_id
left join person a on a.person_id = v.recipient_id
left join person b on b.person_id = v.staff_id
left join home h on h.dwelling_id = a.dwelling_id
where v.recipient_id <> v.staff_id
