/* ---
name: no_permit
label: {sv: "Inget giltigt tillstånd", en: "No valid permit"}
words:
  sv: "Insatsen {service_code} kräver tillstånd, och leverantören har inget som gällde någon dag i {period}."
  en: "The service {service_code} needs a permit, and the provider has none in force on any day of {period}."
law: "SoL (2025:400) 26:1; LSS 23 §"
certainty: contradiction
doubt_when:
  sv: "Leverantören har inget registrerat tillstånd alls, eller ett som löpte ut för mindre än tre månader sedan utan att återkallas."
  en: "The provider has no registered permit at all, or one that ran out less than three months ago without being revoked."
severity: hold
clears:
  sv: "Tillståndsbevis från IVO med giltighetstid; eller avtal där en annan utförare med tillstånd står för insatsen."
  en: "The permit with its dates, from the inspectorate; or an agreement by which another provider with a permit does the work."
innocent:
  sv: "Tillståndet är nytt eller förnyat och inte registrerat; insatsen kräver inget tillstånd i detta fall."
  en: "The permit is new or renewed and not yet registered; the service needs none in this case."
valid_from: 2020-01-01
sources: [claim_open, claim_permit, permit]
--- */
with held as (
  select
    org_number,
    max(least(coalesce(valid_to, date '9999-12-31'), coalesce(revoked_on, date '9999-12-31'))) as ended,
    bool_or(revoked_on is not null) as was_revoked
  from permit
  group by org_number
)
select
  l.line_id, l.amount_ore,
  coalesce(not (h.ended < l.period and (h.was_revoked or h.ended < l.period - interval 3 month)), true) as is_doubt
from claim_permit p
join claim_open l using (line_id)
left join held h on h.org_number = l.org_number
where not p.is_permitted
