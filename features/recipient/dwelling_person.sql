/* ---
name: dwelling_person
entity: recipient
grain: [org_number, dwelling_id, person_id]
partition_by: dwelling_id
sources: [recipient_month, staff_month, person]
optional: [staff_month]
whole: [recipient_month, staff_month]
columns:
  is_recipient: served or billed for by the provider
  own: recipients and staff of this provider who are registered in the dwelling
  served: recipients in the dwelling, of any provider
  own_served: of them this provider's
  providers: providers that serve somebody in the dwelling
  is_crowded: four or more of one provider's people in a dwelling that it serves alone or with few others
  source_table: the table that the row stands in
  source_row_id: file and row in the delivery
--- */
-- A care home or a house with studio flats has many recipients too, and of as many providers as the district has. So a
-- dwelling with four providers or more, or more than twenty recipients, is taken for a home and not for a crowd.
with people as (
  select org_number, recipient_id as person_id, true as is_recipient from recipient_month
  union all
  select org_number, staff_id, false from staff_month
),
living as (
  select
    p.org_number, d.dwelling_id, p.person_id, bool_or(p.is_recipient) as is_recipient,
    min(d.source_file || ':' || d.source_row) as source_row_id
  from people p
  join person d using (person_id)
  where d.dwelling_id is not null and d.deregistered_on is null
  group by all
),
by_provider as (
  select
    org_number, dwelling_id,
    count(*) as own,
    count(*) filter (is_recipient) as own_served
  from living
  group by all
),
by_dwelling as (
  select
    dwelling_id,
    sum(own_served)::bigint as served,
    count(*) filter (own_served > 0) as providers
  from by_provider
  group by dwelling_id
)
select
  l.org_number, l.dwelling_id, l.person_id, l.is_recipient,
  o.own, d.served, o.own_served, d.providers,
  o.own >= 4 and d.providers <= 3 and d.served <= 20 as is_crowded,
  'person' as source_table, l.source_row_id
from living l
join by_provider o using (org_number, dwelling_id)
join by_dwelling d using (dwelling_id)
