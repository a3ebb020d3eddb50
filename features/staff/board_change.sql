/* ---
name: board_change
entity: staff
grain: [org_number, person_id, day]
partition_by: org_number
sources: [provider_role, contract, permit, contract_follow_up_all]
optional: [contract, permit, contract_follow_up_all]
whole: [contract_follow_up_all]
columns:
  day: day that the person took or left a seat in the last 24 months; null in the row that says who sits now
  is_near: a change at most 90 days from a contract, a permit or a follow-up
  is_member: sits at the month's end (one row a person)
  source_table: the table that the row stands in
  source_row_id: file and row in the delivery
--- */
with seats as (
  select org_number, person_id, from_date, to_date, source_file || ':' || source_row as source_row_id
  from provider_role where role in ('board_member', 'chair', 'ceo', 'deputy')
),
changes as (
  select org_number, person_id, from_date as day, source_row_id from seats where from_date is not null
  union all
  select org_number, person_id, to_date, source_row_id from seats where to_date is not null
),
events as (
  select org_number, coalesce(signed_on, valid_from) as day from contract
  union
  select org_number, valid_from from permit
  union
  select c.org_number, f.date from contract_follow_up_all f join contract c using (contract_id)
),
rows_of_both as (
  select
    c.org_number, c.person_id, c.day, false as is_member, c.source_row_id,
    exists (
      select 1 from events e
      where e.org_number = c.org_number and c.day between e.day - interval 90 day and e.day + interval 90 day
    ) as is_near
  from changes c
  cross join run_month r
  where c.day > r.last - interval 24 month and c.day <= r.last
  union all
  select
    org_number, person_id, null,
    coalesce(from_date, r.first) <= r.last and coalesce(to_date, r.last) >= r.last, source_row_id, false
  from seats cross join run_month r
)
select
  org_number, person_id, day,
  bool_or(is_near) as is_near,
  bool_or(is_member) as is_member,
  'provider_role' as source_table,
  min(source_row_id) as source_row_id
from rows_of_both
group by org_number, person_id, day
