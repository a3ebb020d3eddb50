/* ---
name: mass_company_address
entity: provider
grain: [org_number]
partition_by: org_number
sources: [company_address]
columns:
  mass_company_address:
    label: {sv: Andra bolag på adressen, en: Other companies at the address}
    why:
      sv: "Antal andra leverantörer, utanför den egna koncernen, med samma adress; adresser med fler än 25 bolag räknas som kontorshotell och ger noll."
      en: "Other providers, outside its own group, at the same address; addresses with more than 25 companies count as office hotels and give nought."
    innocent:
      sv: "Kontorshotell, redovisningsbyrå, företagshus eller galleria."
      en: "An office hotel, an accountant, a business centre or a mall."
    check:
      sv: "Se vad som finns på adressen och om bolagen också delar telefon, konto eller personer."
      en: "See what is at the address and whether the companies also share phone, account or people."
    unit: count
    direction: higher
    family: company
    peers: []
    missing: {sv: Leverantörens adress saknas, en: No address of the provider}
    evidence: {view: company_address, where: others > 0 and not is_hub, measure: max(others), source: provider}
    legal_basis: KL 10:8
    schemes: [S14, S16]
    needs: [provider.street]
--- */
select org_number, case when is_hub then 0 else others end as mass_company_address
from company_address
