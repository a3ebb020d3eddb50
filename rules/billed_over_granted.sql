/* ---
name: billed_over_granted
label: {sv: "Fakturerat över beviljat", en: "Billed over granted"}
words:
  sv: "För {period} är {billed_minutes} minuter fakturerade och {granted_minutes} beviljade hos brukaren, av alla leverantörer tillsammans."
  en: "For {period} {billed_minutes} minutes are billed and {granted_minutes} granted for the recipient, by all providers together."
law: "SoL (2025:400) 15:9; LSS 7 och 9 §§; KL 10:8"
certainty: doubt
severity: question
clears:
  sv: "Ett ändrat eller tillfälligt utökat beslut; eller avtalets regel om utjämning mellan månader."
  en: "A changed or temporarily raised decision; or the contract's rule of evening out between months."
innocent:
  sv: "Utökat beslut som inte hunnit registreras; utjämning mellan månader; akuta behov."
  en: "A raised decision not yet registered; evening out between months; urgent needs."
valid_from: 2020-01-01
sources: [claim_open, recipient_grant]
columns:
  billed_minutes: minutes billed for the month by all providers
  granted_minutes: minutes granted for the month
--- */
-- Only months that decisions cover wholly; what is questioned is shared among the lines by their minutes.
select
  l.line_id,
  (l.amount_ore * least(g.all_billed_minutes - g.granted_minutes, g.all_billed_minutes) // g.all_billed_minutes)::bigint
    as amount_ore,
  g.all_billed_minutes as billed_minutes, g.granted_minutes
from claim_open l
join recipient_grant g using (org_number, recipient_id, service_code, period)
where l.billed_minutes > 0
  and g.all_billed_minutes > g.granted_minutes + 30 and 100 * g.all_billed_minutes > 102 * g.granted_minutes
