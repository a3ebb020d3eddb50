/* ---
name: failed_provider
entity: provider
grain: [org_number]
partition_by: org_number
sources: [provider, contract, contract_follow_up_all, known_case_all]
optional: [contract, contract_follow_up_all, known_case_all]
whole: [contract_follow_up_all]
columns:
  reason: bankruptcy, rescission or confirmed, the gravest known at the month's end
--- */
-- Reasons are Bolagsverket's codes (KK.. is bankruptcy, TL.. compulsory liquidation) or words.
with reasons as (
  select p.org_number, 1 as rank, 'bankruptcy' as reason
  from provider p
  cross join run_month r
  where regexp_matches(lower(coalesce(p.deregistration_reason, '')), '^kk|^tl|konkurs|bankrupt|tvångslikvid|compulsory')
    and coalesce(p.deregistered_on, r.last) <= r.last
  union all
  select c.org_number, 2, 'rescission'
  from contract_follow_up_all f
  join contract c using (contract_id)
  cross join run_month r
  where f.sanction = 'rescission' and f.date <= r.last
  union all
  select k.org_number, 3, 'confirmed'
  from known_case_all k
  cross join run_month r
  where k.outcome = 'confirmed' and k.decided_on <= r.last
)
select org_number, arg_max(reason, (rank, reason)) as reason from reasons group by org_number
