/* ---
name: case_worker_choice
entity: recipient
grain: [org_number, case_worker_id, board_id, law]
partition_by: board_id
sources: [care_decision]
columns:
  recipients: persons for whom the case worker made a decision that names the provider in the last twelve months
  worker_recipients: the same over all providers
  other_recipients: persons of the board's other case workers
  other_to_provider: of them those with this provider
--- */
-- Persons, not decisions: who is granted five services chooses a provider once. SoL and LSS have different providers.
with chosen as (
  select distinct org_number, case_worker_id, board_id, law, recipient_id
  from care_decision
  cross join run_month r
  where org_number is not null and case_worker_id is not null
    and coalesce(decided_on, valid_from) >= r.first - interval 11 month
    and coalesce(decided_on, valid_from) < r.next_month
),
counted as (
  select org_number, case_worker_id, board_id, law, count(*) as recipients from chosen group by all
)
select
  org_number, case_worker_id, board_id, law, recipients,
  sum(recipients) over worker::bigint as worker_recipients,
  (sum(recipients) over board_law - sum(recipients) over worker)::bigint as other_recipients,
  (sum(recipients) over provider_law - recipients)::bigint as other_to_provider
from counted
window worker as (partition by board_id, law, case_worker_id),
  board_law as (partition by board_id, law),
  provider_law as (partition by board_id, law, org_number)
