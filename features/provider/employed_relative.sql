/* ---
name: employed_relative
entity: provider
grain: [org_number]
partition_by: org_number
sources: [recipient_relative]
columns:
  employed_relative:
    label: {sv: Tid utförd av anhöriga, en: Time performed by relatives}
    why:
      sv: "Del av tiden som utförts av en nära anhörig till brukaren eller någon folkbokförd i samma bostad."
      en: "Share of the time performed by a close relative of the recipient or somebody registered in the same dwelling."
    innocent:
      sv: "Anhöriganställning är tillåten i många avtal och beslut, och kan vara det bästa för brukaren."
      en: "Employing relatives is allowed under many contracts and decisions, and may be best for the recipient."
    check:
      sv: "Läs avtalet och beslutet: är anhörig utesluten? Begär annars bara att tiden följs upp som annan tid."
      en: "Read contract and decision: are relatives excluded? If not, follow up the time like any other."
    unit: share
    direction: higher
    family: recipients
    peers: [service_code, size_class]
    missing:
      sv: Besök, eller folkbokföring med bostad eller relationer, saknas; eller under tio timmar utförda
      en: No visits, no population register with dwellings or relations, or less than ten hours performed
    evidence:
      view: recipient_relative
      source: visit_fact
      where: is_kin or is_same_dwelling
      measure: sum(performed_minutes)
      per: sum(performed_minutes)
    legal_basis: KL 10:8; lag (2001:182)
    schemes: [S08]
--- */
select
  org_number,
  coalesce(sum(performed_minutes) filter (is_kin or is_same_dwelling), 0)::bigint / sum(performed_minutes)::bigint
    as employed_relative
from recipient_relative
group by org_number
having sum(performed_minutes) >= 600
