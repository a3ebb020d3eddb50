/* ---
name: direct_award
entity: contract
grain: [contract_id]
partition_by: org_number
sources: [contract]
columns:
  org_number: provider
  board_id: board that awarded it
  law: LOU, LOV or direct_award
  day: day that it was signed, else began
  ceiling_ore: the contract's ceiling
  limit_ore: the lowest limit for direct awards that the ceiling stays under by less than a tenth; null where none
  awards: the board's awards to the provider just below that limit in the twelve months up to this one
  year_ore: the sum of their ceilings
  is_split: one of two or more such awards that together exceed the limit
  source_table: the table that the row stands in
  source_row_id: file and row in the delivery
--- */
-- Contracts with a ceiling. Limits for direct awards by date (LOU): the general one, then the one for social services
-- (welfare services before 2022). Source: Konkurrensverket and Upphandlingsmyndigheten. The newest stands until the next is
-- written here.
with limits(from_date, to_date, limit_ore) as (
  values
    (date '2014-07-01', date '2015-12-31', 50580000),
    (date '2016-01-01', date '2017-12-31', 53489000),
    (date '2018-01-01', date '2019-12-31', 58690700),
    (date '2020-01-01', date '2022-01-31', 61531200),
    (date '2022-02-01', date '9999-12-31', 70000000),
    (date '2018-01-01', date '2019-12-31', 199176600),
    (date '2020-01-01', date '2022-01-31', 215646900),
    (date '2022-02-01', date '2023-12-31', 780255000),
    (date '2024-01-01', date '9999-12-31', 810945000)
),
signed as (
  select
    org_number, board_id, contract_id, law, ceiling_ore,
    coalesce(signed_on, valid_from) as day,
    'contract' as source_table,
    source_file || ':' || source_row as source_row_id
  from contract
  where ceiling_ore is not null
),
-- The lowest limit at or above the value is the one that the award stays under.
near as (
  select
    s.org_number, s.board_id, s.contract_id, s.day, s.ceiling_ore, min(l.limit_ore)::bigint as limit_ore
  from signed s
  join limits l on s.day between l.from_date and l.to_date and s.ceiling_ore <= l.limit_ore
  where s.law = 'direct_award'
  group by all
  having s.ceiling_ore >= 0.9 * min(l.limit_ore)
),
added as (
  select
    contract_id, org_number, limit_ore,
    count(*) over window_of_year as awards,
    sum(ceiling_ore) over window_of_year::bigint as year_ore
  from near
  window window_of_year as (
    partition by org_number, board_id, limit_ore order by day range between interval 12 month preceding and current row
  )
)
select
  s.contract_id, s.org_number, s.board_id, s.law, s.day, s.ceiling_ore, a.limit_ore, a.awards, a.year_ore,
  coalesce(a.awards >= 2 and a.year_ore > a.limit_ore, false) as is_split,
  s.source_table, s.source_row_id
from signed s
left join added a on a.contract_id = s.contract_id and a.org_number = s.org_number
