/* ---
name: certifier_surprise
entity: staff
grain: [org_number, issuer_id]
partition_by: org_number
sources: [certifier_share]
columns:
  subjects: persons with a medical certificate by the issuer, of the last twelve months, behind a grant to the provider
  provider_subjects: the same over all issuers
  usual: the issuer's share at other providers, half a certificate added on each side
  issuers: rows of the provider in this view, of which the most surprising one counts
  surprise: nats of surprise at so many by one issuer; a single certificate is no concentration
  is_largest: the most surprising of the provider's issuers
--- */
with usual as (
  select
    org_number, issuer_id, subjects, provider_subjects,
    (issuer_other_subjects + 0.5::double) / (other_subjects + 1) as usual
  from certifier_share
  where provider_subjects >= 3 and other_subjects >= 10
),
surprised as (
  select
    org_number, issuer_id, subjects, provider_subjects, usual,
    case when subjects < 2 then 0 else binomial_surprise(subjects, provider_subjects, usual) end as surprise
  from usual
)
select
  org_number, issuer_id, subjects, provider_subjects, usual,
  count(*) over (partition by org_number) as issuers,
  surprise,
  row_number() over (
    partition by org_number order by surprise desc, subjects desc, issuer_id
  ) = 1 as is_largest
from surprised
