/* ---
name: person_month
entity: link
grain: [org_number, kind, person_id]
partition_by: org_number
sources: [visit, claim_line]
optional: [visit, claim_line]
columns:
  kind: staff (a worker in the month's visits) or recipient (in its visits or claims)
--- */
select org_number, 'staff' as kind, staff_id as person_id from visit where staff_id is not null
union
select org_number, 'recipient', recipient_id from visit where recipient_id is not null
union
select org_number, 'recipient', recipient_id from claim_line where recipient_id is not null
