/* ---
name: invoice_step
entity: invoice
grain: [delivery_month, invoice_id]
partition_by: org_number
sources: [invoice, invoice_fact_12m]
columns:
  org_number: provider that is paid
  invoice_number: number on the invoice
  step: from the number before it in the same series; null for the first
  source_table: the fact table that the row stands in
  source_row_id: file and row in the delivery, the month before it where it is an earlier one
--- */
-- Numbers are compared where the text before their last digits is the same; exact repetitions of an invoice are left out, and
-- so are the runs that the city numbers itself. Providers with an invoice in this delivery.
select
  f.delivery_month, f.invoice_id, f.org_number, f.invoice_number,
  f.number_value - lag(f.number_value) over (
    partition by f.org_number, f.number_series order by f.number_value, f.issue_date, f.delivery_month, f.invoice_id
  ) as step,
  f.source_table,
  case when f.delivery_month = r.month then '' else left(f.delivery_month::varchar, 7) || '/' end || f.source_row_id
    as source_row_id
from invoice_fact_12m f
semi join invoice i on i.org_number = f.org_number
cross join run_month r
where f.source <> 'reimbursement_run' and not f.is_credit and not f.is_duplicate and f.number_value is not null
