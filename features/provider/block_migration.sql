/* ---
name: block_migration
entity: provider
grain: [org_number]
partition_by: org_number
sources: [network_node]
columns:
  block_migration:
    label: {sv: "Personal eller brukare flyttade i grupp", en: "Workers or recipients moved as a block"}
    why:
      sv: "Hur osannolikt det vore att så många av en utförares anställda eller brukare av en slump gick till ett och samma bolag, utan att en verksamhetsövergång är registrerad. Så ser det ut när ett bolag tömts och fortsätter under nytt nummer."
      en: "How unlikely it would be for so many of a provider's workers or recipients to go to one company by chance, where no transfer of business is registered. That is what it looks like when a company has been emptied and goes on under a new number."
    innocent:
      sv: "En köpt verksamhet som inte är anmäld än; personal som följt en chef, och brukare som följt sin personal; en upphandling som bytte utförare i ett område."
      en: "A bought business that is not reported yet; workers who followed a manager, and recipients who followed their workers; a procurement that changed provider in an area."
    check:
      sv: "Fråga om en överlåtelse, och se i register om bolagen har samma företrädare, adress eller konto."
      en: "Ask about a transfer, and see in registers whether the companies have the same officers, address or account."
    unit: nats
    direction: higher
    family: relations
    peers: []
    missing: {sv: "Ingen tidigare månad är levererad", en: "No earlier month was delivered"}
    evidence: {view: network_tie, where: "link_type = 'migration'", measure: max(nats)}
    legal_basis: KL 10:8
    schemes: [S14]
--- */
select org_number, block_migration from network_node
