/* ---
name: case_worker_size
entity: recipient
grain: [org_number, case_worker_id]
partition_by: org_number
sources: [case_worker_grant]
columns:
  decisions: the case worker's decisions of the last twelve months that name the provider
  excess: sum of how far each lies above the usual, in logarithms
  variance: sum of the spread of the usual, in squared logarithms
  is_largest: the largest excess over its spread of the provider's case workers with five decisions or more
--- */
with pairs as (
  select
    org_number, case_worker_id,
    sum(decisions)::bigint as decisions,
    list_sum(list(excess order by board_id, service_code)) as excess,
    list_sum(list(variance order by board_id, service_code)) as variance
  from case_worker_grant
  group by all
),
placed as (
  select
    org_number, case_worker_id,
    row_number() over (partition by org_number order by excess / sqrt(variance) desc, case_worker_id) as place
  from pairs
  where decisions >= 5 and variance > 0
)
select
  p.org_number, p.case_worker_id, p.decisions, p.excess, p.variance,
  coalesce(l.place = 1, false) as is_largest
from pairs p
left join placed l on l.org_number = p.org_number and l.case_worker_id = p.case_worker_id
