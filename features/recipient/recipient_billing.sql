/* ---
name: recipient_billing
entity: recipient
grain: [org_number, recipient_id, service_code, period]
partition_by: org_number
sources: [recipient_claims, recipient_claims_3m, recipient_visits_3m, first_visits]
whole: [first_visits]
columns:
  billed_minutes: minutes billed in the last three deliveries, visits counted as their usual length
  performed_minutes: minutes performed that are paid for, known from the last three deliveries
  overbilled_minutes: billed beyond performed, for lines that name a person and a service; never negative
--- */
-- What is compared is the whole of each month that this delivery bills something of: a visit that was registered late is
-- billed late, so both sides add up over deliveries. Months from before the first delivery read are left out, since their
-- visits are not known.
with touched as (
  select distinct c.org_number, c.period
  from recipient_claims c
  cross join first_visits k
  where c.period >= k.first_known
),
billed as (
  select
    c.org_number, c.recipient_id, c.service_code, c.period,
    sum(c.billed_minutes)::bigint as timed_minutes,
    sum(c.billed_visits)::bigint as billed_visits
  from recipient_claims_3m c
  join touched t using (org_number, period)
  group by all
),
performed as (
  select
    v.org_number, v.recipient_id, v.service_code, v.period,
    sum(v.performed_minutes)::bigint as performed_minutes,
    sum(v.visits)::bigint as visits
  from recipient_visits_3m v
  join touched t using (org_number, period)
  group by all
),
matched as (
  select
    coalesce(b.org_number, p.org_number) as org_number,
    coalesce(b.recipient_id, p.recipient_id) as recipient_id,
    coalesce(b.service_code, p.service_code) as service_code,
    coalesce(b.period, p.period) as period,
    b.org_number is not null and b.recipient_id is not null and b.service_code is not null as is_itemised,
    (
      coalesce(b.timed_minutes, 0)
      + case
        when coalesce(b.billed_visits, 0) = 0 then 0
        when coalesce(p.visits, 0) = 0 then b.billed_visits * 30
        else round(b.billed_visits * p.performed_minutes::decimal(18, 4) / p.visits)
      end
    )::bigint as billed_minutes,
    coalesce(p.performed_minutes, 0)::bigint as performed_minutes
  from billed b
  full join performed p
    on p.org_number = b.org_number and p.recipient_id = b.recipient_id
    and p.service_code = b.service_code and p.period = b.period
)
select
  org_number, recipient_id, service_code, period,
  sum(billed_minutes)::bigint as billed_minutes,
  sum(performed_minutes)::bigint as performed_minutes,
  sum(case when is_itemised then greatest(billed_minutes - performed_minutes, 0) else 0 end)::bigint as overbilled_minutes
from matched
group by all
