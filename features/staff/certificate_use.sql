/* ---
name: certificate_use
entity: staff
grain: [org_number, staff_id]
partition_by: none
sources: [staff_month, staff, certificate_all]
optional: [certificate_all]
columns:
  certificate_id: the certificate's number in the staff register
  is_shared: another worker has the same number, or the same document stands behind another worker's certificate
--- */
-- Numbers are compared over all providers. One person with two jobs is one person.
with documents as (
  select distinct document_hash, subject_id from certificate_all where document_hash is not null and kind <> 'medical'
),
copied as (
  select distinct d.subject_id
  from documents d
  join (
    select document_hash from documents group by document_hash having count(distinct subject_id) > 1
  ) using (document_hash)
),
holders as (
  select certificate_id, count(distinct staff_id) as holders
  from staff where certificate_id is not null group by certificate_id
)
select
  m.org_number, m.staff_id,
  min(s.certificate_id) as certificate_id,
  bool_or(coalesce(h.holders > 1, false) or c.subject_id is not null) as is_shared
from staff_month m
join staff s on s.org_number = m.org_number and s.staff_id = m.staff_id
left join holders h on h.certificate_id = s.certificate_id
left join copied c on c.subject_id = m.staff_id
where m.is_employed and (s.certificate_id is not null or c.subject_id is not null)
group by m.org_number, m.staff_id
