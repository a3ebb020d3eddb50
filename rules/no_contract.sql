/* ---
name: no_contract
label: {sv: "Inget giltigt avtal", en: "No valid contract"}
words:
  sv: "Leverantören har inget avtal om insatsen {service_code} som gällde någon dag i {period}."
  en: "The provider has no contract for the service {service_code} in force on any day of {period}."
law: "LOV (2008:962); LOU (2016:1145); KL 10:8"
certainty: doubt
severity: question
clears:
  sv: "Avtalet eller förlängningen, undertecknad före perioden."
  en: "The contract or its extension, signed before the period."
innocent:
  sv: "Förlängning som inte registrerats; avtalet har en annan kod för insatsen; underleverantör."
  en: "An extension not registered; the contract has another code for the service; a subcontractor."
valid_from: 2020-01-01
sources: [claim_open, contract]
--- */
with covered as (
  select distinct l.line_id
  from claim_open l
  join contract c
    on c.org_number = l.org_number
    and c.valid_from < l.period + interval 1 month
    and coalesce(c.valid_to, date '9999-12-31') >= l.period
    and (l.service_code is null or c.service_code = l.service_code)
)
select l.line_id, l.amount_ore
from claim_open l
anti join covered c on c.line_id = l.line_id
where l.unit_code <> 'EA'
