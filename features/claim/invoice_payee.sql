/* ---
name: invoice_payee
entity: invoice
grain: [invoice_id]
partition_by: org_number
sources: [invoice, payment_account, corporate_group]
optional: [payment_account, corporate_group]
whole: [payment_account, corporate_group]
columns:
  org_number: provider whose claim it is
  payee_org_number: the organisation that is paid, else the only other one whose registered account is paid, else the provider
  is_group: payee and provider were in one registered group on the invoice's date
  total_ore: total in ore, above zero
  source_table: the fact table that the row stands in
  source_row_id: file and row in the delivery
--- */
-- Invoices that name a payee or an account; credit notes are left out. An account that is the provider's own, or that several
-- others have registered (a factoring company's, a bank's), tells of no payee.
with paid as (
  select
    i.invoice_id, i.org_number, i.issue_date, i.total_ore, i.payee_org_number,
    count(distinct a.org_number) as holders,
    min(a.org_number) as holder,
    bool_or(a.org_number = i.org_number) as is_own,
    i.source_file || ':' || i.source_row as source_row_id
  from invoice i
  left join payment_account a
    on a.account_number = i.account_number and coalesce(a.from_date <= i.issue_date, true)
    and coalesce(a.to_date >= i.issue_date, true)
  where i.total_ore > 0 and i.credit_of is null and (i.payee_org_number is not null or i.account_number is not null)
  group by all
),
named as (
  select
    invoice_id, org_number, issue_date, total_ore, source_row_id,
    case
      when payee_org_number <> org_number then payee_org_number
      when holders = 1 and not is_own then holder
      else org_number
    end as payee_org_number
  from paid
)
select
  n.invoice_id, n.org_number, n.payee_org_number,
  exists (
    select 1 from corporate_group a join corporate_group b on b.group_id = a.group_id
    where a.org_number = n.org_number and b.org_number = n.payee_org_number
      and coalesce(a.from_date <= n.issue_date, true) and coalesce(a.to_date >= n.issue_date, true)
      and coalesce(b.from_date <= n.issue_date, true) and coalesce(b.to_date >= n.issue_date, true)
  ) as is_group,
  n.total_ore,
  'invoice' as source_table,
  n.source_row_id
from named n
