/* ---
name: payment_edge
entity: link
grain: [org_number, payee_org_number]
partition_by: org_number
sources: [invoice_payee_12m]
columns:
  payee_org_number: who is paid for the provider's claims; the provider itself in one row
  amount_ore: paid there over the last twelve deliveries
  invoices: number of invoices
  is_group: all of them within one registered group
--- */
select
  org_number, payee_org_number,
  sum(total_ore)::bigint as amount_ore,
  count(*) as invoices,
  bool_and(is_group) as is_group
from invoice_payee_12m
group by all
