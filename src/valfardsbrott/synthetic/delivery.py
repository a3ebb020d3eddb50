"""One month's delivery: visits of its days and the late ones of the month before, and all that follows from them."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from valfardsbrott.synthetic import columns as make
from valfardsbrott.synthetic import follow_up
from valfardsbrott.synthetic.arrays import scrambled, stream
from valfardsbrott.synthetic.billing import corrections, honest_errors, honest_lines, invoice_tables
from valfardsbrott.synthetic.columns import Table
from valfardsbrott.synthetic.dirt import soiled
from valfardsbrott.synthetic.entity_dirt import Clerks
from valfardsbrott.synthetic.names import SYSTEMS
from valfardsbrott.synthetic.payroll import payroll
from valfardsbrott.synthetic.peppol_out import take_documents
from valfardsbrott.synthetic.registers import REGISTERS
from valfardsbrott.synthetic.rows import DEVIATIONS, RECEIPTS, Visits, together
from valfardsbrott.synthetic.schemes.daily import scheming
from valfardsbrott.synthetic.schemes.money import billed
from valfardsbrott.synthetic.services import SERVICES
from valfardsbrott.synthetic.timeline import DAY, FIRST_DAY, month_at
from valfardsbrott.synthetic.visits import MonthPlan, day_of_visits, month_plan
from valfardsbrott.synthetic.world import City
from valfardsbrott.synthetic.write import write_table

_LATE_DAYS = 3


def visits_of(city: City, month: int) -> Visits:
    """The visits registered in the month, in the order of registration."""
    open_, close = FIRST_DAY[month] * DAY, FIRST_DAY[month + 1] * DAY
    before = month_plan(city, month - 1)
    days = [_day(city, before, day) for day in range(FIRST_DAY[month] - _LATE_DAYS, FIRST_DAY[month])]
    plan = month_plan(city, month)
    days += [_day(city, plan, day) for day in range(FIRST_DAY[month], FIRST_DAY[month + 1])]
    rows = together(days)
    rows = rows.take((rows.registered >= open_) & (rows.registered < close))
    return rows.take(np.lexsort((rows.number, rows.registered)))


def _day(city: City, plan: MonthPlan, day: int) -> Visits:
    rows = scheming(city, plan, day, day_of_visits(city, plan, day))
    rows = rows.take(np.lexsort((rows.staff, rows.recipient, rows.start)))
    rows.number = day * 10_000_000 + stream(city.seed, "numbers", day).permutation(len(rows))
    return rows


def visit_table(city: City, rows: Visits) -> Table:
    rng = stream(city.seed, "seconds", int(rows.number[0]) if len(rows) else 0)
    seconds = rng.integers(0, 60, len(rows))
    planned_end = rows.planned_start + rows.planned_minutes
    salt = city.seed + 21
    return {
        "visit_id": make.numbered("V", rows.number, 12), "org_number": make.picked(city.firms.org, rows.provider),
        "recipient_id": city.people(rows.recipient), "staff_id": city.people(rows.staff),
        "service_code": make.picked(SERVICES, rows.service), "planned_start": make.stamps(rows.planned_start),
        "planned_end": make.stamps(planned_end),
        "started_at": make.stamps(rows.start), "ended_at": make.stamps(rows.end),
        "start_receipt": make.picked(RECEIPTS, rows.start_receipt),
        "end_receipt": make.picked(RECEIPTS, rows.end_receipt),
        "tag_id": make.numbered("T", np.where(rows.tag < 0, 0, scrambled(rows.tag, salt)), 10),
        "device_id": make.numbered("E", scrambled(rows.device, salt + 1), 10),
        "registered_at": make.stamps(rows.registered, seconds), "edited_at": make.stamps(rows.edited),
        "edited_by": city.people(rows.editor), "deviation_code": make.picked(DEVIATIONS, rows.deviation),
        "source_system": make.picked(SYSTEMS, rows.system),
    }  # fmt: skip


def write_delivery(city: City, folder: Path, month: int) -> None:
    """Write the whole delivery of a month into ``folder``/YYYY-MM."""
    target = folder / str(month_at(month))
    target.mkdir(parents=True, exist_ok=True)
    clerks = Clerks(city)

    def put(name: str, table: Table) -> None:
        write_table(target, name, clerks.write(name, soiled(city, month, name, table), month))

    for register in REGISTERS:
        put(register.__name__, register(city, month))
    rows = visits_of(city, month)
    put("visit", visit_table(city, rows))
    lines = honest_errors(honest_lines(city, month, rows), stream(city.seed, "errors", month))
    invoice, claim_line = invoice_tables(city, month, corrections(city, month, billed(city, month, lines)))
    invoice, claim_line = take_documents(city, month, target, invoice, claim_line)
    put("invoice", invoice)
    put("claim_line", claim_line)
    put("payroll", payroll(city, month, rows))
    for table in (
        follow_up.contract_follow_up,
        follow_up.deviation,
        follow_up.absence,
        follow_up.certificate,
        follow_up.known_case,
    ):
        put(table.__name__, table(city, month))
