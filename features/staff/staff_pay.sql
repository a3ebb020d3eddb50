/* ---
name: staff_pay
entity: staff
grain: [org_number, month, staff_id]
partition_by: org_number
sources: [payroll, visit_fact_3m]
columns:
  paid_minutes: minutes paid that month, for the worker or, without a staff_id, for all
  visit_minutes: minutes of visits that month, of the worker or of all (shared out by paid minutes over several totals); null where no visits of the month are known
  source_table: the fact table that the row stands in
  source_row_id: file and row in the delivery
--- */
-- Payroll comes by worker or as a total for the provider. A total counts only where no worker is named that month.
with visited as (
  select org_number, service_month as month, staff_id, sum(duration_minutes)::bigint as minutes
  from visit_fact_3m
  where is_billable
  group by all
),
total as (
  select org_number, month, sum(minutes)::bigint as minutes from visited group by all
),
named as (
  select distinct org_number, month from payroll where staff_id is not null
)
select
  p.org_number,
  p.month,
  p.staff_id,
  p.paid_minutes,
  case
    when t.org_number is null then null
    when p.staff_id is not null then coalesce(v.minutes, 0)
    -- Without staff_id a row may be one of many workers: together they have the visits once.
    else round(t.minutes * p.paid_minutes / nullif(sum(p.paid_minutes) over whole, 0))::bigint
  end as visit_minutes,
  'payroll' as source_table,
  p.source_file || ':' || p.source_row as source_row_id
from payroll p
left join total t on t.org_number = p.org_number and t.month = p.month
left join visited v on v.org_number = p.org_number and v.month = p.month and v.staff_id = p.staff_id
left join named n on n.org_number = p.org_number and n.month = p.month
where p.paid_minutes is not null and (p.staff_id is not null or n.org_number is null)
window whole as (partition by p.org_number, p.month, p.staff_id is null)
