/* ---
name: price_over_contract
label: {sv: "Pris över avtalets", en: "Price above the contract"}
words:
  sv: "À-priset är {unit_price_ore} där avtalets är {contract_price_ore} per timme eller besök."
  en: "The unit price is {unit_price_ore} where the contract's is {contract_price_ore} an hour or visit."
law: "KL 10:8; avtalets prisbilaga; LOU (2016:1145) 17 kap."
certainty: contradiction
doubt_when:
  sv: "Minst hälften av leverantörens rader för insatsen har samma pris (en prislista som inte förts in), eller beloppet och inte priset avviker."
  en: "At least half of the provider's lines for the service have the same price (a price list not entered), or the sum and not the price differs."
severity: hold
clears:
  sv: "Prisbilaga eller beslutad indexuppräkning som täcker perioden; annars kredit för skillnaden."
  en: "A price annex or decided indexation that covers the period; otherwise a credit for the difference."
innocent:
  sv: "Indexuppräkning som inte förts in; OB-tillägg; pris i annat avtal."
  en: "Indexation not entered; supplement for unsocial hours; price of another contract."
valid_from: 2020-01-01
sources: [claim_open, claim_price, claim_price_3m]
columns:
  unit_price_ore: price billed for a unit
  contract_price_ore: the contract's price for an hour or visit
--- */
-- The same higher price on half of the provider's lines for the service, in three deliveries, looks like a price list that was
-- not entered. That is a doubt.
with priced as (
  select org_number, service_code, unit_price_ore, count(*) as lines
  from claim_price_3m where amount_ore > 0
  group by all
),
shares as (
  select
    org_number, service_code, unit_price_ore,
    lines >= 10 and 2 * lines >= sum(lines) over (partition by org_number, service_code) as is_usual
  from priced
)
select
  l.line_id, least(p.overcharge_ore, l.amount_ore) as amount_ore, p.unit_price_ore, p.contract_price_ore,
  coalesce(s.is_usual, false) or p.unit_price_ore <= p.contract_price_ore as is_doubt
from claim_price p
join claim_open l using (line_id)
left join shares s
  on s.org_number = p.org_number and s.service_code is not distinct from p.service_code
  and s.unit_price_ore = p.unit_price_ore
where p.is_overpriced and p.overcharge_ore > 100
