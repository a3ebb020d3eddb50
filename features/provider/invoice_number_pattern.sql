/* ---
name: invoice_number_pattern
entity: provider
grain: [org_number]
partition_by: org_number
sources: [invoice_step]
columns:
  invoice_number_pattern:
    label: {sv: Fakturanummer i obruten följd, en: Invoice numbers in unbroken order}
    why:
      sv: "Andel fakturor i följd där numret ökar med exakt ett: kommunen verkar vara enda kund."
      en: "Share of successive invoices whose number rises by exactly one: the city seems to be the only customer."
    innocent:
      sv: "Utföraren arbetar bara åt kommunen, vilket är vanligt i hemtjänst, eller har en egen nummerserie för varje kund."
      en: "The provider works for the city only, as is common in home care, or has a number series for each customer."
    check:
      sv: "Jämför med bolagets omsättning i årsredovisningen och med kunder som det självt uppger."
      en: "Compare with the turnover in the annual report and the customers that the company itself names."
    unit: share
    direction: higher
    family: money
    peers: [service_code, size_class]
    missing:
      sv: Färre än fem steg mellan egna fakturor med nummer som slutar på siffror
      en: Fewer than five steps between own invoices with numbers that end in digits
    evidence:
      view: invoice_step
      where: step = 1
      measure: count(*)
      per: count(step)
    legal_basis: KL 10:8
    schemes: [S16, S17]
--- */
select org_number, count(*) filter (step = 1) / count(step) as invoice_number_pattern
from invoice_step
group by org_number
having count(step) >= 5
