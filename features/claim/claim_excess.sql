/* ---
name: claim_excess
entity: claim
grain: [line_id]
partition_by: recipient_id
sources: [claim_open, recipient_claims_3m, recipient_visits_3m, service_visits, first_visits]
whole: [service_visits, first_visits]
columns:
  org_number: provider that is paid
  recipient_id: person that the line is for (pseudonym)
  service_code: service
  period: month that the line is for
  billed: minutes (visits where billed by visit) that all standing lines bill for the month
  performed: minutes (visits) of the month that are paid for, as far as known
  excess: minutes (visits) of this line beyond what was performed; the lines that were written last carry it
  excess_ore: what they cost
  unpaid_minutes: minutes of the month's visits that are not paid for (hospital, cancelled)
  any_visits: visits of the provider to the person in the month, of any service
  service_visits: visits of the provider to anybody in the month, of the service
  all_service_visits: visits of all providers in the month, of the service
  is_beyond_dirt: more than lost, late or mislabelled visits explain (see the query)
--- */
-- Both sides are what the last three deliveries hold of the whole month, credits deducted, so that a visit registered late
-- and billed late is no difference. Beyond dirt: more than one visit and a half of the longest (a visit lost to a wrong clock
-- may have been longer than those that are left), more than eight per cent (late days at the end of the month), and in all
-- services together (a visit under another service).
with lines as (
  select
    line_id, org_number, recipient_id, service_code, period, unit_code = 'VIS' as by_visit, amount_ore,
    coalesce(billed_minutes, billed_visits) as asked
  from claim_open
  cross join first_visits k
  where recipient_id is not null and service_code is not null and unit_code <> 'EA'
    and coalesce(billed_minutes, billed_visits) > 0 and period >= k.first_known
),
people as (select distinct org_number, recipient_id, period from lines),
billed as (
  select
    c.org_number, c.recipient_id, c.service_code, c.period,
    sum(c.billed_minutes)::bigint as minutes, sum(c.billed_visits)::bigint as visits
  from recipient_claims_3m c join people using (org_number, recipient_id, period)
  group by all
),
performed as (
  select
    v.org_number, v.recipient_id, v.service_code, v.period,
    sum(v.performed_minutes)::bigint as minutes, sum(v.visits)::bigint as visits,
    max(v.longest_minutes) as longest, sum(v.unpaid_minutes)::bigint as unpaid_minutes
  from recipient_visits_3m v join people using (org_number, recipient_id, period)
  group by all
),
compared as (
  select
    coalesce(b.org_number, p.org_number) as org_number,
    coalesce(b.recipient_id, p.recipient_id) as recipient_id,
    coalesce(b.service_code, p.service_code) as service_code,
    coalesce(b.period, p.period) as period,
    coalesce(b.minutes, 0) as billed_minutes, coalesce(b.visits, 0) as billed_visits,
    coalesce(p.minutes, 0) as minutes, coalesce(p.visits, 0) as visits,
    case when coalesce(b.visits, 0) > 0 then 0 else coalesce(b.minutes, 0) - coalesce(p.minutes, 0) end as difference
  from billed b
  full join performed p
    on p.org_number = b.org_number and p.recipient_id = b.recipient_id and p.period = b.period
    and p.service_code is not distinct from b.service_code
),
summed as (
  select
    *,
    sum(difference) over person::bigint as difference_in_all,
    sum(visits) over person::bigint as any_visits
  from compared
  window person as (partition by org_number, recipient_id, period)
),
everywhere as (select distinct service_code, period, all_visits from service_visits),
placed as (
  select
    l.*,
    case when l.by_visit then s.billed_visits else s.billed_minutes end as billed,
    case when l.by_visit then s.visits else s.minutes end as performed,
    coalesce(sum(l.asked) over (
      partition by l.org_number, l.recipient_id, l.service_code, l.period, l.by_visit
      order by l.line_id desc rows between unbounded preceding and 1 preceding
    ), 0)::bigint as asked_after,
    s.difference_in_all, s.any_visits
  from lines l
  join summed s using (org_number, recipient_id, service_code, period)
),
sized as (
  select *, greatest(0, least(asked, billed - performed - asked_after))::bigint as excess, billed - performed as whole
  from placed
)
select
  s.line_id, s.org_number, s.recipient_id, s.service_code, s.period, s.billed, s.performed, s.excess,
  (s.excess * s.amount_ore // s.asked)::bigint as excess_ore,
  coalesce(b.unpaid_minutes, 0)::bigint as unpaid_minutes,
  s.any_visits,
  coalesce(v.visits, 0)::bigint as service_visits,
  coalesce(e.all_visits, 0)::bigint as all_service_visits,
  case when s.by_visit then s.whole > 1 and 100 * s.whole > 8 * s.performed
    else 100 * s.whole > 8 * s.performed
      and 2 * least(s.whole, s.difference_in_all) > 3 * greatest(coalesce(b.longest, 0), 30) end as is_beyond_dirt
from sized s
left join performed b using (org_number, recipient_id, service_code, period)
left join service_visits v on v.org_number = s.org_number and v.service_code = s.service_code and v.period = s.period
left join everywhere e on e.service_code = s.service_code and e.period = s.period
where s.excess > 0
