/* ---
name: recipient_grant
entity: recipient
grain: [org_number, recipient_id, service_code, period]
partition_by: recipient_id
sources: [recipient_claims, recipient_claims_3m, care_decision]
columns:
  billed_minutes: minutes that this provider billed for the month, known from the last three deliveries
  all_billed_minutes: the same over all providers
  granted_minutes: minutes granted for the month by the decisions valid all of it
  is_at_ceiling: all providers together billed 98 to 100 per cent of what was granted
  used_permille: all billed in thousandths of what was granted
--- */
-- Only months that decisions cover from the first day to the last: a grant that began on the 20th says nothing of a month.
with touched as (
  select distinct recipient_id, service_code, period
  from recipient_claims
  where recipient_id is not null and service_code is not null and billed_minutes > 0
),
billed as (
  select
    c.org_number, c.recipient_id, c.service_code, c.period,
    sum(c.billed_minutes)::bigint as billed_minutes
  from recipient_claims_3m c
  join touched t using (recipient_id, service_code, period)
  group by all
  having sum(c.billed_minutes) > 0
),
granted as (
  select
    t.recipient_id, t.service_code, t.period,
    bool_and(d.valid_from <= t.period and coalesce(d.valid_to, date '9999-12-31') >= t.period + interval 1 month - interval 1 day)
      as is_whole,
    sum(d.granted_minutes_month)::bigint as granted_minutes
  from touched t
  join care_decision d
    on d.recipient_id = t.recipient_id and d.service_code = t.service_code
    and d.valid_from < t.period + interval 1 month
    and coalesce(d.valid_to, date '9999-12-31') >= t.period
  group by all
),
summed as (
  select
    b.org_number, b.recipient_id, b.service_code, b.period, b.billed_minutes, g.granted_minutes,
    sum(b.billed_minutes) over (partition by b.recipient_id, b.service_code, b.period)::bigint as all_billed_minutes
  from billed b
  join granted g using (recipient_id, service_code, period)
  where g.is_whole and g.granted_minutes > 0
)
select
  org_number, recipient_id, service_code, period, billed_minutes, all_billed_minutes, granted_minutes,
  100 * all_billed_minutes between 98 * granted_minutes and 100 * granted_minutes as is_at_ceiling,
  (1000 * all_billed_minutes // granted_minutes)::bigint as used_permille
from summed
