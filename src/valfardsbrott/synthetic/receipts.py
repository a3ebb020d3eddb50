"""Visit systems: how each rounds, how visits are confirmed and when they are registered."""

from __future__ import annotations

import numpy as np

from valfardsbrott.synthetic.arrays import Floats, Ints, Random
from valfardsbrott.synthetic.names import SYSTEMS
from valfardsbrott.synthetic.rows import GPS, MANUAL, NFC, NO_RECEIPT, Visits
from valfardsbrott.synthetic.timeline import DAY

EXACT, FIVES, BY_GPS, BY_HAND, STRICT = range(len(SYSTEMS))
#: A visit is registered at most this long after it ended, so that only a month's last three days can be late.
LATEST = int(2.3 * DAY)


def rounded(rows: Visits, rng: Random) -> None:
    """Times as the provider's system keeps them; visits that came to nothing keep theirs."""
    real = rows.done & (rows.minutes > 0)
    fives, hand, strict = (real & (rows.system == system) for system in (FIVES, BY_HAND, STRICT))
    step = np.where(rng.random(len(rows)) < 0.45, 15, 5)
    near = (np.abs(rows.start - rows.planned_start) <= 7) & (np.abs(rows.minutes - rows.planned_minutes) <= 5)
    rows.start = np.where(fives, (rows.start + 2) // 5 * 5, rows.start)
    rows.start = np.where(hand, (rows.start + step // 2) // step * step, rows.start)
    rows.start = np.where(strict & near, rows.planned_start, rows.start)
    length = rows.minutes
    length = np.where(fives, np.maximum((length + 2) // 5 * 5, np.minimum(length, 5)), length)
    length = np.where(hand, np.maximum((length + step // 2) // step * step, 5), length)
    rows.minutes = np.where(strict & near, rows.planned_minutes, length)


def receipts(rows: Visits, manual: Floats, rng: Random) -> None:
    """How start and end were confirmed. Who forgets the one mostly has the other typed in too."""
    by_system = np.array([NFC, NFC, GPS, MANUAL, NFC])[rows.system]
    draw, again = rng.random(len(rows)), rng.random(len(rows))
    start = np.where(draw < manual, MANUAL, np.where(draw > 0.992, NO_RECEIPT, by_system))
    typed = (start == MANUAL) & (again < 0.7)
    rows.start_receipt = np.where((rows.system == BY_HAND) & (draw >= manual), NFC, start)
    end = np.where(typed | (again < manual * 0.6), MANUAL, by_system)
    rows.end_receipt = np.where((rows.system == BY_HAND) & ~typed & (again >= 0.3), NFC, end)
    nothing = ~rows.done
    rows.start_receipt = np.where(nothing, NO_RECEIPT, rows.start_receipt)
    rows.end_receipt = np.where(nothing, NO_RECEIPT, rows.end_receipt)


def registered_at(rows: Visits, rng: Random) -> None:
    """At once where a receipt was read, hours or days later where it was typed."""
    typed = (rows.start_receipt >= MANUAL) | (rows.end_receipt >= MANUAL)
    later: Ints = np.minimum(rng.exponential(0.35 * DAY, len(rows)), LATEST).astype(np.int64)
    stuck = rng.random(len(rows)) < 0.004  # no coverage: sent when the telephone came back
    rows.registered = rows.end + np.where(typed | stuck, 5 + later, rng.integers(0, 2, len(rows)))
