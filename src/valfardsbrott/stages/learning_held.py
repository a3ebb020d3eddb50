"""Held back: who has been looked into for just these reasons, until they change or the time is out; nobody unseen."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from valfardsbrott.stages.reasons import MATTERS, strongest

Row = Mapping[str, Any]
#: A reason has changed where its evidence has grown by this share and by these nats: less is the month's noise.
GROWN, NATS = 0.25, 1.0


@dataclass(frozen=True)
class Changed:
    """What brings a provider back: features that were no reason then, and reasons that have grown."""

    new: tuple[str, ...] = ()
    grown: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.new or self.grown)


def changed(then: Sequence[Row], now: Sequence[Row]) -> Changed:
    """Compare a provider's contributions when it was decided on and now: rows with feature, contribution and block.

    A reason is its block: features that move together. One with less than a fifth of the evidence now does not count,
    nor does one that has shrunk or gone. A reason has grown where its evidence is more than GROWN and NATS above what
    it was. Nothing known of then: everything is new.
    """
    before: dict[str, float] = {}
    for row in strongest(then):
        before |= dict.fromkeys((row["feature"], *row["also"]), float(row["contribution"]))
    listed = strongest(now)
    least = MATTERS * sum(row["contribution"] for row in listed)
    new, grown = [], []
    for row in listed:
        if row["contribution"] < least:
            continue
        was = max((before[name] for name in (row["feature"], *row["also"]) if name in before), default=None)
        if was is None:
            new.append(str(row["feature"]))
        elif row["contribution"] > max(was * (1 + GROWN), was + NATS):
            grown.append(str(row["feature"]))
    return Changed(tuple(new), tuple(grown))


def until(decided_on: dt.date, outcome: str, lasting: bool, lasting_until: dt.date | None, rest: int) -> dt.date | None:
    """Until which day a decision holds a provider back; None: it does not.

    A confirmed case is in hand for ``rest`` months, and so is one that was cleared with a lasting reason, unless that
    says itself until when. One that was cleared without such a reason, or left for want of grounds, holds nobody back.
    """
    if outcome == "cleared" and (lasting or lasting_until):
        return lasting_until or _plus(decided_on, rest)
    return _plus(decided_on, rest) if outcome == "confirmed" else None


def _plus(day: dt.date, months: int) -> dt.date:
    """As many months later; the last day of a shorter month."""
    whole = day.year * 12 + day.month - 1 + months
    year, month = divmod(whole, 12)
    first_of_next = dt.date(year + (month == 11), (month + 1) % 12 + 1, 1)
    return min(dt.date(year, month + 1, 1) + dt.timedelta(days=day.day - 1), first_of_next - dt.timedelta(days=1))
