"""Networks month by month: what each was in every month it was looked for, and how long before a decision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from valfardsbrott.networks.identity import Identity

COLUMNS = (
    "network_id", "month", "event", "n_providers", "members", "gained", "lost", "parents", "structure", "e_value",
)  # fmt: skip
LEAD_COLUMNS = ("network_id", "org_number", "outcome", "decided_on", "first_month", "lead_days")


def extend(
    earlier: pd.DataFrame, now: Sequence[Identity], known: Mapping[str, Identity], networks: pd.DataFrame, month: str
) -> pd.DataFrame:
    """The months before (COLUMNS; empty in the first) and a row for each network of this month.

    ``known``: networks as they were when last seen; ``networks``: network_id, structure, e_value. ``event``: new;
    grown, shrunk, unchanged; split (a part became a network of its own, or this is such a part), merged (it took in
    another); not_seen, once, in the first month that a network is no longer found. Sorted by network and month.
    """
    ids = {each.network_id for each in now}
    columns = ("network_id", "structure", "e_value")
    figures = {name: (t, e) for name, t, e in zip(*(networks[each] for each in columns), strict=True)}
    rows = []
    for each in now:
        old = known[each.network_id].orgs if each.network_id in known else frozenset[str]()
        score, e_value = figures[each.network_id]
        rows.append(
            (
                each.network_id, month, _event(each, now, ids), len(each.orgs), sorted(each.orgs),
                sorted(each.orgs - old) if old else [], sorted(old - each.orgs), list(each.parents), score, e_value,
            )
        )  # fmt: skip
    newest = earlier.sort_values("month").drop_duplicates("network_id", keep="last") if len(earlier) else earlier
    for row in newest.to_dict("records"):
        if row["network_id"] not in ids and row["event"] != "not_seen":
            lost = list(row["members"])
            rows.append((str(row["network_id"]), month, "not_seen", 0, [], [], lost, [], None, None))
    added = pd.DataFrame(rows, columns=list(COLUMNS))
    together = pd.concat([earlier, added]) if len(earlier) and len(added) else (added if len(added) else earlier)
    return together.sort_values(["network_id", "month"], ignore_index=True)


def lead_times(timeline: pd.DataFrame, cases: pd.DataFrame) -> pd.DataFrame:
    """A row for each network and case of a provider that is or was in it: how long before the decision it was seen.

    ``cases``: org_number, decided_on, outcome, those known by now. ``first_month``: the first in which the provider was
    in the network. ``lead_days``: from the last day of that month to the decision; negative where the case was decided
    first, so that the network told nothing new.
    """
    seen = timeline[["network_id", "month", "members"]].explode("members").dropna(subset=["members"])
    first = seen.groupby(["network_id", "members"])["month"].min().rename("first_month").reset_index()
    both = first.merge(cases, left_on="members", right_on="org_number")
    if both.empty:
        return pd.DataFrame(columns=list(LEAD_COLUMNS))
    close = pd.to_datetime(both["first_month"] + "-01") + pd.offsets.MonthEnd(0)
    decided = pd.to_datetime(both["decided_on"])
    both = both.assign(decided_on=decided, lead_days=(decided - close).dt.days.astype("int64"))
    order = ["network_id", "org_number", "decided_on", "outcome"]
    return both.sort_values(order, ignore_index=True)[list(LEAD_COLUMNS)].drop_duplicates(order, ignore_index=True)


def without(timeline: pd.DataFrame, hidden: frozenset[str]) -> pd.DataFrame:
    """The timeline without providers that must not be shown any more (a sole trader who was protected since)."""
    if timeline.empty or not hidden:
        return timeline
    lists = {name: [[org for org in row if org not in hidden] for row in timeline[name]] for name in _LISTS}
    shown = timeline.assign(**{name: pd.Series(rows, index=timeline.index) for name, rows in lists.items()})
    return shown.assign(n_providers=[len(row) for row in lists["members"]])


_LISTS = ("members", "gained", "lost")


def _event(identity: Identity, now: Sequence[Identity], ids: set[str]) -> str:
    left = any(identity.network_id in each.parents for each in now if each.change == "new")
    if identity.change == "new":
        return "split" if set(identity.parents) & ids else "merged" if len(identity.parents) > 1 else "new"
    if identity.change == "unchanged":
        return "unchanged"
    if identity.gained and set(identity.parents) - ids:
        return "merged"
    return "split" if left and identity.lost else identity.change
