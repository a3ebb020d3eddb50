/* ---
name: staff_payroll
entity: staff
grain: [org_number, staff_id]
partition_by: org_number
sources: [payroll_3m, staff_month_3m]
columns:
  paid_minutes: minutes paid by the last three payrolls, null where payroll holds none
  gross_pay_ore: gross pay in the last three payrolls
  performed_minutes: minutes registered at visits in the last three deliveries
  is_ghost: paid and never at a visit
  is_steady_ghost: never at a visit, and paid for 60 hours or more by every payroll of the provider in that time
  is_unpaid: ten hours or more at visits and never paid
--- */
-- Only for providers whose payroll names its workers.
with named as (
  select distinct org_number from payroll_3m where staff_id is not null
),
paid_month as (
  select
    org_number, staff_id, month,
    sum(paid_minutes)::bigint as paid_minutes,
    sum(gross_pay_ore)::bigint as gross_pay_ore
  from payroll_3m
  where staff_id is not null
  group by all
),
payrolls as (
  select org_number, count(distinct month) as months from paid_month group by org_number
),
paid as (
  select
    org_number, staff_id,
    sum(paid_minutes)::bigint as paid_minutes,
    sum(gross_pay_ore)::bigint as gross_pay_ore,
    count(*) filter (paid_minutes >= 3600) as full_months
  from paid_month
  group by all
),
performed as (
  select org_number, staff_id, sum(performed_minutes)::bigint as performed_minutes
  from staff_month_3m
  semi join named using (org_number)
  where is_visiting
  group by all
)
select
  org_number, staff_id, p.paid_minutes,
  coalesce(p.gross_pay_ore, 0) as gross_pay_ore,
  coalesce(v.performed_minutes, 0) as performed_minutes,
  coalesce(p.gross_pay_ore, 0) > 0 and v.staff_id is null as is_ghost,
  coalesce(p.gross_pay_ore, 0) > 0 and v.staff_id is null and coalesce(p.full_months = m.months, false) as is_steady_ghost,
  coalesce(p.gross_pay_ore, 0) <= 0 and coalesce(v.performed_minutes, 0) >= 600 as is_unpaid
from paid p
full join performed v using (org_number, staff_id)
left join payrolls m using (org_number)
