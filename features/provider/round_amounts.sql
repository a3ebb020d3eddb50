/* ---
name: round_amounts
entity: provider
grain: [org_number]
partition_by: org_number
sources: [invoice, invoice_fact_12m]
columns:
  round_amounts:
    label: {sv: Runda belopp, en: Round sums}
    why:
      sv: "Andel fakturor på minst 1 000 kr i jämna hundra (jämna tusen från 10 000 kr); ersättning för tid blir sällan jämn."
      en: "Share of invoices of at least SEK 1 000 in whole hundreds (thousands from 10 000); payment for time is seldom round."
    innocent:
      sv: "Fasta månadsavgifter, abonnemang eller förskott enligt avtal."
      en: "Fixed monthly fees, subscriptions or advances under the contract."
    check:
      sv: "Se efter vad de runda fakturorna avser och om underlag med tid eller antal finns."
      en: "See what the round invoices are for, and whether records of time or number exist."
    unit: share
    direction: higher
    family: money
    peers: [service_code, size_class]
    missing:
      sv: Färre än tio fakturor på minst 1 000 kr det senaste året
      en: Fewer than ten invoices of at least SEK 1 000 in the last year
    evidence:
      view: invoice_fact_12m
      where: is_round and not is_credit and not is_duplicate
      measure: count(*)
      per: count(*) filter (is_sizeable and not is_credit and not is_duplicate)
    legal_basis: KL 10:8
    schemes: [S17]
  round_amounts_surprise:
    label: {sv: Hur osannolikt många runda belopp, en: How improbably many round sums}
    why:
      sv: "Hur osannolikt antalet runda belopp är om en faktura av hundra blir rund av en slump; tio betyder 1 på 22 000."
      en: "How improbable the number of round sums is if one invoice in a hundred is round by chance; ten means 1 in 22 000."
    innocent:
      sv: "Fasta avgifter enligt avtal ger många runda belopp utan att något är fel."
      en: "Fixed fees under a contract make many round sums with nothing wrong."
    check:
      sv: "Dra bort fakturor på fasta avgifter och se om många runda belopp återstår."
      en: "Take away invoices of fixed fees and see whether many round sums remain."
    unit: nats
    direction: higher
    family: money
    peers: []
    missing:
      sv: Färre än tio fakturor på minst 1 000 kr det senaste året
      en: Fewer than ten invoices of at least SEK 1 000 in the last year
    evidence:
      view: invoice_fact_12m
      where: is_sizeable and not is_credit and not is_duplicate
      measure: binomial_surprise(count(*) filter (is_round), count(*), 0.01)
    legal_basis: KL 10:8
    schemes: [S17]
--- */
-- Surprise at so many round sums, at one in a hundred.
with counted as (
  select
    org_number,
    count(*) as n,
    count(*) filter (is_round) as k
  from invoice_fact_12m
  semi join invoice using (org_number)
  where is_sizeable and not is_credit and not is_duplicate
  group by org_number
  having count(*) >= 10
)
select
  org_number,
  k / n as round_amounts,
  binomial_surprise(k, n, 0.01) as round_amounts_surprise
from counted
