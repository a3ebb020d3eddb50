/* ---
name: benford_distance
entity: provider
grain: [org_number]
partition_by: org_number
sources: [claim_line, claim_digits_12m]
columns:
  benford_distance:
    label: {sv: Beloppens två första siffror avviker, en: First two digits of the amounts deviate}
    why:
      sv: "Hur mycket andelen belopp som börjar på 10, 11 ... 99 i snitt skiljer sig från Benfords lag, som naturligt uppkomna belopp brukar följa."
      en: "How far, on average, the shares of amounts beginning 10, 11 ... 99 are from Benford's law, which naturally arising amounts tend to follow."
    innocent:
      sv: "Fasta priser och avgifter, timpris gånger få timmar, belopp med tak eller golv."
      en: "Fixed prices and fees, an hourly price times a few hours, amounts with a ceiling or floor."
    check:
      sv: "Titta på vilka siffror som är för många och vilka fakturarader som ger dem."
      en: "See which digits are too many, and which claim lines give them."
    unit: share
    direction: higher
    family: money
    peers: [service_code]
    missing:
      sv: Färre än 300 rader på minst 10 kr det senaste året
      en: Fewer than 300 lines of at least SEK 10 in the last year
    evidence: {view: claim_fact, where: amount_ore >= 1000}
    legal_basis: KL 10:8
    schemes: [S17]
  benford_z:
    label: {sv: Hur säker avvikelsen i de första siffrorna är, en: How certain the deviation in first digits is}
    why:
      sv: "Chi-två-testets utfall i standardavvikelser: över tre är mer än slump, men säger inte varför."
      en: "The chi-square test's result in standard deviations: above three is more than chance, but does not say why."
    innocent:
      sv: "Fasta priser ger säkra avvikelser utan att något är fel; många rader gör också små avvikelser säkra."
      en: "Fixed prices make certain deviations with nothing wrong; many lines make small deviations certain too."
    check:
      sv: "Jämför med andra som har samma insats och prislista."
      en: "Compare with others of the same service and price list."
    unit: z
    direction: higher
    family: money
    peers: [service_code]
    missing:
      sv: Färre än 300 rader på minst 10 kr det senaste året
      en: Fewer than 300 lines of at least SEK 10 in the last year
    evidence: {view: claim_fact, where: amount_ore >= 1000}
    legal_basis: KL 10:8
    schemes: [S17]
--- */
-- M. Nigrini, Benford's Law (2012): mean absolute deviation over the 90 first-two digits, and the chi-square statistic with
-- 89 degrees of freedom as a normal deviate (Wilson and Hilferty 1931). Lists keep the sums in one order.
with summed as (
  select org_number, digits, sum(lines)::bigint as lines
  from claim_digits_12m
  semi join claim_line using (org_number)
  group by all
),
counted as (
  select
    org_number,
    sum(lines)::bigint as n,
    map_from_entries(list({'k': digits, 'v': lines} order by digits)) as lines
  from summed
  group by org_number
  having sum(lines) >= 300
),
compared as (
  select
    org_number,
    list_sum([abs(coalesce(lines[d], 0) / n - log10(1 + 1 / d)) for d in range(10, 100)]) / 90 as distance,
    list_sum([
      (coalesce(lines[d], 0) - n * log10(1 + 1 / d)) * (coalesce(lines[d], 0) - n * log10(1 + 1 / d))
      / (n * log10(1 + 1 / d)) for d in range(10, 100)
    ]) as chi_square
  from counted
)
select
  org_number,
  distance as benford_distance,
  (cbrt(chi_square / 89) - (1 - 2 / (9 * 89))) / sqrt(2 / (9 * 89)) as benford_z
from compared
