/* ---
name: visit_by_staff
entity: visit
grain: [visit_id]
partition_by: staff_id
sources: [visit, visit_3m, late_day, person]
optional: [person]
whole: [person, late_day]
columns:
  overlap_minutes: minutes in which the worker is in another home too, for the same provider; at the visit that began later
  cross_provider_overlap_minutes: the same where the other home's visit belongs to another provider; at both visits
  gap_seconds: from the end of the worker's previous visit, where it ended at most two hours before in another home
  trip_minutes: the least that the way between the two homes can take, by address; null where an address is not known
  excess_day_minutes: minutes of this visit beyond the worker's first 13 hours of that day, all employers together
--- */
-- A worker's visits of this delivery, and of earlier ones those that may touch them: the last day before the month, and
-- the days of visits that were delivered late. Cancelled visits and those of patients in hospital are no presence.
with touched as (
  select distinct staff_id, started_at::date as day
  from visit cross join run_month r
  where started_at < r.first
),
-- No earlier visit that matters is older than this: whole files, and blocks of them, are passed over unread.
oldest as (
  select least(min(l.day), min(r.first) - 1) as day from run_month r left join late_day l on true
),
earlier as materialized (
  select visit_id, staff_id, org_number, recipient_id, started_at, started_at_utc, ended_at_utc
  from visit_3m cross join run_month r
  where delivery_month < this_month()
    and started_at >= (select day from oldest)
    and coalesce(deviation_code not in ('hospital', 'cancelled'), true)
    and (started_at >= r.first - interval 1 day or (staff_id, started_at::date) in (select staff_id, day from touched))
),
present as (
  select visit_id, staff_id, org_number, recipient_id, started_at, started_at_utc, ended_at_utc, true as is_new
  from visit
  where staff_id is not null and coalesce(deviation_code not in ('hospital', 'cancelled'), true)
  union all by name
  select *, false as is_new from earlier
),
place as materialized (
  select person_id, (row_number() over (order by person_id))::integer as place, dwelling_id, street, postal_code from person
),
-- Ties in time are broken by the key, so that the result does not depend on the order of the rows.
-- What is sorted is kept narrow, so a number stands for the place.
ordered as materialized (
  select
    visit_id, staff_id, org_number, is_new, began, ended, day, place, home,
    row_number() over worker as number,
    max(ended) over (worker rows between unbounded preceding and 1 preceding) as ended_before,
    lead(began) over worker as next_began,
    lag(ended) over worker as previous_ended,
    lag(place) over worker as previous_place,
    lag(home) over worker as previous_home
  from (
    select
      v.visit_id, v.staff_id, v.org_number, v.is_new, v.started_at::date as day, v.started_at_utc as began,
      greatest(v.started_at_utc, v.ended_at_utc) as ended, p.place,
      coalesce(p.dwelling_id, v.recipient_id) as home
    from present v left join place p on p.person_id = v.recipient_id
  )
  window worker as (partition by staff_id order by began, ended, visit_id)
),
-- Only visits that overlap something are compared, and only within their cluster and its next 50 visits, so that an
-- identifier that many workers share cannot make this quadratic.
clustered as (
  select
    *,
    count(*) filter (ended_before is null or began >= ended_before)
      over (partition by staff_id order by number rows unbounded preceding) as cluster
  from ordered
  where began < ended_before or next_began < ended or next_began < ended_before
),
pair as (
  select
    a.visit_id as earlier_id,
    b.visit_id as later_id,
    a.is_new as earlier_is_new,
    b.is_new as later_is_new,
    a.org_number = b.org_number as same_provider,
    date_diff('minute', b.began, least(a.ended, b.ended)) as minutes
  from clustered a join clustered b on a.staff_id = b.staff_id and a.cluster = b.cluster
    and b.number > a.number and b.number <= a.number + 50
  where b.began < a.ended and a.home <> b.home
),
overlap as (
  select visit_id, sum(own)::bigint as own, sum(other)::bigint as other
  from (
    select case when later_is_new then later_id else earlier_id end as visit_id, minutes as own, 0 as other
    from pair where same_provider
    union all select earlier_id, 0, minutes from pair where not same_provider
    union all select later_id, 0, minutes from pair where not same_provider
  )
  group by visit_id
),
long_day as (
  select staff_id, day
  from ordered
  group by all
  having sum(date_diff('second', began, ended)) > 13 * 3600
),
worked as (
  select
    visit_id,
    sum(greatest(0, date_diff('second', greatest(began, coalesce(ended_before, began)), ended)))
      over (partition by staff_id, day order by number rows unbounded preceding) as seconds_so_far,
    greatest(0, date_diff('second', greatest(began, coalesce(ended_before, began)), ended)) as seconds
  from ordered semi join long_day using (staff_id, day)
),
excess as (
  select visit_id, (least(seconds, seconds_so_far - 13 * 3600) // 60)::bigint as minutes
  from worked
  where seconds_so_far > 13 * 3600
),
moved as (
  select
    visit_id, began, ended, place, previous_place,
    case when home <> previous_home and previous_ended >= began - interval 2 hour and began >= ended_before
      then date_diff('second', previous_ended, began) end as gap_seconds
  from ordered
  where is_new
)
select
  m.visit_id,
  least(coalesce(o.own, 0), date_diff('minute', m.began, m.ended))::bigint as overlap_minutes,
  least(coalesce(o.other, 0), date_diff('minute', m.began, m.ended))::bigint as cross_provider_overlap_minutes,
  m.gap_seconds::bigint as gap_seconds,
  -- The least a trip can take, well under what walking takes: one house 0 minutes, one postal code 1, one delivery area
  -- (three digits) 2, one region (two digits) 4, else 10. Coordinates are not among the data.
  case
    when m.gap_seconds is null or p.postal_code is null or q.postal_code is null then null
    when p.postal_code = q.postal_code and p.street = q.street then 0
    when p.postal_code = q.postal_code then 1
    when left(p.postal_code, 3) = left(q.postal_code, 3) then 2
    when left(p.postal_code, 2) = left(q.postal_code, 2) then 4
    else 10
  end::bigint as trip_minutes,
  coalesce(e.minutes, 0)::bigint as excess_day_minutes
from moved m
left join overlap o using (visit_id)
left join excess e using (visit_id)
left join place p on p.place = m.place
left join place q on q.place = m.previous_place
