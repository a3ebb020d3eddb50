/* ---
name: provider_spine
entity: provider
grain: [org_number]
partition_by: org_number
sources: [provider, contract, board, visit_fact, visit_fact_3m, recipient_visits_3m, invoice_3m, claim_line_3m]
optional: [provider, contract, board, visit_fact, visit_fact_3m, recipient_visits_3m, invoice_3m, claim_line_3m]
whole: [board]
columns:
  name: name in the newest provider register; null for a sole trader, whose name is a person's
  active: something visited, invoiced or claimed in the last three deliveries
  sole_trader: a natural person, whose org_number is a pseudonym
  service_code: the service with the largest claimed amount, else with most visited minutes, else unknown
  size_class: class of the mean monthly performed hours, or of what was billed at 450 SEK an hour where no visits exist
  visit_system: the source system of most visits, null without visits
  board_id: the board of the newest invoices by amount, else of the contract that began last
  district: that board's district
  billed_ore: total of this delivery's invoices; of its claim lines where there are no invoices
  billed_3m_ore: the same over the last three deliveries
  performed_minutes: minutes of this delivery's visits that are paid for
  visits: this delivery's visits that are paid for
  recipients: persons visited in this delivery
  staff_count: workers who visited in this delivery
--- */
with visited as (
  select
    org_number,
    count(distinct delivery_month) as months,
    sum(performed_minutes)::bigint as minutes_3m,
    sum(performed_minutes) filter (delivery_month = r.month)::bigint as performed_minutes,
    sum(visits) filter (delivery_month = r.month)::bigint as visits,
    count(distinct recipient_id) filter (delivery_month = r.month) as recipients
  from recipient_visits_3m cross join run_month r
  group by all
),
staffed as (
  select org_number, count(distinct staff_id) as staff_count from visit_fact group by org_number
),
invoiced as (
  select
    org_number,
    sum(total_ore)::bigint as billed_3m_ore,
    sum(total_ore) filter (delivery_month = r.month)::bigint as billed_ore,
    count(distinct delivery_month) as months
  from invoice_3m cross join run_month r
  group by all
),
claimed as (
  select
    org_number,
    sum(amount_ore)::bigint as billed_3m_ore,
    sum(amount_ore) filter (delivery_month = r.month)::bigint as billed_ore,
    count(distinct delivery_month) as months
  from claim_line_3m cross join run_month r
  group by all
),
claimed_service as (
  select org_number, arg_max(service_code, (amount, service_code)) as service_code
  from (
    select org_number, service_code, sum(amount_ore)::bigint as amount
    from claim_line_3m where service_code is not null group by all
  )
  group by all
),
visited_service as (
  select org_number, arg_max(service_code, (minutes, service_code)) as service_code
  from (
    select org_number, service_code, sum(performed_minutes)::bigint as minutes
    from recipient_visits_3m group by all
  )
  group by all
),
visited_system as (
  select org_number, arg_max(source_system, (visits, source_system)) as visit_system
  from (
    select org_number, source_system, count(*) as visits
    from visit_fact_3m where source_system is not null group by all
  )
  group by all
),
invoiced_board as (
  select org_number, arg_max(board_id, (amount, board_id)) as board_id
  from (
    select org_number, board_id, sum(total_ore)::bigint as amount
    from invoice_3m where board_id is not null group by all
  )
  group by all
),
contracted as (
  select
    org_number,
    arg_max(board_id, (valid_from, contract_id)) as board_id,
    arg_max(service_code, (valid_from, contract_id)) as service_code
  from contract cross join run_month r where valid_from < r.next_month
  group by all
),
org as (
  select org_number from provider
  union select org_number from visited
  union select org_number from invoiced
  union select org_number from claimed
)
select
  o.org_number,
  case when not starts_with(o.org_number, 'p') then p.name end as name,  -- a sole trader is a person
  (v.org_number is not null or i.org_number is not null or c.org_number is not null) as active,
  starts_with(o.org_number, 'p') as sole_trader,
  coalesce(cs.service_code, vs.service_code, k.service_code, 'unknown') as service_code,
  case
    when hours.monthly <= 100 then 'xs'
    when hours.monthly <= 500 then 's'
    when hours.monthly <= 2000 then 'm'
    when hours.monthly <= 8000 then 'l'
    else 'xl'
  end as size_class,
  y.visit_system,
  coalesce(ib.board_id, k.board_id) as board_id,
  b.district,
  coalesce(i.billed_ore, c.billed_ore, 0)::bigint as billed_ore,
  coalesce(i.billed_3m_ore, c.billed_3m_ore, 0)::bigint as billed_3m_ore,
  coalesce(v.performed_minutes, 0)::bigint as performed_minutes,
  coalesce(v.visits, 0)::bigint as visits,
  coalesce(v.recipients, 0)::bigint as recipients,
  coalesce(t.staff_count, 0)::bigint as staff_count
from org o
left join provider p using (org_number)
left join visited v using (org_number)
left join staffed t using (org_number)
left join invoiced i using (org_number)
left join claimed c using (org_number)
left join claimed_service cs using (org_number)
left join visited_service vs using (org_number)
left join visited_system y using (org_number)
left join invoiced_board ib using (org_number)
left join contracted k using (org_number)
left join board b on b.board_id = coalesce(ib.board_id, k.board_id)
cross join lateral (
  select case
    when v.org_number is not null then v.minutes_3m / 60 / v.months
    else coalesce(i.billed_3m_ore / 45000 / i.months, c.billed_3m_ore / 45000 / c.months, 0)
  end as monthly
) hours
