/* ---
name: manual_receipts
entity: provider
grain: [org_number]
partition_by: org_number
sources: [visit_fact]
columns:
  manual_receipt_share:
    label: {sv: Kvittenser för hand, en: Receipts typed by hand}
    why:
      sv: "Starter och slut skrivs in för hand i stället för att läsas av i hemmet, så att ingenting visar att någon var där."
      en: "Starts and ends are typed by hand instead of read in the home, so that nothing shows that somebody was there."
    innocent:
      sv: "Trasiga taggar eller telefoner; nya brukare utan tagg; dålig täckning i vissa hus."
      en: "Broken tags or phones; new recipients without a tag; bad coverage in some houses."
    check:
      sv: "Se om de manuella kvittenserna gäller vissa brukare eller medarbetare, och vad utföraren anmält om fel på utrustning."
      en: "See whether they concern certain recipients or workers, and what faults of equipment the provider has reported."
    unit: share
    direction: higher
    family: visits
    peers: [service_code, size_class, visit_system]
    missing: {sv: Uppgift om hur besöken kvitterats saknas, en: How receipts were made is not known}
    evidence: {view: visit_fact, where: manual_receipts > 0, measure: sum(manual_receipts), per: sum(receipts)}
    legal_basis: KL 10:8; SoL 15:9
    schemes: [S03]
    needs: [visit.start_receipt]
--- */
select
  org_number,
  sum(manual_receipts)::bigint / nullif(sum(receipts)::bigint, 0) as manual_receipt_share
from visit_fact
group by org_number
