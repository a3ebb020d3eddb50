/* ---
name: first_billing
entity: claim
grain: [first_known]
partition_by: none
sources: [billed_month_all]
columns: {}
--- */
-- The first delivery that billed anything: who is there from then on may be older than the data.
select min(delivery_month) as first_known from billed_month_all where billed_ore > 0
