/* ---
name: board_churn
entity: provider
grain: [org_number]
partition_by: org_number
sources: [board_change]
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
    evidence:
      view: board_change
      where: is_near
      measure: count(*)
      per: greatest(count(*) filter (is_member), 1)
    legal_basis: SoL 26:1; LSS 23; KL 10:8
    schemes: [S14]
    needs: [provider_role.from_date]
--- */
select org_number, count(*) filter (is_near) / greatest(count(*) filter (is_member), 1) as board_churn
from board_change
group by org_number
