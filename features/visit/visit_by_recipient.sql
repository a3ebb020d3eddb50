/* ---
name: visit_by_recipient
entity: visit
grain: [visit_id]
partition_by: recipient_id
sources: [visit, visit_3m, late_day, absence_3m, person, care_decision]
optional: [absence_3m, person, care_decision]
whole: [person, late_day]
columns:
  double_staffed_minutes: minutes in which another worker is with the recipient too; at the visit that began later
  unauthorised_double_minutes: the same where no decision in force that day grants double staffing
  absence_minutes: minutes on a day that lies wholly within an absence of the recipient
  after_deregistration_minutes: minutes on a day after the recipient was deregistered as dead or emigrated
  declined_after_short_minutes: minutes booked as declined within half an hour of a visit under 15 minutes or half its plan
--- */
with touched as (
  select distinct recipient_id, started_at::date as day
  from visit cross join run_month r
  where started_at < r.first
),
-- No earlier visit that matters is older than this: whole files, and blocks of them, are passed over unread.
oldest as (
  select least(min(l.day), min(r.first) - 1) as day from run_month r left join late_day l on true
),
earlier as materialized (
  select
    visit_id, recipient_id, staff_id, org_number, started_at, started_at_utc, ended_at_utc, planned_start, planned_end,
    deviation_code
  from visit_3m cross join run_month r
  where delivery_month < this_month()
    and started_at >= (select day from oldest)
    and coalesce(deviation_code not in ('hospital', 'cancelled'), true)
    and (
      started_at >= r.first - interval 1 day
      or (recipient_id, started_at::date) in (select recipient_id, day from touched)
    )
),
present as (
  select
    visit_id, recipient_id, staff_id, org_number, started_at, started_at_utc, ended_at_utc, planned_start, planned_end,
    deviation_code, true as is_new
  from visit
  where recipient_id is not null and coalesce(deviation_code not in ('hospital', 'cancelled'), true)
  union all by name
  select *, false as is_new from earlier
),
gone as (
  select person_id, deregistered_on
  from person
  where deregistered_on is not null
    and coalesce(lower(deregistration_reason) in ('av', 'uv', 'avliden', 'utvandrad', 'deceased', 'emigrated'), true)
),
ordered as materialized (
  select
    visit_id, recipient_id, staff_id, org_number, is_new, day, began, ended, deviation_code,
    row_number() over home as number,
    max(ended) over (home rows between unbounded preceding and 1 preceding) as ended_before,
    lead(began) over home as next_began,
    lag(ended) over home as previous_ended,
    lag(case when deviation_code is null and (minutes < 15 or 2 * minutes < planned_minutes) then org_number end)
      over home as short_before
  from (
    select
      visit_id, recipient_id, staff_id, org_number, is_new, deviation_code,
      started_at::date as day,
      started_at_utc as began,
      greatest(started_at_utc, ended_at_utc) as ended,
      date_diff('minute', started_at_utc, greatest(started_at_utc, ended_at_utc)) as minutes,
      date_diff('minute', planned_start, planned_end) as planned_minutes
    from present
  )
  window home as (partition by recipient_id order by began, ended, visit_id)
),
clustered as (
  select
    *,
    count(*) filter (ended_before is null or began >= ended_before)
      over (partition by recipient_id order by number rows unbounded preceding) as cluster
  from ordered
  where deviation_code is null and (began < ended_before or next_began < ended or next_began < ended_before)
),
double as (
  select
    case when b.is_new then b.visit_id else a.visit_id end as visit_id,
    sum(date_diff('minute', b.began, least(a.ended, b.ended)))::bigint as minutes
  from clustered a join clustered b on a.recipient_id = b.recipient_id and a.cluster = b.cluster
    and b.number > a.number and b.number <= a.number + 50
  where b.began < a.ended and a.staff_id <> b.staff_id
  group by 1
),
granted as (
  select distinct o.visit_id
  from double d join ordered o using (visit_id) join care_decision k using (recipient_id)
  where k.double_staffing and o.day >= k.valid_from and (k.valid_to is null or o.day <= k.valid_to)
),
away as (
  select distinct o.visit_id
  from ordered o join absence_3m a using (recipient_id)
  where o.is_new and o.day > a.from_date and o.day < a.to_date
),
found as (
  select
    o.visit_id,
    date_diff('minute', o.began, o.ended) as minutes,
    x.deregistered_on < o.day as is_after_deregistration,
    o.deviation_code = 'declined' and o.short_before = o.org_number
      and o.previous_ended >= o.began - interval 30 minute as is_after_short
  from ordered o left join gone x on x.person_id = o.recipient_id
  where o.is_new
),
measured as (
  select
    f.visit_id,
    least(coalesce(d.minutes, 0), f.minutes)::bigint as double_staffed_minutes,
    case when g.visit_id is null then least(coalesce(d.minutes, 0), f.minutes) else 0 end::bigint
      as unauthorised_double_minutes,
    case when a.visit_id is null then 0 else f.minutes end::bigint as absence_minutes,
    case when f.is_after_deregistration then f.minutes else 0 end::bigint as after_deregistration_minutes,
    case when f.is_after_short then f.minutes else 0 end::bigint as declined_after_short_minutes
  from found f
  left join double d using (visit_id)
  left join granted g using (visit_id)
  left join away a using (visit_id)
  where f.is_after_deregistration or f.is_after_short or d.visit_id is not null or a.visit_id is not null
)
select
  visit_id, double_staffed_minutes, unauthorised_double_minutes, absence_minutes, after_deregistration_minutes,
  declined_after_short_minutes
from measured
where double_staffed_minutes + absence_minutes + after_deregistration_minutes + declined_after_short_minutes > 0
