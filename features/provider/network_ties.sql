/* ---
name: network_ties
entity: provider
grain: [org_number]
partition_by: org_number
sources: [network_node]
common:
  innocent:
    sv: "Familjer och partner som driver flera bolag; en koncern som inte är registrerad; gemensam redovisningsbyrå; gemensam personal genom ett bemanningsföretag."
    en: "Families and partners who run several companies; a group that is not registered; one accountant's office; workers in common through a staffing agency."
  check:
    sv: "Läs sambanden och deras källrader, jämför med Bolagsverkets register och fråga varför uppgifterna är gemensamma."
    en: "Read the ties and their source rows, compare with the company register, and ask why they have them in common."
  direction: higher
  family: relations
  peers: []
  missing: {sv: "Uppgift om vad leverantörerna har gemensamt saknas", en: "What providers have in common is not known"}
  legal_basis: KL 10:8
  schemes: [S14, S16, S20]
columns:
  network_degree:
    label: {sv: "Samband med andra leverantörer", en: "Ties to other providers"}
    why:
      sv: "Antal leverantörer som utföraren har mer gemensamt med än slumpen förklarar. Den som styr flera bolag lämnar spår i register, konton och telefoner."
      en: "Number of providers with which it shares more than chance explains. Who runs several companies leaves traces in registers, accounts and phones."
    unit: count
    evidence: {view: network_tie, where: "link_type <> 'migration'", measure: count(distinct other_org_number)}
  network_strength:
    label: {sv: "Sambandens styrka", en: "Strength of the ties"}
    why:
      sv: "Hur osannolikt det vore att utföraren av en slump delade så mycket med dem som den har samband med; gemensamma ägare, adresser, konton, personal och brukare lagda samman."
      en: "How unlikely it would be to share so much by chance with those that it has ties to; owners, addresses, accounts, workers and recipients in common taken together."
    unit: nats
    evidence: {view: network_tie, where: "link_type <> 'migration'", measure: sum(part)}
  network_kinds:
    label: {sv: "Slag av samband", en: "Kinds of ties"}
    why:
      sv: "Antal slag av samband: ägare, adress, konto, telefon, personal och så vidare. Flera slag på en gång är sällan en tillfällighet."
      en: "Number of kinds of ties: owner, address, account, phone, workers and so on. Several at once are seldom a coincidence."
    unit: count
    evidence: {view: network_tie, where: "link_type <> 'migration'", measure: count(distinct link_type)}
  network_triangles:
    label: {sv: "Samband i trianglar", en: "Ties in triangles"}
    why:
      sv: "Antal par bland dem som utföraren har samband med som också har samband med varandra: en krets, inte en rad av tillfälligheter."
      en: "Number of pairs among those it has ties to that have ties to each other as well: a circle, not a string of coincidences."
    unit: count
    evidence: {view: network_tie, where: "link_type <> 'migration'", measure: sum(triangle_part), scale: 0.5}
  network_neighbours:
    label: {sv: "Grannarnas samband", en: "The neighbours' ties"}
    why:
      sv: "Medelstyrkan i sambanden hos dem som utföraren har samband med: den som själv visar lite kan ligga intill en tät krets."
      en: "Mean strength of the ties of those it has ties to: who shows little can lie next to a close circle."
    unit: nats
    evidence: {view: network_tie, where: "link_type <> 'migration'", measure: sum(other_part), per: "max(greatest(degree, 1))", of: network_node}
  network_per_link:
    label: {sv: "Ingår i ett nätverk", en: "Belongs to a network"}
    why:
      sv: "Sambandens styrka per länk i det nätverk av minst två leverantörer som utföraren ingår i och som slumpen inte förklarar; 0 utanför nätverk och i en koncern som utlästs av uppgifterna."
      en: "Strength per link of the network of two providers or more that it belongs to and that chance does not explain; 0 outside networks and in a group of companies that is inferred from the data."
    unit: nats
    evidence: {view: network_tie, where: structure > 0, measure: max(structure)}
--- */
-- Whoever is in the register of networks and in none of them has no structure; nobody knows where there are no ties at all.
select
  org_number, degree as network_degree, strength as network_strength, n_types as network_kinds,
  triangles as network_triangles, neighbour_strength as network_neighbours,
  if(degree is null, null, coalesce(structure, 0)) as network_per_link
from network_node
