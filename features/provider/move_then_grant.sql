/* ---
name: move_then_grant
entity: provider
grain: [org_number]
partition_by: org_number
sources: [new_recipient]
columns:
  move_then_grant:
    label: {sv: Nyinflyttade som fått beslut, en: Newly registered and granted}
    why:
      sv: "Andel av årets nya brukare som folkbokförts på adressen mindre än 90 dagar före ett beslut om denna utförare."
      en: "Share of the year's new recipients who were registered at the address less than 90 days before a decision for this provider."
    innocent:
      sv: "Äldre flyttar ofta närmare anhöriga eller till anpassad bostad just när behovet uppstår."
      en: "Older people often move close to family or to adapted housing just when the need arises."
    check:
      sv: "Jämför med hur det ser ut i samma stadsdel, och om de nya brukarna kommit genom samma person eller adress."
      en: "Compare with the same district, and see if the new recipients came through the same person or address."
    unit: share
    direction: higher
    family: recipients
    peers: [service_code]
    missing:
      sv: Beslut eller folkbokföring saknas, eller färre än fem nya brukare på ett år
      en: No decisions or population register, or fewer than five new recipients in a year
    evidence: {view: new_recipient, where: is_newly_registered, measure: count(*), per: count(*)}
    legal_basis: KL 10:8; lag (2001:182)
    schemes: [S12]
    needs: [person.registered_from]
--- */
select org_number, count(*) filter (is_newly_registered) / count(*) as move_then_grant
from new_recipient
group by org_number
having count(*) >= 5
