/* ---
name: follow_up_fact
entity: follow_up
grain: [follow_up_id]
partition_by: follow_up_id
sources: [contract_follow_up_all, contract]
whole: [contract]
columns:
  org_number: provider of the contract
  contract_id: contract
  date: day of the follow-up
  type: planned, unannounced or desk
  finding_code: what was found
  severity: 0 (nothing) to 3
  remedied_on: day that the finding was remedied, null while it is open
  sanction: none, warning, penalty or rescission
  is_recent: in the last twelve months
  is_due: a finding of severity 1 or more that is at least 90 days old
  is_open: due and not remedied
  source_table: the fact table that the row stands in
  source_row_id: delivery, file and row; the newest delivery that holds the follow-up counts
--- */
with newest as (
  select
    follow_up_id, contract_id, date, type, finding_code, severity, remedied_on, sanction, source_file, source_row,
    delivery_month, row_number() over (partition by follow_up_id order by delivery_month desc) as nth
  from contract_follow_up_all
)
select
  f.follow_up_id,
  k.org_number,
  f.contract_id,
  f.date,
  f.type,
  f.finding_code,
  f.severity,
  f.remedied_on,
  f.sanction,
  f.date >= r.first - interval 11 month and f.date <= r.last as is_recent,
  f.severity >= 1 and f.date <= r.last - 90 as is_due,
  f.severity >= 1 and f.date <= r.last - 90 and coalesce(f.remedied_on > r.last, true) as is_open,
  'contract_follow_up' as source_table,
  case when f.delivery_month = r.month then '' else left(f.delivery_month::varchar, 7) || '/' end
    || f.source_file || ':' || f.source_row as source_row_id
from newest f join contract k on k.contract_id = f.contract_id cross join run_month r
where f.nth = 1
