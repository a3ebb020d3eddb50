"""What a month's networks are made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from valfardsbrott.networks.identity import Identity
from valfardsbrott.networks.migration import Movement


@dataclass(frozen=True)
class Inputs:
    """What a month's networks are made of.

    ``links``: LINK_COLUMNS, protected persons left out. ``providers``: org_number, district, and billed_ore where
    known. ``exempt``: org_a, org_b, reason (corporate_group or business_transfer). ``delivered``: names of the tables
    that the month knows. ``known``: networks of earlier months by id. ``month``: its last day. ``movement``: who
    changed provider; ``cases``: org_number, outcome, decided_on, of those known by then; ``dwellings``: of recipients.
    None is not known.
    """

    links: pd.DataFrame
    providers: pd.DataFrame
    exempt: pd.DataFrame
    delivered: frozenset[str]
    known: Mapping[str, Identity]
    month: pd.Timestamp
    movement: Movement | None = None
    cases: pd.DataFrame | None = None
    dwellings: Mapping[str, str] | None = None
