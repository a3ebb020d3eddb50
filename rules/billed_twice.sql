/* ---
name: billed_twice
label: {sv: "Samma behov fakturerat två gånger", en: "The same need billed twice"}
words:
  sv: "Samma brukare, insats och månad ({period}) står med nästan samma mängd på raden {other_line}, som inte är krediterad."
  en: "The same recipient, service and month ({period}) stand with almost the same quantity on line {other_line}, which is not credited."
law: "KL 10:8; avtalets faktureringsvillkor"
certainty: contradiction
doubt_when:
  sv: "Besöken räcker till båda raderna, eller är inte kända."
  en: "The visits suffice for both lines, or are not known."
severity: hold
clears:
  sv: "Besöksloggen, om båda raderna har egna besök; annars en kredit av den ena."
  en: "The visit log, if both lines have visits of their own; otherwise a credit of one of them."
innocent:
  sv: "Lika stora sena besök; ny faktura i stället för en annan där krediten inte kommit."
  en: "Late visits of the same size; a new invoice in place of another whose credit has not come."
valid_from: 2020-01-01
sources: [claim_open, claim_fact_12m, claim_excess]
columns:
  other_line: the earlier line
--- */
-- Within two per cent of an earlier line that still stands. Certain where what is performed covers only one of the two.
with earlier as (
  select
    k.line_id, k.org_number, k.recipient_id, k.service_code, k.period, k.unit_code, k.quantity, k.delivery_month,
    k.is_credit, abs(k.amount_ore) as size_ore, k.invoice_id
  from claim_fact_12m k
  semi join claim_open l on l.org_number = k.org_number and l.recipient_id = k.recipient_id and l.period = k.period
),
standing as (
  select *
  from (
    select
      *,
      count(*) filter (is_credit) over same_sum as credits,
      count(*) filter (not is_credit) over (same_sum order by delivery_month, line_id) as nth
    from earlier
    window same_sum as (partition by org_number, recipient_id, service_code, period, size_ore)
  )
  where not is_credit and nth > credits
),
pairs as (
  select l.line_id, max(s.line_id) as other_line
  from claim_open l
  cross join run_month r
  join standing s
    on s.org_number = l.org_number and s.recipient_id = l.recipient_id and s.period = l.period
    and s.service_code = l.service_code and s.unit_code = l.unit_code
    and abs(s.quantity - l.quantity) * 50 <= l.quantity
    and s.line_id <> l.line_id and (s.delivery_month < r.month or s.line_id < l.line_id)
  group by l.line_id
)
select
  l.line_id, l.amount_ore, p.other_line,
  not coalesce(e.is_beyond_dirt and 10 * e.excess >= 8 * coalesce(l.billed_minutes, l.billed_visits), false) as is_doubt
from pairs p
join claim_open l using (line_id)
left join claim_excess e using (line_id)
where l.unit_code <> 'EA'
