/* ---
name: owner_recipient
entity: link
grain: [org_number, recipient_id]
partition_by: org_number
sources: [recipient_month, provider_role, person_relation]
optional: [person_relation]
whole: [person_relation]
columns:
  steps: family relations between the recipient and the nearest person in the provider's management or ownership (0 the same person, 1, 2), null where further
  source_table: the table that the row stands in
  source_row_id: file and row in the delivery, of that person's seat; null where there is none
--- */
-- Recipients served or billed for in this delivery. Auditors and accountants are outside the company and are left out, and so
-- are seats that ended before the month.
with owner as (
  select o.org_number, o.person_id, min(o.source_file || ':' || o.source_row) as source_row_id
  from provider_role o
  cross join run_month r
  where o.role not in ('auditor', 'accountant')
    and coalesce(o.from_date <= r.last, true) and coalesce(o.to_date >= r.first, true)
  group by all
),
kin as (
  select person_id, related_person_id from person_relation
  union
  select related_person_id, person_id from person_relation
),
near as (
  select org_number, person_id, 0 as steps, source_row_id from owner
  union all
  select o.org_number, k.related_person_id, 1, o.source_row_id from owner o join kin k on k.person_id = o.person_id
  union all
  select o.org_number, l.related_person_id, 2, o.source_row_id
  from owner o join kin k on k.person_id = o.person_id join kin l on l.person_id = k.related_person_id
),
nearest as (
  select org_number, person_id, min(steps)::bigint as steps, arg_min(source_row_id, (steps, source_row_id)) as source_row_id
  from near
  group by org_number, person_id
),
led as (
  select distinct org_number from owner
)
select
  m.org_number, m.recipient_id, n.steps,
  'provider_role' as source_table,
  n.source_row_id
from recipient_month m
semi join led on led.org_number = m.org_number
left join nearest n on n.org_number = m.org_number and n.person_id = m.recipient_id
