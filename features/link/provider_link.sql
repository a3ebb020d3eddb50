/* ---
name: provider_link
entity: link
grain: [link_type, org_number, node_type, node_id, source_table]
partition_by: none
sources: [entity, provider, provider_role, payment_account, person, staff, certificate_12m, invoice_3m, claim_line_3m, visit_3m]
optional: [entity, provider, provider_role, payment_account, person, staff, certificate_12m, invoice_3m, claim_line_3m, visit_3m]
columns:
  first_seen: day the link was first in force or seen; null where no source says (a register without dates)
  last_seen: day it was last in force or seen, at most the last of the month
  n_rows: source rows that say so
  source_rows: >-
    up to 20 of them, file and row, sorted, the month before those of an earlier delivery (2026-08/visit.csv:7);
    of staff, recipients, certificates and devices only where two providers share
--- */
with
limits as (
  select first, last, (month - interval 11 month)::date as horizon, last - interval 92 day as recent from run_month
),
-- Organisations and persons that also stand under a mistyped number (the stage entities says which).
also_org as materialized (
  select raw, canonical_id from entity where kind = 'organisation' and raw <> canonical_id
),
also_person as materialized (
  select raw, canonical_id from entity where kind = 'person' and raw <> canonical_id
),
visit_row as not materialized (
  select
    v.org_number, v.staff_id, v.recipient_id, v.device_id, v.deviation_code, v.started_at, v.started_at_utc,
    v.ended_at_utc,
    if(v.delivery_month = m.month, '', strftime(v.delivery_month, '%Y-%m/')) || v.source_file || ':' || v.source_row as source
  from visit_3m v cross join run_month m
),
invoice_row as (
  select
    coalesce(o.canonical_id, i.org_number) as org_number, coalesce(a.canonical_id, i.account_number) as account_number,
    coalesce(p.canonical_id, i.payee_org_number) as payee_org_number, i.issue_date,
    if(i.delivery_month = m.month, '', strftime(i.delivery_month, '%Y-%m/')) || i.source_file || ':' || i.source_row as source
  from invoice_3m i
  cross join run_month m
  left join also_org o on o.raw = i.org_number
  left join also_org p on p.raw = coalesce(i.payee_org_number, i.payee_name)
  left join entity a on a.kind = 'account' and a.raw = i.account_number
),
role as (
  select
    coalesce(o.canonical_id, r.org_number) as org_number, coalesce(s.canonical_id, r.person_id) as person_id, r.role in ('auditor', 'accountant') as outside, r.from_date as first_seen,
    least(coalesce(r.to_date, l.last), l.last) as last_seen, r.source_file || ':' || r.source_row as source_row
  from provider_role r
  cross join limits l
  left join also_org o on o.raw = r.org_number
  left join also_person s on s.raw = r.person_id
  where coalesce(r.from_date <= l.last, true) and coalesce(r.to_date >= l.horizon, true)
),
company as (
  select
    coalesce(o.canonical_id, p.org_number) as org_number, null::date as first_seen,
    least(coalesce(p.deregistered_on, l.last), l.last) as last_seen, p.source_file || ':' || p.source_row as source_row,
    coalesce(p.street, '') || '|' || coalesce(p.postal_code, '') || '|' || coalesce(p.city, '') as address, p.phone, p.email
  from provider p
  cross join limits l
  left join also_org o on o.raw = p.org_number
  where coalesce(p.deregistered_on >= l.horizon, true)
),
company_contact as (
  select
    org_number, first_seen, last_seen, source_row, unnest(['address', 'phone', 'email']) as kind,
    unnest([address, phone, email]) as raw
  from company
),
staff_row as (
  select
    coalesce(o.canonical_id, s.org_number) as org_number, coalesce(p.canonical_id, s.staff_id) as staff_id,
    s.certificate_id, s.employed_from, s.employed_to, s.source_file, s.source_row
  from staff s
  left join also_org o on o.raw = s.org_number
  left join also_person p on p.raw = s.staff_id
),
account as (
  select
    coalesce(o.canonical_id, a.org_number) as org_number, coalesce(e.canonical_id, a.account_number) as account_number,
    a.from_date as first_seen,
    least(coalesce(a.to_date, l.last), l.last) as last_seen, a.source_file || ':' || a.source_row as source_row
  from payment_account a
  cross join limits l
  left join also_org o on o.raw = a.org_number
  left join entity e on e.kind = 'account' and e.raw = a.account_number
  where coalesce(a.from_date <= l.last, true) and coalesce(a.to_date >= l.horizon, true)
),
company_number as (
  select org_number from company union select org_number from account union select org_number from invoice_row
),
-- Paid to an account or an organisation that is not the provider's own: whose it is, where it is another provider's.
paid_elsewhere as (
  select i.org_number, 'account' as node_type, i.account_number as node_id, i.issue_date as day, i.source as source_row,
    o.org_number as receiver
  from invoice_row i
  left join (select distinct org_number, account_number from account) o on o.account_number = i.account_number
  where i.account_number is not null
    and not exists (select 1 from account a where a.org_number = i.org_number and a.account_number = i.account_number)
  union all
  select i.org_number, if(starts_with(i.payee_org_number, 'p'), 'person', 'provider'), i.payee_org_number, i.issue_date,
    i.source, c.org_number
  from invoice_row i left join company_number c on c.org_number = i.payee_org_number
  where i.payee_org_number is not null and i.payee_org_number <> i.org_number
),
-- Training and other certificates, of the register of staff and as they were handed in; medical ones are of recipients.
held as (
  select s.org_number, s.staff_id, s.certificate_id as document, s.employed_from as first_seen,
    least(coalesce(s.employed_to, l.last), l.last) as last_seen, 'staff' as source_table,
    s.source_file || ':' || s.source_row as source_row
  from staff_row s cross join limits l
  where s.certificate_id is not null
    and coalesce(s.employed_from <= l.last, true) and coalesce(s.employed_to >= l.recent, true)
  union all
  select coalesce(o.canonical_id, c.org_number, s.org_number), coalesce(p.canonical_id, c.subject_id), d.document, c.issued_on,
    (c.delivery_month + interval 1 month - interval 1 day)::date, 'certificate',
    if(c.delivery_month = r.month, '', strftime(c.delivery_month, '%Y-%m/')) || c.source_file || ':' || c.source_row
  from certificate_12m c
  cross join run_month r
  cross join unnest([c.certificate_id, c.document_hash]) as d(document)
  left join also_org o on o.raw = c.org_number
  left join also_person p on p.raw = c.subject_id
  left join (select distinct org_number, staff_id from staff_row) s
    on c.org_number is null and s.staff_id = coalesce(p.canonical_id, c.subject_id)
  where c.kind <> 'medical' and d.document is not null and coalesce(c.org_number, s.org_number) is not null
),
-- One worker's certificate at two employers joins nobody: that is shared staff.
document as (
  select document, count(distinct org_number) > 1 as keep
  from held group by document having count(distinct org_number) = 1 or count(distinct staff_id) > 1
),
-- The ends of visits that may join providers: the worker, the person visited, the device. Each is counted by itself, as
-- it was registered, all in one reading (of the three only the one that is counted has a value). Rows are named only where
-- two providers share: to name those of every visit, or to look every one of them up among the mistyped, would cost more
-- than all the rest.
visited as (
  select
    org_number, coalesce(staff_id, recipient_id, device_id) as raw,
    case when staff_id is not null then 'staff' when recipient_id is not null then 'recipient' else 'device' end as link_type,
    min(started_at)::date as first_seen, max(started_at)::date as last_seen, count(*) as n_rows
  from visit_3m
  group by grouping sets ((org_number, staff_id), (org_number, recipient_id), (org_number, device_id))
  having raw is not null
),
visited_end as materialized (
  select
    v.link_type, coalesce(o.canonical_id, v.org_number) as org_number, v.raw, coalesce(p.canonical_id, v.raw) as node_id,
    v.first_seen, v.last_seen, v.n_rows
  from visited v
  left join also_org o on o.raw = v.org_number
  left join also_person p on p.raw = v.raw and v.link_type <> 'device'
),
visited_link as (
  select
    link_type, org_number, if(link_type = 'device', 'device', 'person') as node_type, node_id,
    min(first_seen) as first_seen, max(last_seen) as last_seen, sum(n_rows) as n_rows
  from visited_end group by all
),
shared as materialized (
  select distinct link_type, node_id, e.raw
  from visited_end e
  semi join (
    select link_type, node_id from visited_end group by all having count(distinct org_number) > 1
  ) using (link_type, node_id)
),
-- Visits of shared workers, which serve twice.
shared_staff as materialized (
  select s.node_id, v.org_number, v.deviation_code, v.started_at, v.started_at_utc, v.ended_at_utc, v.source
  from visit_row v join shared s on s.raw = v.staff_id where s.link_type = 'staff'
),
shared_row as (
  select 'staff' as link_type, org_number, node_id, source from shared_staff
  union all
  select s.link_type, v.org_number, s.node_id, v.source
  from visit_row v join shared s on s.raw = v.recipient_id where s.link_type = 'recipient'
  union all
  select s.link_type, v.org_number, s.node_id, v.source
  from visit_row v join shared s on s.raw = v.device_id where s.link_type = 'device'
),
visited_rows as (
  select s.link_type, coalesce(o.canonical_id, s.org_number) as org_number, s.node_id, min(s.source, 20) as source_rows
  from shared_row s left join also_org o on o.raw = s.org_number
  group by all
),
-- The same worker in two providers' visits at once, for at least five minutes.
busy as (
  select
    coalesce(o.canonical_id, v.org_number) as org_number, v.node_id as staff_id, v.started_at, v.started_at_utc,
    v.ended_at_utc, v.source as source_row
  from shared_staff v left join also_org o on o.raw = v.org_number
  where coalesce(v.deviation_code not in ('hospital', 'cancelled'), true)
),
busy_day as (
  select org_number, staff_id, started_at, started_at_utc, ended_at_utc, source_row, started_at_utc::date as bucket from busy
  union all
  select org_number, staff_id, started_at, started_at_utc, ended_at_utc, source_row, ended_at_utc::date from busy where ended_at_utc::date > started_at_utc::date
),
double_booked as (
  select distinct a.org_number, a.staff_id, a.started_at::date as day, a.source_row
  from busy_day a
  join busy_day b
    on a.staff_id = b.staff_id and a.bucket = b.bucket and a.org_number <> b.org_number
    and a.started_at_utc < b.ended_at_utc and b.started_at_utc < a.ended_at_utc
  where date_diff('minute', greatest(a.started_at_utc, b.started_at_utc), least(a.ended_at_utc, b.ended_at_utc)) >= 5
),
claimed as (
  select
    coalesce(o.canonical_id, c.org_number) as org_number, coalesce(p.canonical_id, c.recipient_id) as recipient_id, c.period,
    if(c.delivery_month = m.month, '', strftime(c.delivery_month, '%Y-%m/')) || c.source_file || ':' || c.source_row as source_row
  from claim_line_3m c
  cross join run_month m
  left join also_org o on o.raw = c.org_number
  left join also_person p on p.raw = c.recipient_id
  where c.recipient_id is not null
),
claimed_shared as (
  select recipient_id from claimed group by all having count(distinct org_number) > 1
),
employed as (
  select
    s.org_number, s.staff_id, s.employed_from as first_seen, least(coalesce(s.employed_to, l.last), l.last) as last_seen,
    s.source_file || ':' || s.source_row as source_row
  from staff_row s cross join limits l
  where coalesce(s.employed_from <= l.last, true) and coalesce(s.employed_to >= l.recent, true)
),
employed_shared as (
  select staff_id from employed group by all having count(distinct org_number) > 1
),
-- All others: one row for each source row.
line as (
  select org_number, 'person' as node_type, person_id as node_id, if(outside, 'accountant', 'owner') as link_type,
    first_seen, last_seen, 'provider_role' as source_table, source_row, true as keep
  from role
  union all
  select c.org_number, e.kind, e.canonical_id, e.kind, c.first_seen, c.last_seen, 'provider', c.source_row, true
  from company_contact c join entity e on e.kind = c.kind and e.raw = c.raw
  union all
  select org_number, 'account', account_number, 'account', first_seen, last_seen, 'payment_account', source_row, true
  from account
  union all
  select org_number, node_type, node_id, 'payee', day, day, 'invoice', source_row, true
  from paid_elsewhere where receiver is null
  union all
  -- From one provider to another, by its number or to its account: the same invoice as each of the two sees it.
  select unnest([org_number, receiver]), if(starts_with(receiver, 'p'), 'person', 'provider'), receiver, 'payments', day, day,
    'invoice', source_row, true
  from paid_elsewhere where receiver is not null
  union all
  select h.org_number, 'certificate', h.document, 'certificate', h.first_seen, h.last_seen, h.source_table, h.source_row,
    d.keep
  from held h join document d using (document)
  union all
  select r.org_number, 'address', p.dwelling_id, 'home', greatest(r.first_seen, p.registered_from), r.last_seen,
    'provider_role', r.source_row, true
  from role r join person p using (person_id)
  where not r.outside and p.dwelling_id is not null
    and not coalesce(p.secrecy_marked, false) and not coalesce(p.protected_registration, false)
  union all
  select org_number, 'person', staff_id, 'overlap', day, day, 'visit', source_row, true
  from double_booked
  union all
  select org_number, 'person', staff_id, 'staff', first_seen, last_seen, 'staff', source_row,
    exists (select 1 from employed_shared s where s.staff_id = e.staff_id)
  from employed e
  union all
  select org_number, 'person', recipient_id, 'recipient', period, period, 'claim_line', source_row,
    exists (select 1 from claimed_shared s where s.recipient_id = c.recipient_id)
  from claimed c
)
select
  link_type, org_number, node_type, node_id, source_table, min(first_seen) as first_seen, max(last_seen) as last_seen,
  count(*)::bigint as n_rows, coalesce(min(source_row, 20) filter (keep), []) as source_rows
from line
where node_id is not null -- what a sentinel stood for is nobody
group by all
union all
select
  v.link_type, v.org_number, v.node_type, v.node_id, 'visit', v.first_seen, v.last_seen,
  v.n_rows::bigint, coalesce(r.source_rows, [])
from visited_link v
left join visited_rows r on r.link_type = v.link_type and r.org_number = v.org_number and r.node_id = v.node_id
