/* ---
name: case_worker_surprise
entity: recipient
grain: [org_number, case_worker_id, board_id, law]
partition_by: org_number
sources: [case_worker_choice]
columns:
  recipients: persons for whom the case worker made a decision that names the provider in the last twelve months
  worker_recipients: the same over all providers
  usual: share that the board's other case workers give the provider, half a person added on each side
  case_workers: rows of the provider in this view, of which the most surprising one counts
  surprise: nats of surprise at so many
  is_largest: the most surprising of them (where several are, that with most persons)
--- */
-- Only case workers with five persons, at boards where the others have ten: else their usual share is not known.
with usual as (
  select
    org_number, case_worker_id, board_id, law, recipients, worker_recipients,
    (other_to_provider + 0.5::double) / (other_recipients + 1) as usual
  from case_worker_choice
  where other_recipients >= 10 and worker_recipients >= 5
),
surprised as (
  select
    org_number, case_worker_id, board_id, law, recipients, worker_recipients, usual,
    binomial_surprise(recipients, worker_recipients, usual) as surprise
  from usual
)
select
  org_number, case_worker_id, board_id, law, recipients, worker_recipients, usual,
  count(*) over (partition by org_number) as case_workers,
  surprise,
  row_number() over (
    partition by org_number order by surprise desc, recipients desc, case_worker_id, board_id, law
  ) = 1 as is_largest
from surprised
