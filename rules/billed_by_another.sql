/* ---
name: billed_by_another
label: {sv: "Samma behov fakturerat av en annan", en: "The same need billed by another"}
words:
  sv: "Samma brukare, insats och månad ({period}) har fakturerats även av leverantören {other_org} (nämnd {other_board}), och inget beslut för månaden nämner den här leverantören."
  en: "The same recipient, service and month ({period}) were billed by the provider {other_org} too (board {other_board}), and no decision for the month names this provider."
law: "KL 10:8; SoL (2025:400) 15:9; avtalets villkor om uppdrag"
certainty: doubt
severity: question
clears:
  sv: "Uppdraget till den här leverantören för månaden, eller besked om vilken dag brukaren bytte."
  en: "The assignment to this provider for the month, or on which day the recipient changed."
innocent:
  sv: "Byte av utförare under månaden; två utförare för olika tider på dygnet."
  en: "A change of provider within the month; two providers for different hours of the day."
valid_from: 2020-01-01
sources: [claim_open, recipient_shared_period, claim_fact_3m, care_decision]
columns:
  other_org: a provider that billed the same
  other_board: the board that it billed
--- */
with named as (
  select
    l.line_id,
    count(d.org_number) as naming,
    count(*) filter (d.org_number = l.org_number) as naming_this
  from claim_open l
  join care_decision d
    on d.recipient_id = l.recipient_id and d.service_code = l.service_code
    and d.valid_from < l.period + interval 1 month and coalesce(d.valid_to, date '9999-12-31') >= l.period
  group by l.line_id
),
others as (
  select l.line_id, min(o.org_number) as other_org, min(o.board_id) as other_board
  from claim_open l
  join claim_fact_3m o
    on o.recipient_id = l.recipient_id and o.service_code = l.service_code and o.period = l.period
    and o.org_number <> l.org_number and o.amount_ore > 0
  group by l.line_id
)
select l.line_id, l.amount_ore, o.other_org, o.other_board
from claim_open l
join recipient_shared_period p using (org_number, recipient_id, service_code, period)
join others o using (line_id)
left join named n using (line_id)
where p.is_shared and coalesce(n.naming_this, 0) = 0
