/* ---
name: invoice_fact
entity: invoice
grain: [invoice_id]
partition_by: org_number
sources: [invoice, invoice_3m, invoice_12m, invoice_account_12m, payment_account]
optional: [payment_account]
columns:
  org_number: provider that is paid
  invoice_number: number on the invoice
  number_series: the number without the digits that it ends in
  number_value: the digits that it ends in, null where none or too many
  issue_date: date on the invoice
  board_id: board that pays
  contract_id: contract that the invoice names
  total_ore: total in ore, negative on credit notes
  source: peppol, svefaktura, ledger or reimbursement_run
  is_credit: a credit note
  is_duplicate: the same provider, number and total came before, and was not credited
  is_near_duplicate: at most ten days and .5 per cent from an earlier invoice with another number for the same or no period
  is_number_reused: the provider has used the number before, for another total
  is_sizeable: 1 000 SEK or more, so that a round sum says something
  is_round: sizeable, and whole hundreds (whole thousands from 10 000 SEK)
  is_payee_other: to be paid to another organisation than the provider
  is_account_new: to an account that replaced another at most 30 days before
  source_table: the fact table that the row stands in
  source_row_id: file and row in the delivery
--- */
-- Reimbursement runs are computed and numbered by the city, so near duplicates and reused numbers are not looked for there.
with credited as (
  select distinct org_number, credit_of from invoice_12m where credit_of is not null
),
numbered as (
  select
    k.invoice_id, k.org_number, k.delivery_month, k.total_ore,
    row_number() over (
      partition by k.org_number, k.invoice_number, k.total_ore order by k.issue_date, k.delivery_month, k.invoice_id
    ) as nth,
    row_number() over (
      partition by k.org_number, k.invoice_number order by k.issue_date, k.delivery_month, k.invoice_id
    ) as nth_of_number
  from invoice_12m k
  semi join invoice i on i.org_number = k.org_number and i.invoice_number = k.invoice_number
  anti join credited c
    on c.org_number = k.org_number and (c.credit_of = k.invoice_id or c.credit_of = k.invoice_number)
),
sized as (
  select
    k.invoice_id, k.org_number, k.invoice_number, k.issue_date, k.delivery_month, k.total_ore, k.period_from,
    unnest([floor(ln(k.total_ore) / ln(1.005)), floor(ln(k.total_ore) / ln(1.005)) + 1])::bigint as size_bucket
  from invoice_3m k
  anti join credited c
    on c.org_number = k.org_number and (c.credit_of = k.invoice_id or c.credit_of = k.invoice_number)
  where k.total_ore >= 10000 and k.source <> 'reimbursement_run'
),
-- Two sums within .5 per cent share a bucket. The three before in time are looked at; a sum that comes often is usual.
neighbours as (
  select
    invoice_id, org_number, invoice_number, issue_date, delivery_month, total_ore, period_from,
    count(*) over (partition by org_number, size_bucket) as alike,
    list({'number': invoice_number, 'day': issue_date, 'total': total_ore, 'period': period_from}) over (
      partition by org_number, size_bucket order by issue_date, delivery_month, invoice_id
      rows between 3 preceding and 1 preceding
    ) as earlier
  from sized
),
near as (
  select distinct n.invoice_id, n.org_number
  from neighbours n
  cross join run_month r
  where n.delivery_month = r.month and n.alike <= 6
    and len([
      e for e in n.earlier
      if e.number <> n.invoice_number and n.issue_date - e.day <= 10
      and abs(n.total_ore - e.total) <= 0.005 * greatest(n.total_ore, e.total)
      and coalesce(e.period = n.period_from, true)
    ]) > 0
),
accounts as (
  select
    org_number, account_number,
    min(first_issued) as first_used,
    min(min(first_issued)) over (partition by org_number) as first_of_all
  from invoice_account_12m
  group by org_number, account_number
),
registered as (
  select org_number, account_number, max(from_date) as from_date, bool_or(replaced) as replaced
  from (
    select
      org_number, account_number, from_date,
      from_date > min(from_date) over (partition by org_number) as replaced
    from payment_account where from_date is not null
  )
  group by all
)
select
  i.invoice_id, i.org_number, i.invoice_number,
  rtrim(i.invoice_number, '0123456789') as number_series,
  try_cast(nullif(right(i.invoice_number, length(i.invoice_number) - length(rtrim(i.invoice_number, '0123456789'))), '')
    as bigint) as number_value,
  i.issue_date, i.board_id, i.contract_id, i.total_ore, i.source,
  i.total_ore < 0 or i.credit_of is not null as is_credit,
  coalesce(n.nth > 1, false) as is_duplicate,
  near.invoice_id is not null as is_near_duplicate,
  i.source <> 'reimbursement_run' and i.total_ore > 0 and i.credit_of is null
    and coalesce(n.nth = 1 and n.nth_of_number > 1, false) as is_number_reused,
  i.total_ore >= 100000 as is_sizeable,
  i.total_ore >= 100000 and i.total_ore % case when i.total_ore >= 1000000 then 100000 else 10000 end = 0 as is_round,
  coalesce(i.payee_org_number <> i.org_number, false) as is_payee_other,
  i.total_ore > 0 and (
    coalesce(a.first_used > a.first_of_all and i.issue_date - a.first_used <= 30, false)
    or coalesce(g.replaced and i.issue_date - g.from_date between 0 and 30, false)
  ) as is_account_new,
  'invoice' as source_table,
  i.source_file || ':' || i.source_row as source_row_id
from invoice i
cross join run_month r
left join numbered n
  on n.invoice_id = i.invoice_id and n.org_number = i.org_number and n.delivery_month = r.month
left join near on near.invoice_id = i.invoice_id and near.org_number = i.org_number
left join accounts a on a.org_number = i.org_number and a.account_number = i.account_number
left join registered g on g.org_number = i.org_number and g.account_number = i.account_number
