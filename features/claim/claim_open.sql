/* ---
name: claim_open
entity: claim
grain: [line_id]
partition_by: org_number
sources: [claim_fact, claim_fact_12m, invoice]
optional: [invoice]
columns:
  invoice_id: the invoice or reimbursement run that the line stands on
  org_number: provider that is paid
  board_id: board that pays
  recipient_id: person that the line is for (pseudonym), null on lines that name none
  service_code: service
  period: first day of the month that the line is for
  unit_code: HUR, MIN, VIS or EA
  quantity: quantity as billed
  unit_price_ore: price of a unit in ore
  amount_ore: amount in ore, above zero
  billed_minutes: minutes of a line billed by time, null on other lines
  billed_visits: visits of a line billed by visit, null on other lines
  contract_id: contract that the invoice names
  months_late: whole months from the period to the delivery
  issue_date: date on the invoice, null where the invoice is not there
  invoice_from: first day that the invoice says it is for
  invoice_to: last day that the invoice says it is for
  invoice_source: peppol, svefaktura, ledger or reimbursement_run
  source_table: the fact table that the row stands in
  source_row_id: file and row in the delivery
--- */
-- The lines of this delivery that ask for money and have not been taken back. A credit clears one line of the same sum for
-- the same person, service and month: the oldest, so that of bill, credit and bill again the last one stands.
with asked as (
  select distinct org_number, recipient_id, service_code, period, amount_ore as size_ore
  from claim_fact where amount_ore > 0
),
known as (
  select
    k.line_id, k.amount_ore, k.delivery_month,
    count(*) filter (k.is_credit) over same_sum as credits,
    count(*) filter (not k.is_credit) over (same_sum order by k.delivery_month, k.line_id) as nth
  from claim_fact_12m k
  join asked a
    on a.org_number = k.org_number and a.period = k.period and a.size_ore = abs(k.amount_ore)
    and a.recipient_id is not distinct from k.recipient_id and a.service_code is not distinct from k.service_code
  window same_sum as (
    partition by k.org_number, k.recipient_id, k.service_code, k.period, abs(k.amount_ore)
  )
)
select
  l.line_id, l.invoice_id, l.org_number, l.board_id, l.recipient_id, l.service_code, l.period, l.unit_code, l.quantity,
  l.unit_price_ore, l.amount_ore, l.billed_minutes, l.billed_visits, l.contract_id, l.months_late,
  i.issue_date, i.period_from as invoice_from, i.period_to as invoice_to, i.source as invoice_source,
  l.source_table, l.source_row_id
from claim_fact l
cross join run_month r
join known k on k.line_id = l.line_id and k.delivery_month = r.month
left join invoice i on i.invoice_id = l.invoice_id and i.org_number = l.org_number
where l.amount_ore > 0 and k.amount_ore > 0 and k.nth > k.credits
