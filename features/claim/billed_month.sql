/* ---
name: billed_month
entity: provider
grain: [org_number]
partition_by: org_number
sources: [claim_fact]
columns:
  billed_ore: what this delivery bills, credits deducted
  gross_ore: the same without credits
  credit_ore: credits, as a positive sum
  late_ore: of the gross, lines for a period two months or more before the delivery
  billed_minutes: minutes billed by time, credits deducted
--- */
select
  org_number,
  sum(amount_ore)::bigint as billed_ore,
  coalesce(sum(amount_ore) filter (not is_credit), 0)::bigint as gross_ore,
  coalesce(-sum(amount_ore) filter (is_credit), 0)::bigint as credit_ore,
  coalesce(sum(amount_ore) filter (not is_credit and months_late >= 2), 0)::bigint as late_ore,
  coalesce(sum(billed_minutes), 0)::bigint as billed_minutes
from claim_fact
group by org_number
