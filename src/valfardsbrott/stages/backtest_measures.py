"""What lists of past months would have given: cases found and how early, how steady they are, what a case costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from valfardsbrott.domain import Month
from valfardsbrott.measures import bootstrap, overlap, rank_biased_overlap

if TYPE_CHECKING:
    import pandas as pd

#: A provider that was looked into is not looked into again for as many months, though it stays on the list.
REST = 6
_DAYS_A_MONTH = 30.4375
#: A month's ranked providers, most suspicious first.
Lists = Mapping[Month, Sequence[str]]


def cases_found(lists: Lists, cases: pd.DataFrame, capacity: int) -> pd.DataFrame:
    """The cases that the lists could have found: ``org_number, outcome, decided_on, flagged_in, lead_months``.

    A month's list is made when the month has ended, so only cases decided later count, of providers that were ranked in
    such a month. ``flagged_in`` is the first month whose first ``capacity`` hold the provider before the decision,
    ``lead_months`` from the end of that month to the decision; None and nan where it is not found.
    """
    import pandas as pd

    rows = []
    for org, decided, outcome in cases[["org_number", "decided_on", "outcome"]].itertuples(index=False):
        before = [month for month in sorted(lists) if month.last < decided and org in lists[month]]
        if not before:
            continue
        flagged = next((month for month in before if org in lists[month][:capacity]), None)
        lead = (decided - flagged.last).days / _DAYS_A_MONTH if flagged else float("nan")
        rows.append((org, outcome, decided, str(flagged) if flagged else None, lead))
    names = ["org_number", "outcome", "decided_on", "flagged_in", "lead_months"]
    return pd.DataFrame(rows, columns=names)


def reviews(lists: Lists, cases: pd.DataFrame, capacity: int, rest: int = REST) -> pd.DataFrame:
    """The reviews that the lists ask for: ``month, org_number``.

    One that is on the list again within ``rest`` months of its last review is not reviewed again, nor is one that has
    been decided by then.
    """
    import pandas as pd

    decided = dict(zip(cases["org_number"], cases["decided_on"], strict=True))
    last: dict[str, Month] = {}
    rows = []
    for month in sorted(lists):
        for org in lists[month][:capacity]:
            known = org in decided and decided[org] <= month.last
            if not known and (org not in last or last[org].plus(rest) <= month):
                last[org] = month
                rows.append((str(month), org))
    return pd.DataFrame(rows, columns=["month", "org_number"])


def stability(lists: Lists, capacity: int) -> list[dict[str, Any]]:
    """For each month and the one before it in the backtest, over those ranked in both.

    The share of the list that stays, and the agreement of the whole order (rank-biased overlap).
    """
    months = sorted(lists)
    found = []
    for before, month in pairwise(months):
        both = set(lists[before]) & set(lists[month])
        one, other = ([org for org in lists[each] if org in both] for each in (before, month))
        found.append(
            {
                "month": str(month),
                "overlap_at_capacity": round(overlap(one, other, capacity), 4),
                "rank_biased_overlap": round(rank_biased_overlap(one, other), 4),
            }
        )
    return found


def summary(lists: Lists, cases: pd.DataFrame, capacity: int, review_cost: float | None, seed: int) -> dict[str, Any]:
    """One ranking's figures with 95 % intervals over cases (percentile bootstrap): see docs/models.md for each."""
    found = cases_found(lists, cases, capacity)
    asked = reviews(lists, cases, capacity)
    steady = stability(lists, capacity)
    confirmed = found[found["outcome"] == "confirmed"]
    hit = confirmed["flagged_in"].notna().to_numpy()
    lead = confirmed["lead_months"].to_numpy(float)
    decided = found[found["flagged_in"].notna()]
    right = (decided["outcome"] == "confirmed").to_numpy()
    cost = len(asked) / hit.sum() if hit.any() else None
    return {
        "confirmed_cases": len(confirmed),
        "found": int(hit.sum()),
        "share_found": _with_interval(len(hit), lambda at: float(hit[at].mean()), seed) if len(hit) else None,
        "lead_months": _with_interval(len(hit), lambda at: _median(lead[at]), seed) if hit.any() else None,
        "cleared_among_found": int((~right).sum()),
        "confirmed_share_of_decided": _with_interval(len(right), lambda at: float(right[at].mean()), seed)
        if len(right)
        else None,
        "reviews": len(asked),
        "reviews_per_confirmed": _round(cost),
        "sek_per_confirmed": _round(cost * review_cost) if cost is not None and review_cost is not None else None,
        "overlap_at_capacity": _mean(steady, "overlap_at_capacity"),
        "rank_biased_overlap": _mean(steady, "rank_biased_overlap"),
        "by_month": [each | {"reviews": int((asked["month"] == each["month"]).sum())} for each in steady],
    }


def difference(lists: Mapping[str, Lists], cases: pd.DataFrame, capacity: int, seed: int) -> dict[str, Any]:
    """Paired over cases: the first ranking's share of confirmed cases found less each other's, with its interval."""
    found = {name: cases_found(each, cases, capacity) for name, each in lists.items()}
    first, *others = found
    hits = {name: (each["flagged_in"].notna() & (each["outcome"] == "confirmed")) for name, each in found.items()}
    by_org = {name: hits[name].set_axis(found[name]["org_number"]) for name in found}
    confirmed = found[first].loc[found[first]["outcome"] == "confirmed", "org_number"]
    result: dict[str, Any] = {}
    for name in others:
        less = np.array(
            [float(by_org[first].get(org, False)) - float(by_org[name].get(org, False)) for org in confirmed]
        )
        if len(less):
            result[f"{first} less {name}"] = _with_interval(len(less), lambda at, d=less: float(d[at].mean()), seed)
    return result


def _with_interval(count: int, statistic: Any, seed: int) -> dict[str, float | None]:
    low, high = bootstrap(count, statistic, seed=seed)
    return {"value": _round(statistic(np.arange(count))), "low": _round(low), "high": _round(high)}


def _median(values: Any) -> float:
    known = values[~np.isnan(values)]
    return float(np.median(known)) if len(known) else float("nan")


def _mean(rows: Sequence[Mapping[str, Any]], name: str) -> float | None:
    return _round(float(np.mean([row[name] for row in rows]))) if rows else None


def _round(value: float | None) -> float | None:
    return None if value is None or np.isnan(value) else round(float(value), 4)
