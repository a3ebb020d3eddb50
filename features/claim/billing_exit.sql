/* ---
name: billing_exit
entity: claim
grain: [org_number, delivery_month]
partition_by: org_number
sources: [billed_month_12m, provider]
columns:
  billed_ore: what the provider billed in the delivery, above zero
  is_recent: this delivery or the one before
  months: months with billing in the last twelve
  is_wound_up: deregistered in this month or the two before, other than by a merger (Bolagsverket's codes FU..)
--- */
select
  b.org_number, b.delivery_month, b.billed_ore,
  date_diff('month', b.delivery_month, r.month) < 2 as is_recent,
  count(*) over (partition by b.org_number) as months,
  coalesce(p.deregistered_on >= r.first - interval 2 month and p.deregistered_on < r.next_month, false)
    and not regexp_matches(lower(coalesce(p.deregistration_reason, '')), '^fu|fusion|merge') as is_wound_up
from billed_month_12m b
join provider p using (org_number)
cross join run_month r
where b.billed_ore > 0
