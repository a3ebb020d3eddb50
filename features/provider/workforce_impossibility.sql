/* ---
name: workforce_impossibility
entity: provider
grain: [org_number]
partition_by: org_number
sources: [claim_fact, staff, calendar]
columns:
  workforce_impossibility:
    label: {sv: Fakturerad tid mot vad personalen hinner, en: Billed time over what the staff can do}
    why:
      sv: "Fakturerade timmar för den senaste perioden delat med heltidstimmarna för dem som varit anställda då; över ett går inte ihop utan övertid eller inhyrda."
      en: "Billed hours for the latest period over the full-time hours of those employed then; above one does not add up without overtime or hired staff."
    innocent:
      sv: "Timanställda utan angiven sysselsättningsgrad, inhyrd personal, underleverantörer, ägare som arbetar själva."
      en: "Hourly staff without a stated percentage, hired staff, subcontractors, owners who work themselves."
    check:
      sv: "Begär schema och lista över inhyrda för månaden."
      en: "Ask for the month's schedule and the list of hired staff."
    unit: ratio
    direction: higher
    family: company
    peers: [service_code, size_class]
    missing:
      sv: Personalregister eller fakturerad tid saknas för leverantören
      en: No staff register or no billed time for the provider
    evidence: {view: claim_fact, where: billed_minutes is not null}
    legal_basis: KL 10:8; SoL 15:9
    schemes: [S01, S10]
--- */
-- A full-time month is eight hours on each weekday that is not a red day. Who has no percentage counts as full time.
with latest as (
  select org_number, max(period) as period
  from claim_fact
  cross join run_month r
  where billed_minutes > 0 and period <= r.month
  group by org_number
),
billed as (
  select l.org_number, l.period, sum(c.billed_minutes)::bigint as billed_minutes
  from latest l
  join claim_fact c using (org_number, period)
  group by all
),
working as (
  select month as period, count(*) filter (weekday <= 5 and not is_red_day) * 480 as full_time_minutes
  from calendar group by month
),
employed as (
  select b.org_number, s.staff_id, least(max(coalesce(s.employment_pct, 100)), 100) as pct
  from billed b
  join staff s using (org_number)
  where s.employed_from < b.period + interval 1 month and coalesce(s.employed_to, date '9999-12-31') >= b.period
  group by all
),
staffed as (
  select org_number, sum(pct) as pct from employed group by org_number
)
select
  b.org_number,
  b.billed_minutes / (w.full_time_minutes * s.pct::double / 100) as workforce_impossibility
from billed b
join working w using (period)
join staffed s using (org_number)
where s.pct > 0
