"""Every case of a feature or an invoice rule: a few rows in, what it says of them out (docs/features.md, "Cases")."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow.parquet as pq
import pytest
import yaml

from valfardsbrott.catalogue import Column, Table, readable
from valfardsbrott.definitions import folder
from valfardsbrott.domain import Month
from valfardsbrott.engines.seam import Step
from valfardsbrott.features import Feature, View, base, upstream
from valfardsbrott.rules import load_rules
from valfardsbrott.settings import Settings
from valfardsbrott.stages.evidence import recomputed
from valfardsbrott.stages.views import Deliveries, MonthOfViews
from valfardsbrott.stages.workspace import Workspace

Row = dict[str, Any]
PutTable = Callable[[Path, str, str, Sequence[Mapping[str, Any]]], Path]

STOCKHOLM = ZoneInfo("Europe/Stockholm")


def _cases() -> Iterator[Any]:
    for path in sorted(folder("features").rglob("*.cases.yaml")):
        view = path.name.removesuffix(".cases.yaml")
        for case in yaml.safe_load(path.read_text(encoding="utf-8")):
            yield pytest.param(view, case, id=f"{view}: {case['name']}")
    for rule in load_rules():
        for case in yaml.safe_load(rule.path.with_suffix(".cases.yaml").read_text(encoding="utf-8")):
            yield pytest.param(rule.view.name, case, id=f"{rule.view.name}: {case['name']}")


def _wanted(names: Iterable[str]) -> tuple[View, ...]:
    """The views of features and rules of these names and all that they read, in order."""
    rules = [rule.view for rule in load_rules() if rule.view.name in names]
    return (*upstream([*names, *(base(source)[0] for view in rules for source in view.sources)]), *rules)


@pytest.mark.parametrize(("view", "case"), list(_cases()))
def test_case(view: str, case: dict[str, Any], tmp_path: Path, put_table: PutTable) -> None:
    assert set(case) <= {"name", "month", "given", "earlier", "expect", "absent"}, "a case has other keys"
    months, wanted = _laid_out(view, case, tmp_path, put_table)
    workspace = Workspace(Settings(store=tmp_path, threads=1))
    lacking = [_compute(workspace, wanted, month) for month in months][-1]
    for name, got in _told(view, case, wanted, workspace, lacking).items():
        for feature in next(v for v in wanted if v.name == name).features:
            _agrees_with_evidence(feature, got, months[-1], workspace)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_every_case_on_spark(tmp_path: Path, put_table: PutTable) -> None:
    """All at once, since each job of Spark costs its start: first every case's oldest month, then the next."""
    pytest.importorskip("pyspark", reason="pip install 'valfardsbrott[spark]'")
    from valfardsbrott.engines.spark import Spark

    cases = [(param.values[0], param.values[1], tmp_path / str(at)) for at, param in enumerate(_cases())]
    laid = [(store, *_laid_out(view, case, store, put_table)) for view, case, store in cases]
    lacking: dict[Path, set[str]] = {}
    spark = Spark(
        Month(2026, 10), master="local[2]", memory_limit="1GB", threads=1, scratch=tmp_path / "spark", parts=2
    )
    with spark:
        for at in range(max(len(months) for _, months, _ in laid)):
            steps: list[Step] = []
            for store, months, wanted in laid:
                if at < len(months):
                    workspace = Workspace(Settings(store=store))
                    lacking[store] = _compute(workspace, wanted, months[at], Later(steps))
            assert dict.fromkeys(step.out for step in steps) == {step.out: None for step, _ in spark.compute(steps)}
    wrong = []
    for (view, case, store), (_, _, wanted) in zip(cases, laid, strict=True):
        try:
            _told(view, case, wanted, Workspace(Settings(store=store)), lacking[store])
        except AssertionError as error:
            wrong.append(f"{view}: {case['name']}: {error}")
    assert not wrong


class Later:
    """An engine that keeps the steps for another to compute."""

    def __init__(self, steps: list[Step]) -> None:
        self.steps = steps

    def compute(self, steps: Iterable[Step]) -> Iterator[tuple[Step, int]]:
        for step in steps:
            self.steps.append(step)
            yield step, 0

    def __exit__(self, *_: object) -> None: ...


def _laid_out(
    view: str, case: dict[str, Any], store: Path, put_table: PutTable
) -> tuple[list[Month], tuple[View, ...]]:
    """Put the case's tables into the store; its months, oldest first, and the views to compute."""
    month = Month.parse(case["month"])
    for each, given in {**case.get("earlier", {}), str(month): case["given"]}.items():
        for table, rows in given.items():
            put_table(store, table, each, [_stored(table, row, each, at) for at, row in enumerate(_all(rows), 1)])
    expected, absent = (_by_view(view, case.get(key, [])) for key in ("expect", "absent"))
    assert expected or absent, "a case expects something"
    months = {*Deliveries(Workspace(Settings(store=store))).months, month}
    return sorted(each for each in months if each <= month), _wanted({*expected, *absent})


