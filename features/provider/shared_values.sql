/* ---
name: shared_values
entity: provider
grain: [org_number]
partition_by: org_number
sources: [network_node]
common:
  unit: nats
  direction: higher
  family: relations
  peers: []
  missing: {sv: "Uppgift om vad leverantörerna har gemensamt saknas", en: "What providers have in common is not known"}
  legal_basis: KL 10:8
columns:
  shared_person:
    label: {sv: "Gemensamma ägare eller företrädare", en: "Owners or officers in common"}
    why:
      sv: "Hur osannolikt det vore att av en slump ha samma ägare eller företrädare som de andra som utföraren har samband med."
      en: "How unlikely it would be to have the same owners or officers by chance as those it has ties to."
    innocent:
      sv: "Den som äger flera företag öppet; styrelseproffs; en familj som driver företag ihop."
      en: "Somebody who openly owns several companies; professional board members; a family that runs companies together."
    check:
      sv: "Se hur länge personen suttit i bolagen och om de anmälts som en koncern."
      en: "See for how long the person has been in the companies, and whether they are reported as a group."
    evidence: {view: network_tie, where: "link_type in ('owner')", measure: sum(part)}
    schemes: [S14, S16, S20]
  shared_account:
    label: {sv: "Gemensamma konton och betalningar", en: "Accounts and payments in common"}
    why:
      sv: "Hur osannolikt det vore att av en slump ha samma betalkonto eller betalningsmottagare, eller att få betalt åt varandra."
      en: "How unlikely it would be to have the same account or payee by chance, or to be paid for one another."
    innocent:
      sv: "Factoring; en koncern med gemensamt konto; underleverantörer."
      en: "Factoring; a group with one account; subcontractors."
    check:
      sv: "Be om avtalet bakom betalningsvägen och jämför med kontots ägare i Bankgirot."
      en: "Ask for the agreement behind the payments and compare with who holds the account."
    evidence: {view: network_tie, where: "link_type in ('account', 'payee', 'payments')", measure: sum(part)}
    schemes: [S14, S16, S20]
  shared_phone:
    label: {sv: "Gemensamt telefonnummer", en: "Phone number in common"}
    why:
      sv: "Hur osannolikt det vore att av en slump ha samma telefonnummer som de andra."
      en: "How unlikely it would be to have the same phone number by chance as the others."
    innocent:
      sv: "Gemensam växel; en redovisningsbyrå som svarar åt sina kunder."
      en: "One switchboard; an accountant's office that answers for its clients."
    check:
      sv: "Ring numret och fråga vem som svarar."
      en: "Call the number and ask who answers."
    evidence: {view: network_tie, where: "link_type in ('phone')", measure: sum(part)}
    schemes: [S14, S16, S20]
  shared_email:
    label: {sv: "Gemensam e-post", en: "E-mail in common"}
    why:
      sv: "Hur osannolikt det vore att av en slump ha samma e-postadress som de andra."
      en: "How unlikely it would be to have the same e-mail address by chance as the others."
    innocent:
      sv: "En konsult eller byrå som sköter posten."
      en: "A consultant or office that handles the mail."
    check:
      sv: "Fråga vem som läser adressen."
      en: "Ask who reads the address."
    evidence: {view: network_tie, where: "link_type in ('email')", measure: sum(part)}
    schemes: [S14, S16, S20]
  shared_address:
    label: {sv: "Gemensam företagsadress", en: "Company address in common"}
    why:
      sv: "Hur osannolikt det vore att av en slump ha samma företagsadress som de andra; adresser som många har räknas mindre eller inte alls."
      en: "How unlikely it would be to have the same company address by chance as the others; addresses of many count less or nothing."
    innocent:
      sv: "Kontorshotell; redovisningsbyrå; ett hus med flera företag."
      en: "An office hotel; an accountant's office; a house with several companies."
    check:
      sv: "Se hur många andra företag som har adressen, och om verksamheten finns där."
      en: "See how many other companies have the address, and whether the business is there."
    evidence: {view: network_tie, where: "link_type in ('address')", measure: sum(part)}
    schemes: [S14, S16, S20]
  shared_device_ties:
    label: {sv: "Gemensamma mobila enheter", en: "Mobile devices in common"}
    why:
      sv: "Hur osannolikt det vore att av en slump stämpla från samma telefon som en annan utförare."
      en: "How unlikely it would be to clock from the same phone by chance as another provider."
    innocent:
      sv: "Telefonen följde med en anställd som bytte arbetsgivare; en koncern med gemensamma telefoner."
      en: "The phone came along with a worker who changed employer; a group with common phones."
    check:
      sv: "Se vem som haft enheten och när den bytte hand."
      en: "See who has had the device, and when it changed hands."
    evidence: {view: network_tie, where: "link_type in ('device')", measure: sum(part)}
    schemes: [S16, S20]
  staff_pool:
    label: {sv: "Gemensam personal", en: "Workers in common"}
    why:
      sv: "Hur osannolikt det vore att av en slump ha så många anställda gemensamma med en annan utförare av samma storlek, och anställda i besök hos båda på samma gång."
      en: "How unlikely it would be to have so many workers in common by chance with another provider of its size, and workers in visits of both at once."
    innocent:
      sv: "Deltidsarbete hos flera; bemanningsföretag; timvikarier."
      en: "Part-time work for several; staffing agencies; hourly substitutes."
    check:
      sv: "Jämför schemana och fråga de anställda var de arbetar."
      en: "Compare the rosters and ask the workers where they work."
    evidence: {view: network_tie, where: "link_type in ('staff', 'overlap')", measure: sum(part)}
    schemes: [S09, S10]
--- */
select
  org_number, strength_owner as shared_person,
  if(
    coalesce(strength_account, strength_payee, strength_payments) is null, null,
    coalesce(strength_account, 0) + coalesce(strength_payee, 0) + coalesce(strength_payments, 0)
  ) as shared_account,
  strength_phone as shared_phone, strength_email as shared_email, strength_address as shared_address,
  strength_device as shared_device_ties,
  if(coalesce(strength_staff, strength_overlap) is null, null, coalesce(strength_staff, 0) + coalesce(strength_overlap, 0))
    as staff_pool
from network_node
