/* ---
name: company_start
entity: provider
grain: [org_number]
partition_by: org_number
sources: [provider, contract, provider_role, billed_month_all]
optional: [contract, provider_role]
columns:
  registered_on: day that the company was registered
  renewed_on: day from which all of the management is new, a year or more after registration and before the first assignment; null where none
  began_on: first contract or first billing, whichever came first
  days: days from the later of registration and renewal to the first assignment, at least none
  source_table: the table that the row stands in
  source_row_id: file and row in the delivery
--- */
with business as (
  select org_number, min(day) as began_on
  from (
    select org_number, delivery_month as day from billed_month_all where billed_ore > 0
    union all
    select org_number, least(coalesce(signed_on, valid_from), valid_from) from contract
  )
  group by org_number
),
seated as (
  select t.org_number, min(t.from_date) as renewed_on
  from provider_role t
  join business b using (org_number)
  where t.role in ('board_member', 'chair', 'ceo')
    and coalesce(t.to_date, date '9999-12-31') > b.began_on
  group by t.org_number
  having bool_and(t.from_date is not null)
),
started as (
  select
    p.org_number, p.registered_on, b.began_on,
    case when s.renewed_on >= p.registered_on + interval 12 month and s.renewed_on <= b.began_on then s.renewed_on end
      as renewed_on,
    'provider' as source_table,
    p.source_file || ':' || p.source_row as source_row_id
  from provider p
  join business b using (org_number)
  left join seated s using (org_number)
  where p.registered_on is not null
)
select
  org_number, registered_on, renewed_on, began_on,
  greatest(0, began_on - coalesce(renewed_on, registered_on))::bigint as days,
  source_table, source_row_id
from started
