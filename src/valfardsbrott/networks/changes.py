"""What changed in a network since it was last seen, in Swedish and English."""

from __future__ import annotations

import pandas as pd

from valfardsbrott.networks.explanation import LABELS
from valfardsbrott.networks.identity import Identity
from valfardsbrott.networks.links import COUNT_TYPES

Entry = dict[str, str]


def changes(now: Identity, before: Identity | None, shared: pd.DataFrame, month: pd.Timestamp) -> list[Entry]:
    """An entry for each kind of change: ``change``, ``text_sv``, ``text_en``; a network unchanged says so.

    ``before``: the network when last seen. ``shared``: its rows of `members.shared_links`. ``month``: the first day; a
    value is new where the later of its first two users took it up since. New workers and recipients in common are left
    out: there are some every month.
    """
    if before is None:
        out = [_entry("new", "Nätverket är nytt.", "The network is new.")]
        return out + _parents(now)
    out = []
    if gained := sorted(now.orgs - before.orgs):
        out.append(_entry("gained", f"Har kommit till: {', '.join(gained)}.", f"Have come: {', '.join(gained)}."))
    if lost := sorted(before.orgs - now.orgs):
        out.append(_entry("lost", f"Ingår inte längre: {', '.join(lost)}.", f"No longer in it: {', '.join(lost)}."))
    if new := _new_values(shared, month):
        sv = ", ".join(f"{LABELS[kind]['sv']} ({count})" for kind, count in new.items())
        en = ", ".join(f"{LABELS[kind]['en']} ({count})" for kind, count in new.items())
        out.append(_entry("links", f"Nya samband: {sv}.", f"New ties: {en}."))
    if not out:
        last = before.last_seen_month
        out.append(_entry("unchanged", f"Inget nytt sedan {last}.", f"Nothing new since {last}."))
    return out + (_parents(now) if now.change != "unchanged" else [])


def _new_values(shared: pd.DataFrame, month: pd.Timestamp) -> dict[str, int]:
    counted = shared[(shared["weight"] > 0) & ~shared["link_type"].isin(COUNT_TYPES)]
    each = counted.groupby(["link_type", "node_id", "org_number"])["first_seen"].min().dropna()
    second = each.groupby(level=[0, 1]).apply(lambda days: days.sort_values().iloc[1] if len(days) > 1 else pd.NaT)
    new = second[pd.to_datetime(second) >= month]
    return {str(kind): int(count) for kind, count in new.groupby(level=0).size().items()}


def _parents(now: Identity) -> list[Entry]:
    if not now.parents:
        return []
    ids = ", ".join(now.parents)
    return [_entry("parents", f"Delar fanns tidigare i {ids}.", f"Parts of it were in {ids} before.")]


def _entry(change: str, sv: str, en: str) -> Entry:
    return {"change": change, "text_sv": sv, "text_en": en}
