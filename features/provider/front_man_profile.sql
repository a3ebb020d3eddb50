/* ---
name: front_man_profile
entity: provider
grain: [org_number]
partition_by: org_number
sources: [board_person]
columns:
  front_man_profile:
    label: {sv: Ledning med många nya uppdrag, en: Management with many new assignments}
    why:
      sv: "Andel av ledningen som sitter i fyra eller fler bolag, alla tillträdda de två senaste åren och utan tidigare uppdrag: så ser en målvakts uppdrag ut."
      en: "Share of the management with seats in four companies or more, all taken in the last two years and none before: a front man's assignments look so."
    innocent:
      sv: "En ny koncern med flera dotterbolag; en yrkesverksam styrelseledamot som nyss börjat."
      en: "A new group with several subsidiaries; a professional board member who has just begun."
    check:
      sv: "Se om bolagen hör till samma koncern och fråga vem som i praktiken leder verksamheten."
      en: "See whether the companies are one group, and ask who runs the business in practice."
    unit: share
    direction: higher
    family: company
    peers: []
    missing: {sv: Företrädare med datum saknas, en: No representatives with dates}
    evidence: {view: board_person, where: is_front, measure: count(*), per: count(*), source: provider_role}
    legal_basis: SoL 26:1; LSS 23; KL 10:8
    schemes: [S14]
    needs: [provider_role.from_date]
--- */
select org_number, count(*) filter (is_front) / count(*) as front_man_profile
from board_person
group by org_number
