/* ---
name: devices
entity: provider
grain: [org_number]
partition_by: org_number
sources: [visit_fact, device_day]
common:
  direction: higher
  family: visits
  peers: [service_code, size_class, visit_system]
  legal_basis: KL 10:8; SoL 15:9
columns:
  shared_device:
    label: {sv: Flera medarbetare på samma enhet, en: Several workers on one device}
    why:
      sv: "Samma telefon används av flera medarbetare samma dag, som när någon registrerar åt andra."
      en: "One phone is used by several workers the same day, as when somebody registers for others."
    innocent:
      sv: "Telefoner som delas mellan pass; låneapparat när den egna är trasig; dubbelbemanning."
      en: "Phones shared between shifts; a phone on loan when one's own is broken; double staffing."
    check:
      sv: "Se om medarbetarna har olika pass, eller är på olika platser samtidigt med samma enhet."
      en: "See whether the workers have different shifts, or are in different places at once with the same device."
    unit: ratio
    missing: {sv: Uppgift om enhet saknas, en: Devices are not known}
    evidence: {view: device_day, where: workers > 1, measure: sum(workers - 1), per: count(*)}
    schemes: [S20]
    needs: [visit.device_id]
  tag_burst:
    label: {sv: Olika taggar inom sekunder, en: Different tags within seconds}
    why:
      sv: "Samma enhet läser taggar från olika hem inom 30 sekunder, som när taggarna flyttats till ett ställe."
      en: "One device reads tags of different homes within 30 seconds, as when the tags have been moved to one place."
    innocent:
      sv: "Två brukare i samma hushåll; taggar som sitter bredvid varandra i ett trygghetsboende; byte av trasig tagg."
      en: "Two recipients in one household; tags side by side in sheltered housing; replacement of a broken tag."
    check:
      sv: "Se om hemmen ligger vid samma adress. Kontrollera på plats att taggen sitter kvar."
      en: "See whether the homes share an address. Check on site that the tag is in its place."
    unit: share
    missing: {sv: Uppgift om enhet och tagg saknas, en: Devices and tags are not known}
    evidence: {view: visit_fact, where: is_tag_burst, measure: count(*), per: count(*) filter (has_device_tag)}
    schemes: [S02]
    needs: [visit.device_id, visit.tag_id]
--- */
with tagged as (
  select org_number, count(*) filter (is_tag_burst) / nullif(count(*) filter (has_device_tag), 0) as share
  from visit_fact
  group by org_number
),
shared as (
  select org_number, sum(workers - 1)::bigint / count(*) as extra_workers
  from device_day
  group by org_number
)
select t.org_number, s.extra_workers as shared_device, t.share as tag_burst
from tagged t left join shared s using (org_number)
