/* ---
name: neighbour_risk
entity: provider
grain: [org_number]
partition_by: org_number
sources: [network_node]
columns:
  neighbour_risk:
    label: {sv: "Närhet till konstaterade ärenden", en: "Nearness to confirmed cases"}
    why:
      sv: "Hur nära utföraren ligger andra utförare som fällts, längs allt som binder leverantörer samman, med vad som var känt vid månadens slut. Det säger inget om vad utföraren själv gör och är aldrig det enda skälet till en flagga."
      en: "How near the provider lies to others that were confirmed, along all that ties providers together, with what was known at the month's end. It says nothing of what the provider itself does, and is never the only reason of a flag."
    innocent:
      sv: "Den som har haft otur med en samarbetspartner, en hyresvärd eller en tidigare anställd; gemensam redovisningsbyrå."
      en: "Somebody who was unlucky with a partner, a landlord or a former worker; one accountant's office."
    check:
      sv: "Läs vilka samband det rör sig om. Finns inga andra skäl finns inget att utreda."
      en: "Read which ties it is about. Where there are no other reasons there is nothing to look into."
    unit: share
    direction: higher
    family: relations
    peers: []
    missing: {sv: "Inga kända ärenden är levererade", en: "No known cases were delivered"}
    evidence: {view: network_tie, where: "link_type <> 'migration'", measure: max(exposure)}
    legal_basis: KL 10:8
    schemes: []
--- */
select org_number, exposure as neighbour_risk from network_node
