/* ---
name: claim_digits
entity: claim
grain: [org_number, digits]
partition_by: org_number
sources: [claim_fact]
columns:
  digits: the first two digits of an amount of 10 SEK or more, 10-99
  lines: this delivery's lines with them, credits not counted
--- */
select org_number, left(amount_ore::varchar, 2)::bigint as digits, count(*) as lines
from claim_fact
where amount_ore >= 1000
group by all
