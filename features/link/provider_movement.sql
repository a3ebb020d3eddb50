/* ---
name: provider_movement
entity: link
grain: [kind, person_id, from_org_number, to_org_number]
partition_by: person_id
sources: [person_month_12m]
columns:
  kind: staff or recipient
  left_month: last delivery in which the person was with the provider that was left
  joined_month: first delivery in which the person was with the other one
--- */
-- Left: there in an earlier delivery of the last twelve months, not in this month's. Joined: from one delivery before the last
-- with the old provider to two after it, and never with the new one before being with the old.
with stay as (
  select kind, person_id, org_number, min(delivery_month) as first_month, max(delivery_month) as last_month
  from person_month_12m group by all
)
select
  a.kind, a.person_id, a.org_number as from_org_number, b.org_number as to_org_number, a.last_month as left_month,
  b.first_month as joined_month
from stay a
join stay b on a.kind = b.kind and a.person_id = b.person_id and a.org_number <> b.org_number
cross join run_month r
where a.last_month < r.month
  and b.first_month > a.first_month
  and b.first_month between a.last_month - interval 1 month and a.last_month + interval 2 month
  and b.last_month > a.last_month
