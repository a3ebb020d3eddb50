/* ---
name: case_worker_grant
entity: recipient
grain: [org_number, case_worker_id, board_id, service_code]
partition_by: board_id
sources: [care_decision, expected_grant]
columns:
  decisions: the case worker's decisions of the last twelve months that name the provider
  granted_minutes: granted in them
  expected_minutes: what the board's median for the service would have given
  worker_decisions: all the case worker's decisions for the service that name a provider
  other_decisions: the board's other case workers' decisions for the service that name a provider
  other_to_provider: of them those that name this provider
--- */
with made as (
  select org_number, case_worker_id, board_id, service_code, granted_minutes_month
  from care_decision
  cross join run_month r
  where org_number is not null and case_worker_id is not null and granted_minutes_month > 0
    and coalesce(decided_on, valid_from) >= r.first - interval 11 month
    and coalesce(decided_on, valid_from) < r.next_month
),
counted as (
  select
    m.org_number, m.case_worker_id, m.board_id, m.service_code,
    count(*) as decisions,
    sum(m.granted_minutes_month)::bigint as granted_minutes,
    round(count(*) * max(e.expected_minutes))::bigint as expected_minutes
  from made m
  join expected_grant e using (board_id, service_code)
  group by all
)
select
  org_number, case_worker_id, board_id, service_code, decisions, granted_minutes, expected_minutes,
  sum(decisions) over (partition by board_id, service_code, case_worker_id)::bigint as worker_decisions,
  (
    sum(decisions) over (partition by board_id, service_code)
    - sum(decisions) over (partition by board_id, service_code, case_worker_id)
  )::bigint as other_decisions,
  (sum(decisions) over (partition by board_id, service_code, org_number) - decisions)::bigint as other_to_provider
from counted