def _told(
    view: str, case: dict[str, Any], wanted: Sequence[View], workspace: Workspace, lacking: set[str]
) -> dict[str, list[Row]]:
    """What was computed holds what the case expects and nothing that should be absent; the rows by view."""
    expected, absent = (_by_view(view, case.get(key, [])) for key in ("expect", "absent"))
    found = {}
    for name in {*expected, *absent}:
        got = pq.read_table(workspace.view(name, Month.parse(case["month"]))).to_pylist()
        grain = next(v.grain for v in wanted if v.name == name)
        if name in lacking:  # then the matrix says: not available, whatever was computed
            got = [{key: value if key in grain else None for key, value in row.items()} for row in got]
        for row in expected.get(name, []):
            _check(row, _same(row, got, grain))
        for row in absent.get(name, []):
            assert not _same(row, got, grain), f"{row} should not be there"
        found[name] = got
    return found


def _agrees_with_evidence(feature: Feature, got: list[Row], month: Month, workspace: Workspace) -> None:
    """The number, computed again from the rows that are shown as its evidence, is the number."""
    again = recomputed(feature, month, workspace)
    nothing = None if feature.evidence.per else 0
    for row in got:
        if row[feature.name] is not None:
            assert again.get(row["org_number"], nothing) == pytest.approx(row[feature.name]), feature.name


def _all(rows: list[Row]) -> Iterator[Row]:
    """The rows, each as many ``times`` as it says, with ``{n}`` (``{n:02}``) in a text for its number from 1."""
    for row in rows:
        for number in range(1, row.get("times", 1) + 1):
            yield {name: _numbered(value, number) for name, value in row.items() if name != "times"}


def _numbered(value: Any, number: int) -> Any:
    return value.format(n=number) if isinstance(value, str) and "{n" in value else value


def _by_view(view: str, entry: list[Row] | dict[str, list[Row]]) -> dict[str, list[Row]]:
    return entry if isinstance(entry, dict) else {view: entry} if entry else {}


def _compute(workspace: Workspace, views: Sequence[View], month: Month, engine: Any = None) -> set[str]:
    """Compute the views of the month; those that lack a source they need."""
    with MonthOfViews(month, Deliveries(workspace)) as work:
        work._engine = engine
        manifests = work.compute(*views)
    return {view.name for view, made in zip(views, manifests, strict=True) if made.stats["missing"]}


def _same(row: Row, got: list[Row], grain: tuple[str, ...]) -> list[Row]:
    key = {name: value for name, value in row.items() if name in grain}
    return [each for each in got if all(_plain(each[name]) == value for name, value in key.items())]


def _check(row: Row, found: list[Row]) -> None:
    assert len(found) == 1, f"one row for {row}, not {len(found)}"
    for name, value in row.items():
        assert name in found[0], f"the view has no column {name}"
        got = _plain(found[0][name])
        assert got == (pytest.approx(value, rel=1e-6) if isinstance(value, float) else value), name


def _plain(value: Any) -> Any:
    """As YAML would write it: dates as text, decimals as floats."""
    if isinstance(value, dt.datetime):
        return value.isoformat(" ", "minutes")
    if isinstance(value, dt.date):
        return value.isoformat()
    return float(value) if isinstance(value, Decimal) else value


def _stored(name: str, row: Row, month: str, number: int) -> Row:
    """The row as ingest would have stored it: what it leaves out of the required columns made up, UTC beside local."""
    table = readable()[name]
    stored = {c.stored_name: _default(table, c, month, number) for c in table.columns if c.required} | row
    if name == "visit" and "ended_at" not in row:
        stored["ended_at"] = _moment(stored["started_at"]) + dt.timedelta(minutes=30)
    for column in table.columns:
        if column.type == "timestamp" and stored.get(column.name) is not None:
            stored[column.name] = _moment(stored[column.name])
        if column.utc:
            local = stored[column.name].replace(tzinfo=STOCKHOLM)
            stored[f"{column.name}_utc"] = local.astimezone(dt.UTC).replace(tzinfo=None)
        if column.type == "number" and stored.get(column.name) is not None:
            stored[column.name] = Decimal(str(stored[column.name]))
        if column.type == "month" and len(str(stored.get(column.name))) == 7:
            stored[column.name] = f"{stored[column.name]}-01"
    return stored


def _moment(value: Any) -> dt.datetime:
    return value if isinstance(value, dt.datetime) else dt.datetime.fromisoformat(str(value))


def _default(table: Table, column: Column, month: str, number: int) -> Any:
    if column.type == "string" and column.name in table.key:
        return f"{table.name}-{number}"
    if column.values:
        return column.values[0]
    return {
        "string": "something", "org": "acme", "person": "somebody", "account": "123-4567", "postal_code": "11120",
        "date": f"{month}-01", "timestamp": f"{month}-01 08:00", "month": f"{month}-01", "integer": 0, "number": 0,
        "money": 0, "bool": False,
    }[column.type]  # fmt: skip
