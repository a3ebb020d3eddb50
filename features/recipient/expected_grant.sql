/* ---
name: expected_grant
entity: recipient
grain: [board_id, service_code]
partition_by: board_id
sources: [care_decision]
columns:
  decisions: decisions in force this month
  expected_minutes: the median grant among them
--- */
select
  d.board_id, d.service_code,
  count(*) as decisions,
  median(d.granted_minutes_month) as expected_minutes
from care_decision d
cross join run_month r
where d.valid_from < r.next_month and coalesce(d.valid_to, r.last) >= r.first and d.granted_minutes_month > 0
group by all
