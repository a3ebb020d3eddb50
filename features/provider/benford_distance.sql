/* ---
name: benford_distance
entity: provider
grain: [org_number]
partition_by: org_number
sources: [digit_share]
common:
  direction: higher
  family: money
  peers: [service_code]
  missing:
    sv: Färre än 300 rader på minst 10 kr det senaste året
    en: Fewer than 300 lines of at least SEK 10 in the last year
  legal_basis: KL 10:8
  schemes: [S17]
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
    evidence:
      view: digit_share
      where: lines > 0
      measure: sum(abs(lines / all_lines - expected) order by digits) + 1 - sum(expected order by digits)
      per: "90"
      source: claim_digits_12m
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
    evidence:
      view: digit_share
      where: lines > 0
      measure: >-
        (cbrt((
          sum((lines - all_lines * expected) * (lines - all_lines * expected) / (all_lines * expected) order by digits)
          + max(all_lines) * (1 - sum(expected order by digits))
        ) / 89) - (1 - 2 / (9 * 89))) / sqrt(2 / (9 * 89))
      source: claim_digits_12m
--- */
-- M. Nigrini, Benford's Law (2012): mean absolute deviation over the 90 first-two digits, and the chi-square statistic with
-- 89 degrees of freedom as a normal deviate (Wilson and Hilferty 1931). Sums are taken in the order of the digits; digits
-- that no amount begins with add what is expected of them.
with compared as (
  select
    org_number,
    sum(abs(lines / all_lines - expected) order by digits) / 90 as distance,
    sum((lines - all_lines * expected) * (lines - all_lines * expected) / (all_lines * expected) order by digits)
      as chi_square
  from digit_share
  group by org_number
)
select
  org_number,
  distance as benford_distance,
  (cbrt(chi_square / 89) - (1 - 2 / (9 * 89))) / sqrt(2 / (9 * 89)) as benford_z
from compared
