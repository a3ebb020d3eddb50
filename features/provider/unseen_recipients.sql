/* ---
name: unseen_recipients
entity: provider
grain: [org_number]
partition_by: org_number
sources: [recipient_unseen]
columns:
  unseen_recipients:
    label: {sv: Brukare som ingen från kommunen träffat, en: Recipients whom nobody from the city has met}
    why:
      sv: "Andel brukare där minst 95 procent av beviljad tid fakturerats utan nytt beslut på tolv månader, hos en utförare som inte heller följts upp på plats."
      en: "Share of recipients with at least 95 per cent of the grant billed and no new decision in twelve months, at a provider not followed up on site either."
    innocent:
      sv: "Kommunen ligger efter med uppföljningen; långa beslut är vanliga vid bestående behov."
      en: "The city is behind with follow-up; long decisions are common with lasting needs."
    check:
      sv: "Boka individuppföljning hos ett urval av brukarna."
      en: "Book individual follow-up with a sample of the recipients."
    unit: share
    direction: higher
    family: recipients
    peers: [service_code]
    missing:
      sv: Beslut eller fakturerad tid per brukare saknas, eller färre än fem brukare
      en: No decisions or no billed time by recipient, or fewer than five recipients
    evidence:
      view: recipient_unseen
      where: is_unseen
      measure: count(*)
      per: count(*)
      source: claim_fact
    legal_basis: SoL 5:2; KL 10:8
    schemes: [S01, S12]
    needs: [claim_line.recipient_id]
--- */
select org_number, count(*) filter (is_unseen) / count(*) as unseen_recipients
from recipient_unseen
group by org_number
having count(*) >= 5
