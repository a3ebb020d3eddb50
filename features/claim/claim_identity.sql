/* ---
name: claim_identity
entity: claim
grain: [line_id]
partition_by: recipient_id
sources: [claim_fact, person]
whole: [person]
columns:
  org_number: provider that is paid
  recipient_id: person that the line is for (pseudonym), null where none or a sentinel was given
  amount_ore: amount in ore
  is_known: the person is in the population register
  source_table: the fact table that the row stands in
  source_row_id: file and row in the delivery
--- */
-- Lines by time or visit are for a person; others (EA) need not be. What was wrong with a number is not known here: an
-- invalid one keeps its own pseudonym and is in no register, a sentinel is null.
select
  l.line_id, l.org_number, l.recipient_id, l.amount_ore,
  p.person_id is not null as is_known,
  l.source_table, l.source_row_id
from claim_fact l
left join person p on p.person_id = l.recipient_id
where l.unit_code <> 'EA' and not l.is_credit
