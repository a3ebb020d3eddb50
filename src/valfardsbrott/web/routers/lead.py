"""The lead's page: load and capacity, age, outcomes and amounts, precision by arm, agreement; each table as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response

from valfardsbrott import plots
from valfardsbrott.domain import cell
from valfardsbrott.review import overview
from valfardsbrott.review.models import OPEN_STATES, Case, DecisionKind, utc_now
from valfardsbrott.review.overview import Agreement, Row, Scope
from valfardsbrott.web.problems import Problem
from valfardsbrott.web.visit import In, Visit

router = APIRouter()

#: The page's tables in order: what kind of value each column holds. Titles and heads are lead.<name>.* in the locales.
_OUTCOMES = ("text", *["count"] * 5, "ore", "ore")
TABLES: Mapping[str, tuple[str, ...]] = {
    "people": ("text", *["count"] * 6),
    "months": ("month", "count", "count"),
    "ages": ("text", *["count"] * len(OPEN_STATES)),
    "boards": _OUTCOMES,
    "districts": _OUTCOMES,
    "precision": ("text", "count", "count", "share", "share", "share", "count", "count"),
    "agreement": ("text", *["count"] * len(DecisionKind)),
}


@dataclass(frozen=True)
class Shown:
    """A table ready for page and file: heads in the visitor's language, values as they are, None where not known."""

    name: str
    heads: tuple[str, ...]
    kinds: tuple[str, ...]
    rows: list[Row]


@router.get("/lead", name="lead")
def show(visit: In, board: str = "", district: str = "") -> Response:
    scope, db, user = Scope(board, district), visit.db, visit.user
    boards, districts = overview.boards_and_districts(db, user)
    shown = {name: _table(visit, scope, name) for name in TABLES}
    agreed = overview.agreement(db, user, scope)
    return visit.page(
        "lead.html.j2", scope=scope, boards=boards, districts=districts, tables=shown,
        load=overview.load(db, user, scope, utc_now()), agreed=agreed, said=_said(visit, agreed),
        plots={"months": _months(visit, shown["months"]), "precision": _precision(visit, shown["precision"])},
    )  # fmt: skip


@router.get("/lead/csv/{table}", name="lead_csv")
def as_csv(visit: In, table: str, board: str = "", district: str = "") -> Response:
    """One of the tables: UTF-8 with a byte order mark, amounts in kronor, no cell that a spreadsheet would run."""
    if table not in TABLES:
        raise Problem(404, "missing")
    shown, text = _table(visit, Scope(board, district), table), io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(cell(head) for head in shown.heads)
    writer.writerows([cell(_plain(*each)) for each in zip(shown.kinds, row, strict=True)] for row in shown.rows)
    headers = {"content-disposition": f'attachment; filename="{table}.csv"'}
    return Response(f"\ufeff{text.getvalue()}", media_type="text/csv; charset=utf-8", headers=headers)


def _table(visit: Visit, scope: Scope, name: str) -> Shown:
    t, kinds = visit.words, TABLES[name]
    heads = tuple(t(f"lead.{'outcomes' if kinds is _OUTCOMES else name}.heads").split("|"))
    if name == "boards":
        heads = (t("lead.board"), *heads[1:])
    return Shown(name, heads, kinds, _rows(visit, scope, name))


def _rows(visit: Visit, scope: Scope, name: str) -> list[Row]:
    """The table's rows, their first column in words."""
    db, user, now, t = visit.db, visit.user, utc_now(), visit.words
    if name in {"boards", "districts"}:
        by = Case.board_id if name == "boards" else Case.district
        return _named(overview.outcomes(db, user, scope, by), t("lead.none"))
    if name == "people":
        return _named(overview.by_person(db, user, scope, now.date()), t("lead.nobody"))
    if name == "months":
        return list(overview.over_months(db, user, scope, now))
    if name == "ages":
        return [(_band(visit, upper), *counts) for upper, *counts in overview.by_age(db, user, scope, now)]
    if name == "precision":
        return [_arm(visit, each) for each in overview.precision(db, user, scope)]
    counts = overview.agreement(db, user, scope).counts
    return [(t(f"lead.kind.{kind}"), *row) for kind, row in zip(DecisionKind, counts, strict=True)]


def _arm(visit: Visit, each: overview.Share) -> Row:
    low, high = each.interval if each.decided else (None, None)
    counts = (each.insufficient, each.referred)
    return (visit.words(f"lead.arm.{each.arm}"), each.decided, each.confirmed, each.share, low, high, *counts)


def _named(rows: list[Row], none: str) -> list[Row]:
    return [(none if row[0] is None else row[0], *row[1:]) for row in rows]


def _band(visit: Visit, upper: int | None) -> str:
    """The band in words: the first begins at nought, the last has no end."""
    at = len(overview.BANDS) if upper is None else overview.BANDS.index(upper)
    lower = overview.BANDS[at - 1] + 1 if at else 0
    return visit.words("lead.older", low=lower) if upper is None else visit.words("lead.band", low=lower, high=upper)


def _said(visit: Visit, agreed: Agreement) -> str:
    """Agreement in words; that there is too little to say anything is said as well."""
    t, (low, high) = visit.words, agreed.interval
    if agreed.cases == 0:
        return t("lead.agreement.none")
    found = t("lead.agreement.same", same=agreed.same, cases=agreed.cases)
    if low != low or agreed.kappa != agreed.kappa:  # noqa: PLR0124 - NaN is the one value that differs from itself
        return f"{found} {t('lead.agreement.few')}"
    numbers = {name: t.number(value, 2) for name, value in (("kappa", agreed.kappa), ("low", low), ("high", high))}
    return f"{found} {t('lead.agreement.kappa', **numbers)}"


def _months(visit: Visit, table: Shown) -> str:
    t = visit.words
    told = t("lead.months.told", came=sum(row[1] for row in table.rows), went=sum(row[2] for row in table.rows))
    return plots.pairs(
        [(month[2:], came, went) for month, came, went in table.rows], (table.heads[1], table.heads[2]), told
    )


def _precision(visit: Visit, table: Shown) -> str:
    known = [(row[0], *row[3:6]) for row in table.rows if row[3] is not None]
    return plots.shares(known, visit.words)


def _plain(kind: str, value: Any) -> Any:
    """A value for a file: kronor, shares of one with six decimals."""
    if value is None:
        return None
    return value / 100 if kind == "ore" else round(value, 6) if kind == "share" else value
