"""Everything that is reckoned for a period, as plain data: made once for each period, then kept as it was published."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from valfardsbrott.domain import Failure
from valfardsbrott.measures import binomial_interval
from valfardsbrott.review.models import Board
from valfardsbrott.review.situation import boards as compared
from valfardsbrott.review.situation import indicators
from valfardsbrott.review.situation.facts import Facts, collect
from valfardsbrott.review.situation.figures import CHECKED, CONTROL, Limits, Publication, categories_of, publish
from valfardsbrott.review.situation.period import Period

#: An estimate from fewer reviewed control cases says little.
ENOUGH = 30


@dataclass(frozen=True)
class Folders:
    """Where the published months and the store of the runs are."""

    out: Path
    store: Path


def reckon(db: Session, period: Period, folders: Folders, as_of: dt.date, limits: Limits) -> dict[str, Any]:
    """All figures of a period as JSON, null where held back. Failure where the period has not ended or has no run."""
    if as_of <= period.last.last:
        raise Failure(f"{period} has not ended on {as_of}", "Choose a period that has")
    facts = collect(db, period, folders.out, folders.store, as_of)
    if not facts.runs:
        raise Failure(f"no month of {period} has been imported", "valfardsbrott review import")
    names = {one.board_id: one.name for one in db.scalars(select(Board).order_by(Board.board_id))}
    money = compared.money_of(db, facts, folders.out, categories_of(facts, names)["board"], limits)
    shown = publish(facts, names, money, limits)
    follow_ups, terms = compared.follow_ups_of(db, facts), compared.terms_of(facts, folders.store)
    return {
        "period": [str(period.first), str(period.last)],
        "as_of": as_of.isoformat(),
        "runs": dict(sorted(facts.runs.items())),
        "limits": asdict(limits),
        "values": [[*key, shown.values.get(key)] for key in sorted(shown.keys)],
        "categories": {name: list(found) for name, found in shown.categories.items()},
        "boards": names,
        "prevalence": prevalence(shown, limits.providers),
        "follow_ups": {board: asdict(one) for board, one in follow_ups.items()},
        "terms": [asdict(one) for one in terms if one.providers >= limits.providers],
        "deviations": [asdict(one) for one in compared.deviations(shown, follow_ups, terms, limits)],
        "computed": indicators.computed(shown, follow_ups, facts, limits),
        "untold": untold(facts, shown),
    }


def publication(figures: dict[str, Any]) -> Publication:
    """The figures as `Publication`, from what was kept."""
    keys = {(row[0], row[1], row[2]): row[3] for row in figures["values"]}
    shown = {key: value for key, value in keys.items() if value is not None}
    categories = {name: tuple(found) for name, found in figures["categories"].items()}
    return Publication(shown, frozenset(keys), categories, figures["prevalence"]["few"])


def prevalence(shown: Publication, least: int) -> dict[str, Any]:
    """What share of the providers outside the list is wrong, from the random sample alone: exact 95 % interval.

    ``share`` is of providers whose check was decided: each once, confirmed if one of its checks was. Where fewer
    were confirmed than may be shown, there is only ``high``, reckoned as if there were one fewer than may be shown.
    Nothing where the number of decided control cases is held back. Source of the interval: `binomial_interval`.
    """
    decided, confirmed = shown.get(*CHECKED), shown.get(*CONTROL)
    found: dict[str, Any] = {
        "decided": decided, "confirmed": confirmed,
        "few": shown.control_few, "share": None, "low": None, "high": None,
    }  # fmt: skip
    if not decided:
        return found
    if confirmed is not None:
        low, high = binomial_interval(confirmed, decided)
        found |= {"share": confirmed / decided, "low": low, "high": high}
    elif shown.control_few:
        found |= {"low": 0.0, "high": binomial_interval(min(least - 1, decided), decided)[1]}
    return found


def untold(facts: Facts, shown: Publication) -> dict[str, Any]:
    """What these data cannot tell, where it can be counted; None where the count is held back."""
    unknown = sum(one.recipients is None for one in facts.subjects.values())
    return {
        "missing_months": [month for month in facts.period.months if month not in facts.runs],
        "providers": len(facts.subjects),
        "unknown_recipients": unknown,
        "no_scheme": shown.get("scheme", "scheme", "none"),
        "few_control": (shown.get(*CHECKED) or 0) < ENOUGH,
    }
