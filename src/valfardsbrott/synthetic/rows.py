"""Visits as columns while they are being made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from valfardsbrott.synthetic.arrays import Column, Flags, Ints
from valfardsbrott.synthetic.timeline import to_utc, to_wall

RECEIPTS = ("nfc", "gps", "manual", "none")
NFC, GPS, MANUAL, NO_RECEIPT = range(4)
DEVIATIONS = (None, "declined", "not_home", "hospital", "cancelled")
DONE, DECLINED, NOT_HOME, HOSPITAL, CANCELLED = range(5)
NOT_YET = -1


@dataclass
class Visits:
    """Times are clock minutes from 1970, ``minutes`` the registered length, -1 what is not there; persons by place."""

    provider: Ints
    recipient: Ints
    staff: Ints
    service: Ints
    decision: Ints
    planned_start: Ints
    planned_minutes: Ints
    start: Ints
    minutes: Ints
    start_receipt: Ints
    end_receipt: Ints
    tag: Ints
    device: Ints
    registered: Ints
    edited: Ints
    editor: Ints
    deviation: Ints
    system: Ints
    place: Ints  # building of the home
    number: Ints

    def __len__(self) -> int:
        return len(self.provider)

    @property
    def end(self) -> Ints:
        return to_wall(to_utc(self.start) + self.minutes)

    @property
    def done(self) -> Flags:
        """Visits that took place, and those declined or not at home: all that is paid for."""
        done: Flags = (self.deviation != HOSPITAL) & (self.deviation != CANCELLED)
        return done

    def take(self, rows: Column) -> Visits:
        """The rows picked by a mask or by places, as copies."""
        return Visits(*(getattr(self, field.name)[rows] for field in fields(self)))


def together(parts: Sequence[Visits]) -> Visits:
    """The rows of all parts (at least one) in their order."""
    return Visits(*(np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(Visits)))
