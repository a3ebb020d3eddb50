/* ---
name: claim_grant
entity: claim
grain: [line_id]
partition_by: recipient_id
sources: [claim_fact, care_decision]
columns:
  org_number: provider that is paid
  recipient_id: person that the line is for (pseudonym)
  service_code: service
  period: month that the line is for
  billed_minutes: minutes billed, negative on credits
  amount_ore: amount in ore
  is_granted: a decision for the service was valid some day of the period
  source_table: the fact table that the row stands in
  source_row_id: file and row in the delivery
--- */
-- Only lines that name a person and are billed by time. A line without a service may fall under any decision.
with granted as (
  select distinct l.line_id
  from claim_fact l
  join care_decision d
    on d.recipient_id = l.recipient_id
    and d.valid_from < l.period + interval 1 month
    and coalesce(d.valid_to, date '9999-12-31') >= l.period
  where l.service_code is null or d.service_code = l.service_code
)
select
  l.line_id, l.org_number, l.recipient_id, l.service_code, l.period, l.billed_minutes, l.amount_ore,
  g.line_id is not null as is_granted,
  l.source_table, l.source_row_id
from claim_fact l
left join granted g using (line_id)
where l.recipient_id is not null and l.billed_minutes is not null
