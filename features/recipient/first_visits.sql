/* ---
name: first_visits
entity: recipient
grain: [first_known]
partition_by: none
sources: [recipient_visits_3m]
columns: {}
--- */
-- The first of the last three deliveries that holds visits: of months before it nobody knows what was performed.
select min(delivery_month) as first_known from recipient_visits_3m
