/* ---
name: billing_history
entity: claim
grain: [org_number, delivery_month]
partition_by: org_number
sources: [billed_month_all, first_billing]
whole: [first_billing]
columns:
  billed_ore: what the provider billed in the delivery, above zero
  ago: months before this one
  nth: the provider's first month with billing is 1
  months: months with billing
  age: months from the first of them to this one
  is_seen_from_start: the first month came after the first delivery of all, so the beginning is known
  bills_now: bills in this month too
--- */
with placed as (
  select
    b.org_number, b.delivery_month, b.billed_ore, f.first_known,
    date_diff('month', b.delivery_month, r.month) as ago
  from billed_month_all b
  cross join first_billing f
  cross join run_month r
  where b.billed_ore > 0
)
select
  org_number, delivery_month, billed_ore, ago,
  row_number() over (partition by org_number order by delivery_month) as nth,
  count(*) over (partition by org_number) as months,
  max(ago) over (partition by org_number) as age,
  min(delivery_month) over (partition by org_number) > first_known as is_seen_from_start,
  min(ago) over (partition by org_number) = 0 as bills_now
from placed
