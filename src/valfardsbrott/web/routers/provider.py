"""A provider: who it is, its figures among its peers, source rows, follow-up, networks and cases; one page for all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

import pyarrow as pa
from fastapi import APIRouter, Query
from fastapi.responses import Response

from valfardsbrott import plots
from valfardsbrott.features import Text
from valfardsbrott.review import figures, profile, rows
from valfardsbrott.review.models import Board, Provider
from valfardsbrott.review.published import published_months
from valfardsbrott.web.case_parts import labels
from valfardsbrott.web.problems import Problem
from valfardsbrott.web.visit import In, Visit

router = APIRouter(prefix="/providers/{org_number}")
#: Rows of the time line's table; older ones are in the source.
_EVENTS = 200


@dataclass(frozen=True)
class Shown:
    """A figure ready for the page: drawings are SVG."""

    name: str
    label: str
    why: str
    innocent: str
    text: str
    plot: str
    trend: str


@router.get("", name="provider")
def show(visit: In, org_number: str) -> Response:
    found = _provider(visit, org_number)
    out, db, words = visit.settings.out, visit.db, visit.words
    events, elsewhere = profile.events(db, org_number, visit.user)
    lanes = [(kind, words(f"provider.{kind}")) for kind in ("contract_follow_up", "deviation")]
    return visit.page(
        "provider.html.j2", provider=found, board=db.get(Board, found.board_id or ""),
        figures=_figures(visit, found), billed=_billed(visit, org_number),
        score=None if profile.is_undecided(db, org_number) else _score(visit, org_number),
        events=events[:_EVENTS], elsewhere=elsewhere, most=_EVENTS,
        line=plots.timeline([(each.date, each.source_table) for each in events], lanes, words),
        reasons=_reasons(visit, found),
        networks=profile.networks(db, org_number), cases=profile.cases(db, org_number, visit.user),
        published=found.month in published_months(out),
    )  # fmt: skip


@router.get("/rows/{feature}", name="provider_rows")
def source_rows(
    visit: In, org_number: str, feature: str, sort: str = "", find: str = "", page: Annotated[int, Query(ge=1)] = 1
) -> Response:
    found = _provider(visit, org_number)
    table, withheld = _rows(visit, found, feature)
    shown = rows.page(table, withheld, rows.View(sort, find, page))
    return visit.page(
        "provider_rows.html.j2", provider=found, feature=feature, label=labels(visit, [feature])[feature],
        rows=shown, sort=sort, find=find,
    )  # fmt: skip


@router.get("/rows/{feature}/csv", name="provider_rows_csv")
def source_rows_csv(visit: In, org_number: str, feature: str, sort: str = "", find: str = "") -> Response:
    table, _ = _rows(visit, _provider(visit, org_number), feature)
    headers = {"content-disposition": f'attachment; filename="{feature}.csv"'}
    return Response(rows.as_csv(table, rows.View(sort, find)), media_type="text/csv; charset=utf-8", headers=headers)


def _provider(visit: Visit, org_number: str) -> Provider:
    found = profile.provider(visit.db, org_number)
    if found is None:
        raise Problem(404, "missing")
    return found


def _rows(visit: Visit, found: Provider, feature: str) -> tuple[pa.Table, int]:
    """The rows, with a note in the log of whose and how many were read."""
    folder = visit.settings.out / found.month
    if feature not in rows.features_with_rows(folder):
        raise Problem(404, "missing")
    table, withheld = rows.of_feature(folder, visit.settings.store_folder, feature, found.org_number, visit.user)
    visit.log("read_rows", "provider", found.org_number, feature=feature, month=found.month, rows=table.num_rows)
    return table, withheld


def _figures(visit: Visit, found: Provider) -> list[Shown]:
    """The strongest figures with their drawings: computed the same way for every provider, whatever list it is on."""
    words, out = visit.words, visit.settings.out
    strongest = figures.strongest(out, found.month, found.org_number)
    months = figures.over_months(out, found.org_number, [each.feature.name for each in strongest])
    return [
        Shown(
            each.feature.name,
            _said(each.feature.label, visit),
            _said(each.feature.why, visit),
            _said(each.feature.innocent, visit),
            words(
                "figures.peers", value=words.value(each.value, each.feature.unit),
                median=words.value(each.median, each.feature.unit), count=words.number(len(each.peers)),
            ),
            plots.peer_plot(each.peers, each.value, each.median, each.feature.unit, words),
            plots.trend(
                months[each.feature.name], each.feature.unit, _said(each.feature.label, visit), words
            ),
        )
        for each in strongest
    ]  # fmt: skip


def _reasons(visit: Visit, found: Provider) -> list[tuple[str, str]]:
    """The reasons of the provider's own newest hit that have source rows, with their labels: of either arm alike."""
    there = rows.features_with_rows(visit.settings.out / found.month)
    named = [name for name in profile.reasons(visit.db, found.org_number, found.month) if name in there]
    return list(labels(visit, named).items())


def _billed(visit: Visit, org_number: str) -> str:
    months = figures.over_months(visit.settings.out, org_number, ["billed_ore"])["billed_ore"]
    money = [(month, None if ore is None else ore / 100) for month, ore in months]
    return plots.trend(money, "sek", visit.words("provider.billed"), visit.words)


def _score(visit: Visit, org_number: str) -> dict[str, Any]:
    """The score over months, for a provider about whom nothing is left to decide."""
    months = figures.over_months(visit.settings.out, org_number, ["score"], "scores")["score"]
    return {
        "months": [(month, value) for month, value in months if value is not None],
        "plot": plots.trend(months, "ratio", visit.words("provider.score"), visit.words),
    }


def _said(text: Text, visit: Visit) -> str:
    return text["en" if visit.language == "en" else "sv"]
