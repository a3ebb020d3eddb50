/* ---
name: certifier_share
entity: staff
grain: [org_number, issuer_id]
partition_by: none
sources: [certificate_12m, care_decision]
optional: [care_decision]
columns:
  subjects: persons with a medical certificate by the issuer, of the last twelve months, behind a grant to the provider
  provider_subjects: the same over all issuers
  issuer_other_subjects: the issuer's persons at other providers
  other_subjects: persons with such certificates at other providers
--- */
-- A certificate belongs to the provider that it names, else to the one that its decision names.
with issued as (
  select distinct
    coalesce(c.org_number, d.org_number) as org_number, c.issuer_id, c.subject_id
  from certificate_12m c
  left join care_decision d on d.decision_id = c.decision_id
  where c.kind = 'medical' and c.issuer_id is not null and coalesce(c.org_number, d.org_number) is not null
),
counted as (
  select org_number, issuer_id, count(*) as subjects from issued group by all
)
select
  org_number, issuer_id, subjects,
  sum(subjects) over (partition by org_number)::bigint as provider_subjects,
  (sum(subjects) over (partition by issuer_id) - subjects)::bigint as issuer_other_subjects,
  (sum(subjects) over () - sum(subjects) over (partition by org_number))::bigint as other_subjects
from counted
