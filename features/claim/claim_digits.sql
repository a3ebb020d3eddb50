/* ---
name: claim_digits
entity: claim
grain: [line_id]
partition_by: org_number
sources: [claim_fact]
columns:
  org_number: provider that is paid
  digits: the first two digits of an amount of 10 SEK or more, 10-99; credits are left out
  source_table: the fact table that the row stands in
  source_row_id: file and row in the delivery
--- */
select line_id, org_number, left(amount_ore::varchar, 2)::bigint as digits, source_table, source_row_id
from claim_fact
where amount_ore >= 1000
