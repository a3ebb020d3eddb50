/* ---
name: follow_up_month
entity: follow_up
grain: [org_number, delivery_month]
partition_by: org_number
sources: [provider_spine_all, follow_up_fact]
columns:
  billed_ore: what the provider billed in the delivery
  is_recent: one of the last twelve deliveries
  is_after_follow_up: a month after that of the newest follow-up, or any month where there was none
--- */
with newest as (
  select org_number, max(date) as date from follow_up_fact cross join run_month r where date <= r.last group by org_number
)
select
  s.org_number,
  s.delivery_month,
  s.billed_ore,
  s.delivery_month > r.month - interval 12 month as is_recent,
  coalesce(s.delivery_month > n.date, true) as is_after_follow_up
from provider_spine_all s left join newest n using (org_number) cross join run_month r
where s.billed_ore <> 0
