/* ---
name: claim_fact
entity: claim
grain: [line_id]
partition_by: org_number
sources: [claim_line, invoice]
optional: [invoice]
columns:
  invoice_id: the invoice or reimbursement run that the line stands on
  org_number: provider that is paid
  recipient_id: person that the line is for (pseudonym), null on lines that name none
  service_code: service
  period: first day of the month that the line is for
  unit_code: HUR, MIN, VIS or EA
  quantity: quantity as billed, negative on credits
  unit_price_ore: price of a unit in ore
  amount_ore: amount in ore, negative on credits
  billed_minutes: minutes of a line billed by time, negative on credits, null on other lines
  billed_visits: visits of a line billed by visit, negative on credits, null on other lines
  period_from: first day that the invoice says it is for, else of the period
  contract_id: contract that the invoice names
  board_id: board that pays
  is_credit: takes money back
  months_late: whole months from the period to the delivery
  source_table: the fact table that the row stands in
  source_row_id: file and row in the delivery
--- */
-- A credit has a negative amount; its quantity is written with either sign, so the amount's sign decides.
select
  l.line_id,
  l.invoice_id,
  l.org_number,
  l.recipient_id,
  l.service_code,
  l.period,
  l.unit_code,
  case when l.amount_ore < 0 then -abs(l.quantity) else l.quantity end as quantity,
  abs(l.unit_price_ore) as unit_price_ore,
  l.amount_ore,
  case
    when l.unit_code not in ('HUR', 'MIN') then null
    when l.amount_ore < 0 then -round(abs(l.quantity) * case l.unit_code when 'HUR' then 60 else 1 end)
    else round(l.quantity * case l.unit_code when 'HUR' then 60 else 1 end)
  end::bigint as billed_minutes,
  case
    when l.unit_code <> 'VIS' then null
    when l.amount_ore < 0 then -round(abs(l.quantity))
    else round(l.quantity)
  end::bigint as billed_visits,
  coalesce(i.period_from, l.period) as period_from,
  i.contract_id,
  i.board_id,
  l.amount_ore < 0 as is_credit,
  date_diff('month', l.period, r.month)::bigint as months_late,
  'claim_line' as source_table,
  l.source_file || ':' || l.source_row as source_row_id
from claim_line l
left join invoice i on i.invoice_id = l.invoice_id and i.org_number = l.org_number
cross join run_month r
