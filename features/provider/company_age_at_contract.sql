/* ---
name: company_age_at_contract
entity: provider
grain: [org_number]
partition_by: org_number
sources: [provider, contract, provider_role, billed_month_all]
optional: [contract, provider_role]
columns:
  company_age_at_contract:
    label: {sv: Bolagets ålder vid första uppdraget, en: Company's age at the first assignment}
    why:
      sv: "Månader från registrering, eller från att hela styrelsen byttes i ett vilande bolag, till första avtal eller faktura."
      en: "Months from registration, or from the replacement of a dormant company's whole board, to the first contract or invoice."
    innocent:
      sv: "Nya företagare måste börja någon gång; ombildning eller avknoppning ur ett äldre bolag."
      en: "New owners have to begin at some time; reorganisation or a spin-off of an older company."
    check:
      sv: "Se vilka som driver bolaget och vad de gjort tidigare."
      en: "See who runs the company and what they did before."
    unit: months
    direction: lower
    family: company
    peers: []
    missing:
      sv: Registreringsdatum saknas, eller varken avtal eller fakturering finns
      en: No date of registration, or neither contract nor billing
    evidence: {view: contract, where: "true"}
    legal_basis: KL 10:8; SoL 26:1
    schemes: [S14]
    needs: [provider.registered_on]
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
-- A new board is one whose every seat was filled at least a year after registration and before the first assignment.
renewed as (
  select t.org_number, min(t.from_date) as renewed_on
  from provider_role t
  join business b using (org_number)
  where t.role in ('board_member', 'chair', 'ceo')
    and coalesce(t.to_date, date '9999-12-31') > b.began_on
  group by t.org_number
  having bool_and(t.from_date is not null)
)
select
  p.org_number,
  greatest(0, b.began_on - case
    when n.renewed_on >= p.registered_on + interval 12 month and n.renewed_on <= b.began_on then n.renewed_on
    else p.registered_on
  end) / 30.4375::double as company_age_at_contract
from provider p
join business b using (org_number)
left join renewed n using (org_number)
where p.registered_on is not null
