/* ---
name: below_threshold_awards
entity: provider
grain: [org_number]
partition_by: org_number
sources: [contract]
columns:
  below_threshold_awards:
    label: {sv: Direktupphandlingar strax under gränsen, en: Direct awards just below the limit}
    why:
      sv: "Antal avtal som en nämnd tecknat utan annonsering inom tolv månader, vart och ett högst tio procent under gränsen men tillsammans över den."
      en: "Contracts that one board signed without a call within twelve months, each at most ten per cent below the limit but together above it."
    innocent:
      sv: "Skilda behov som inte ska räknas ihop, eller en annan direktupphandlingsgrund än värdet."
      en: "Separate needs that are not to be added up, or another ground for a direct award than its value."
    check:
      sv: "Läs dokumentationen av upphandlingarna: avser de samma slag av tjänst under samma år?"
      en: "Read the records of the awards: are they for the same kind of service in the same year?"
    unit: count
    direction: higher
    family: money
    peers: []
    missing: {sv: Avtal med takbelopp saknas, en: No contracts with a ceiling}
    evidence: {view: contract, where: law = 'direct_award'}
    legal_basis: LOU 19 a
    schemes: [S17]
    needs: [contract.ceiling_sek]
--- */
-- Limits for direct awards by date (LOU): the general one, then the one for social services (welfare services before 2022).
-- Source: Konkurrensverket and Upphandlingsmyndigheten. The newest stands until the next is written here.
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
    coalesce(signed_on, valid_from) as day
  from contract
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
    org_number, limit_ore,
    count(*) over window_of_year as awards,
    sum(ceiling_ore) over window_of_year as year_ore
  from near
  window window_of_year as (
    partition by org_number, board_id, limit_ore order by day range between interval 12 month preceding and current row
  )
),
split as (
  select org_number, max(awards) filter (awards >= 2 and year_ore > limit_ore) as awards
  from added
  group by org_number
)
select s.org_number, coalesce(max(p.awards), 0) as below_threshold_awards
from signed s
left join split p using (org_number)
where s.ceiling_ore is not null
group by s.org_number
