/* ---
name: recipient_missing
label: {sv: "Brukare saknas", en: "Recipient missing"}
words:
  sv: "Raden avser tid eller besök i {period} men nämner ingen brukare."
  en: "The line is for time or visits in {period} but names no recipient."
law: "KL 10:8; SoL (2025:400) 15:9; avtalets faktureringsvillkor"
certainty: doubt
severity: question
clears:
  sv: "Vem raden avser, från leverantören."
  en: "Whom the line is for, from the provider."
innocent:
  sv: "Gruppinsats eller grundbelopp; skyddade uppgifter; fältet tomt av misstag."
  en: "A group service or base sum; protected data; the field left empty by mistake."
valid_from: 2020-01-01
sources: [claim_open]
needs: [claim_line.recipient_id]
--- */
select line_id, amount_ore
from claim_open
where recipient_id is null and unit_code <> 'EA'
