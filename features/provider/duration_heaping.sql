/* ---
name: duration_heaping
entity: provider
grain: [org_number]
partition_by: org_number
sources: [system_quarters]
columns:
  duration_heaping:
    label: {sv: Sluttider på hela kvartar, en: Ends on whole quarters}
    why:
      sv: "Besök slutar oftare på :00, :15, :30 och :45 än hos andra utförare med samma system, som när tider skrivs in i efterhand."
      en: "Visits end on :00, :15, :30 and :45 more often than for others with the same system, as when times are typed in later."
    innocent:
      sv: "Egen inställning för avrundning i systemet; många besök som registreras för hand av godtagbara skäl."
      en: "An own setting for rounding in the system; many visits registered by hand for good reasons."
    check:
      sv: "Fråga om systemets avrundning, och se om sluttiderna hör ihop med manuella kvittenser eller ändringar."
      en: "Ask about rounding in the system, and see whether the ends go with receipts by hand or edits."
    unit: share
    direction: higher
    family: visits
    peers: [service_code, size_class, visit_system]
    missing: {sv: Ingen annan utförare använder samma besökssystem, en: No other provider uses the same visit system}
    evidence:
      view: system_quarters
      where: other_visits > 0
      measure: sum(quarters - visits * other_quarters / other_visits order by source_system)
      per: sum(visits) filter (other_visits > 0)
      source: visit_fact
      source_where: is_billable and ends_on_quarter
    legal_basis: KL 10:8; SoL 15:9
    schemes: [S03]
--- */
-- The share beyond that of all others in the same system, weighted by the provider's own visits in each system.
select
  org_number,
  sum(quarters - visits * other_quarters / other_visits order by source_system)
    / sum(visits)::bigint as duration_heaping
from system_quarters
where other_visits > 0
group by org_number
