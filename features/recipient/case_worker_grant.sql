/* ---
name: case_worker_grant
entity: recipient
grain: [org_number, case_worker_id, board_id, service_code]
partition_by: board_id
sources: [care_decision]
columns:
  decisions: the case worker's decisions of the last twelve months that name the provider
  granted_minutes: granted in them
  excess: sum of how far each lies above the usual, in logarithms
  variance: sum of the spread of the usual, in squared logarithms
--- */
-- The usual is what the board granted for the service to other providers' recipients in the same year. Logarithms, since
-- grants are skew; in whole thousandths, so that sums are the same in any order.
with made as (
  select
    org_number, case_worker_id, board_id, service_code, granted_minutes_month,
    round(1000 * ln(granted_minutes_month))::bigint as size
  from care_decision
  cross join run_month r
  where org_number is not null and case_worker_id is not null and granted_minutes_month > 0
    and coalesce(decided_on, valid_from) >= r.first - interval 11 month
    and coalesce(decided_on, valid_from) < r.next_month
),
by_worker as (
  select
    org_number, case_worker_id, board_id, service_code,
    count(*) as n, sum(size)::bigint as sizes, sum(size * size)::bigint as squares,
    sum(granted_minutes_month)::bigint as granted_minutes
  from made
  group by all
),
compared as (
  select
    org_number, case_worker_id, board_id, service_code, n, sizes, granted_minutes,
    sum(n) over board_service - sum(n) over own as others,
    sum(sizes) over board_service - sum(sizes) over own as other_sizes,
    sum(squares) over board_service - sum(squares) over own as other_squares
  from by_worker
  window board_service as (partition by board_id, service_code),
    own as (partition by board_id, service_code, org_number)
)
select
  org_number, case_worker_id, board_id, service_code,
  n as decisions, granted_minutes,
  (sizes - n * (other_sizes / others)) / 1000 as excess,
  n * (other_squares / others - (other_sizes / others) * (other_sizes / others)) / 1000000 as variance
from compared
where others >= 20
