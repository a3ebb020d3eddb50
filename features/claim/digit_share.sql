/* ---
name: digit_share
entity: claim
grain: [org_number, digits]
partition_by: org_number
sources: [claim_line, claim_digits_12m]
columns:
  digits: first two digits, each of 10-99
  lines: the provider's lines of the last twelve months whose amount begins with them
  all_lines: all its lines with digits
  expected: the share that Benford's law expects
--- */
-- Providers with 300 lines or more that billed in this delivery.
with counted as (
  select org_number, digits, count(*) as lines
  from claim_digits_12m
  semi join claim_line using (org_number)
  group by all
),
summed as (
  select org_number, sum(lines)::bigint as all_lines from counted group by org_number having sum(lines) >= 300
),
every as (
  select org_number, all_lines, unnest(range(10, 100)) as digits from summed
)
select
  e.org_number, e.digits,
  coalesce(c.lines, 0) as lines,
  e.all_lines,
  log10(1 + 1 / e.digits) as expected
from every e
left join counted c on c.org_number = e.org_number and c.digits = e.digits
