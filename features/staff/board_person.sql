/* ---
name: board_person
entity: staff
grain: [org_number, person_id]
partition_by: person_id
sources: [provider_role]
columns:
  seats: organisations in whose management the person sits at the month's end
  first_seat_on: the day of the person's first known seat
  is_newcomer: the person's first known seat anywhere began within the last twelve months
  is_front: four seats or more, all of them taken within the last twenty-four months
--- */
-- Auditors and accountants have many assignments by trade and are left out.
with seats as (
  select org_number, person_id, min(from_date) as from_date, max(coalesce(to_date, date '9999-12-31')) as to_date
  from provider_role where role in ('board_member', 'chair', 'ceo', 'deputy', 'signatory')
  group by all
),
persons as (
  select
    person_id,
    count(*) filter (coalesce(from_date, r.first) <= r.last and to_date >= r.last) as seats,
    min(from_date) as first_seat_on,
    count(*) filter (from_date is null) as undated
  from seats cross join run_month r
  group by person_id
)
select
  s.org_number, s.person_id, p.seats, p.first_seat_on,
  p.undated = 0 and p.first_seat_on > r.last - interval 12 month as is_newcomer,
  p.seats >= 4 and p.undated = 0 and p.first_seat_on > r.last - interval 24 month as is_front
from seats s
join persons p using (person_id)
cross join run_month r
where coalesce(s.from_date, r.first) <= r.last and s.to_date >= r.last
