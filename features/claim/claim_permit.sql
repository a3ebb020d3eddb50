/* ---
name: claim_permit
entity: claim
grain: [line_id]
partition_by: org_number
sources: [claim_fact, permit, permit_service]
whole: [permit_service]
columns:
  org_number: provider that is paid
  service_code: service, one that needs a permit
  period: month that the line is for
  amount_ore: amount in ore
  is_permitted: a permit was valid some day of the period
  source_table: the fact table that the row stands in
  source_row_id: file and row in the delivery
--- */
with permitted as (
  select distinct l.line_id
  from claim_fact l
  join permit p
    on p.org_number = l.org_number
    and p.valid_from < l.period + interval 1 month
    and least(coalesce(p.valid_to, date '9999-12-31'), coalesce(p.revoked_on, date '9999-12-31')) >= l.period
  where p.service_code is null or p.service_code = l.service_code
)
select
  l.line_id, l.org_number, l.service_code, l.period, l.amount_ore,
  p.line_id is not null as is_permitted,
  l.source_table, l.source_row_id
from claim_fact l
join permit_service s using (service_code)
left join permitted p using (line_id)
where s.is_required
