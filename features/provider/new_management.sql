/* ---
name: new_management
entity: provider
grain: [org_number]
partition_by: org_number
sources: [board_person, provider]
columns:
  new_management:
    label: {sv: Ny ledning utan tidigare uppdrag, en: New management without earlier assignments}
    why:
      sv: "Andel av ledningen i ett bolag äldre än två år vars första kända uppdrag är yngre än ett år: bolaget kan ha lämnats över till en målvakt."
      en: "Share of the management of a company older than two years whose first known assignment is less than a year old: it may have been handed to a front man."
    innocent:
      sv: "Generationsskifte, köp av verksamheten, en ny vd; registret rymmer bara uppdrag hos kommunens leverantörer."
      en: "A change of generation, a purchase of the business, a new chief executive; the register holds assignments at the city's providers only."
    check:
      sv: "Ta fram personernas uppdrag hos Bolagsverket och fråga vem som leder verksamheten till vardags."
      en: "Get the persons' assignments from the Companies Registration Office and ask who runs the business day to day."
    unit: share
    direction: higher
    family: company
    peers: []
    missing:
      sv: Företrädare med datum saknas, eller bolaget är yngre än två år
      en: No representatives with dates, or the company is less than two years old
    evidence: {view: board_person, where: is_newcomer, measure: count(*), per: count(*), source: provider_role}
    legal_basis: SoL 26:1; LSS 23; KL 10:8
    schemes: [S14, S16]
    needs: [provider_role.from_date, provider.registered_on]
--- */
select b.org_number, count(*) filter (b.is_newcomer) / count(*) as new_management
from board_person b
join provider p using (org_number)
cross join run_month r
where p.registered_on < r.first - interval 24 month
group by b.org_number
