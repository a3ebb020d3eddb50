/* ---
name: board_churn
entity: provider
grain: [org_number]
partition_by: org_number
sources: [provider_role, contract, permit, contract_follow_up_all]
optional: [contract, permit, contract_follow_up_all]
whole: [contract_follow_up_all]
columns:
  board_churn:
    label: {sv: Styrelsebyten kring avtal och granskning, en: Board changes around contracts and inspections}
    why:
      sv: "Till- och avgångar i ledningen de två senaste åren inom 90 dagar från ett avtal, tillstånd eller en uppföljning, per ledamot."
      en: "People joining and leaving the management in the last two years within 90 days of a contract, permit or follow-up, per member."
    innocent:
      sv: "Ordinarie årsstämma, generationsskifte, uppköp eller krav från tillståndsmyndigheten på ny ledning."
      en: "An ordinary annual meeting, a change of generation, an acquisition, or the authority's demand for new management."
    check:
      sv: "Läs protokollen och se om de som slutat har tidigare konkurser eller uppsagda avtal."
      en: "Read the minutes and see whether those who left have earlier bankruptcies or terminated contracts."
    unit: ratio
    direction: higher
    family: company
    peers: []
    missing: {sv: Företrädare med datum saknas, en: No representatives with dates}
    evidence: {view: provider_role, where: "role in ('board_member', 'chair', 'ceo', 'deputy')"}
    legal_basis: SoL 26:1; LSS 23; KL 10:8
    schemes: [S14]
    needs: [provider_role.from_date]
--- */
with seats as (
  select org_number, person_id, from_date, to_date
  from provider_role where role in ('board_member', 'chair', 'ceo', 'deputy')
),
changes as (
  select org_number, person_id, from_date as day from seats where from_date is not null
  union
  select org_number, person_id, to_date from seats where to_date is not null
),
events as (
  select org_number, coalesce(signed_on, valid_from) as day from contract
  union
  select org_number, valid_from from permit
  union
  select c.org_number, f.date from contract_follow_up_all f join contract c using (contract_id)
),
near as (
  select distinct c.org_number, c.person_id, c.day
  from changes c
  join events e on e.org_number = c.org_number and c.day between e.day - interval 90 day and e.day + interval 90 day
  cross join run_month r
  where c.day > r.last - interval 24 month and c.day <= r.last
),
members as (
  select
    org_number,
    count(distinct person_id) filter (coalesce(from_date, r.first) <= r.last and coalesce(to_date, r.last) >= r.last)
      as members
  from seats cross join run_month r
  group by org_number
),
counted as (
  select org_number, count(*) as changes from near group by org_number
)
select m.org_number, coalesce(n.changes, 0) / greatest(m.members, 1) as board_churn
from members m
left join counted n using (org_number)
