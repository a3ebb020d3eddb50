/* ---
name: below_threshold_awards
entity: provider
grain: [org_number]
partition_by: org_number
sources: [direct_award]
columns:
  below_threshold_awards:
    label: {sv: Direktupphandlingar strax under gränsen, en: Direct awards just below the limit}
    why:
      sv: "Antal avtal som en nämnd tecknat utan annonsering inom tolv månader, vart och ett högst tio procent under gränsen men tillsammans över den."
      en: "Contracts that one board signed without a call within twelve months, each at most ten per cent below the limit but together above it."
    innocent:
      sv: "Skilda behov som inte ska räknas ihop, eller en annan direktupphandlingsgrund än värdet."
      en: "Separate needs that are not to be added up, or another ground for a direct award than its value."
    check:
      sv: "Läs dokumentationen av upphandlingarna: avser de samma slag av tjänst under samma år?"
      en: "Read the records of the awards: are they for the same kind of service in the same year?"
    unit: count
    direction: higher
    family: money
    peers: []
    missing: {sv: Avtal med takbelopp saknas, en: No contracts with a ceiling}
    evidence:
      view: direct_award
      where: is_split
      measure: max(awards)
    legal_basis: LOU 19 a
    schemes: [S17]
    needs: [contract.ceiling_sek]
--- */
select org_number, coalesce(max(awards) filter (is_split), 0) as below_threshold_awards
from direct_award
group by org_number
