/* ---
name: pay_and_claims
entity: claim
grain: [org_number, period]
partition_by: org_number
sources: [payroll_3m, claim_fact_3m]
columns:
  period: month, of those for which both pay and claims are known from the last three deliveries
  gross_pay_ore: gross pay for the month
  amount_ore: what is billed for the month, above zero
--- */
with paid as (
  select org_number, month as period, sum(gross_pay_ore)::bigint as gross_pay_ore
  from payroll_3m group by all
),
billed as (
  select org_number, period, sum(amount_ore)::bigint as amount_ore
  from claim_fact_3m group by all
)
select p.org_number, p.period, p.gross_pay_ore, b.amount_ore
from paid p
join billed b on b.org_number = p.org_number and b.period = p.period
where b.amount_ore > 0
