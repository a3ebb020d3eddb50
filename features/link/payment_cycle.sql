/* ---
name: payment_cycle
entity: link
grain: [org_number, payee_org_number]
partition_by: none
sources: [payment_edge]
columns:
  payee_org_number: who is paid for the provider's claims; the provider itself in one row
  amount_ore: paid there over the last twelve deliveries
  invoices: number of invoices
  steps: the shortest way round, from the provider to the payee and on until it is back (2-4); null where none
--- */
-- A way round: A's claims are paid to B, B's to C, C's to A. Within a registered group money goes round as it should, so such
-- steps carry no way. A payee of more than twenty-five providers (a factoring company) carries none either.
with hub as (
  select payee_org_number from payment_edge
  where payee_org_number <> org_number group by payee_org_number having count(*) > 25
),
edge as (
  select org_number as a, payee_org_number as b
  from payment_edge
  anti join hub using (payee_org_number)
  where payee_org_number <> org_number and not is_group
),
ways as (
  select e.a, e.b, 2 as steps from edge e join edge f on f.a = e.b and f.b = e.a
  union all
  select e.a, e.b, 3 from edge e join edge f on f.a = e.b join edge g on g.a = f.b and g.b = e.a
  where f.b not in (e.a, e.b)
  union all
  select e.a, e.b, 4
  from edge e join edge f on f.a = e.b join edge g on g.a = f.b join edge h on h.a = g.b and h.b = e.a
  where f.b not in (e.a, e.b) and g.b not in (e.a, e.b, f.b)
),
shortest as (
  select a, b, min(steps)::bigint as steps from ways group by a, b
)
select e.org_number, e.payee_org_number, e.amount_ore, e.invoices, s.steps
from payment_edge e
left join shortest s on s.a = e.org_number and s.b = e.payee_org_number
