/* ---
name: invoice_account
entity: invoice
grain: [org_number, account_number]
partition_by: org_number
sources: [invoice]
columns:
  first_issued: date of the first of this delivery's invoices to the account
--- */
select org_number, account_number, min(issue_date) as first_issued
from invoice
where account_number is not null and total_ore > 0
group by all
