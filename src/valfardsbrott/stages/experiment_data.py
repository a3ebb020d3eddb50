"""The months that an experiment's trials read: generated cities, or a city's own with known cases. Made once, kept."""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from valfardsbrott.domain import Failure, Month
from valfardsbrott.settings import Settings
from valfardsbrott.stages.experiment_plan import City, Plan, Store
from valfardsbrott.stages.models_known import BEFORE_DETECT, Known
from valfardsbrott.stages.workspace import Workspace, code_digest, definitions_digest, digest

if TYPE_CHECKING:
    import pandas as pd

#: What the matrices and networks of a generated city depend on, besides its own settings.
_CODE = ("synthetic", "sources", "engines", "networks", *(f"stages/{stage}.py" for stage in BEFORE_DETECT))
_KEPT = ("matrix", "networks", "manifests")


@dataclass(frozen=True)
class Data:
    """One month to rank, and what is true of it. ``schemes``: scheme by planted provider; ``alike``: look-alikes' kind.

    ``positive`` are the providers that a ranking should put first: planted, or confirmed.
    """

    name: str
    digest: str
    month: Month
    settings: Settings
    positive: frozenset[str] = frozenset()
    schemes: tuple[tuple[str, str], ...] = ()
    alike: tuple[tuple[str, str], ...] = ()
    networks: tuple[tuple[str, str], ...] = field(default=(), repr=False)

    @property
    def known(self) -> Known:
        return Known(self.month, self.settings)


@dataclass(frozen=True)
class Places:
    """Where data sets are made, and cities that somebody has made already: each in ``<kind of city>-<seed>`` below
    ``kept``, with ``matrix.parquet`` (all months), ``nodes.parquet`` (the last month's networks) and ``truth/``."""

    work: Path
    kept: Path | None = None


def names(plan: Plan, seeds: tuple[int, ...]) -> tuple[tuple[str, City | Store, int], ...]:
    """Every data set by name: each kind of city with each seed, and each store."""
    cities = [(f"{city.name}, seed {seed}", city, seed) for city in plan.cities for seed in seeds]
    return (*cities, *((store.name, store, 0) for store in plan.stores))


def prepare(name: str, of: City | Store, seed: int, run: dict[str, Any], places: Places) -> Data:
    """The data set, made unless it is there for the same code; of a generated city only what rankings read is kept."""
    return _of_city(name, of, seed, run, places) if isinstance(of, City) else _of_store(name, of)


def _of_city(name: str, city: City, seed: int, run: dict[str, Any], places: Places) -> Data:
    there = places.kept / f"{city.name}-{seed}" if places.kept else None
    asked = digest(
        there, city.model_dump_json(), seed, json.dumps(run, sort_keys=True), code_digest(*_CODE),
        definitions_digest("features"),
    )  # fmt: skip
    folder = places.work / "data" / asked[:16]
    month = Month.parse(city.last)
    settings = Settings(
        deliveries=folder / "deliveries", out=folder / "runs", key="ab" * 32, tracking=False, threads=1, **run
    )
    if not (folder / "made").exists():
        shutil.rmtree(folder, ignore_errors=True)
        if there:
            _take(there, folder, settings)
        else:
            _make(folder, city, seed, settings)
        (folder / "made").write_text(_contents(folder), encoding="utf-8")
    identity = (folder / "made").read_text("utf-8")
    planted = _rows(folder / "truth" / "providers.csv")
    running = [(row["org_number"], row["scheme"]) for row in planted if row["from_month"] <= city.last]
    alike = [(row["org_number"], row["kind"]) for row in _rows(folder / "truth" / "lookalikes.csv")]
    rings = [(row["org_number"], row["network_id"]) for row in _rows(folder / "truth" / "networks.csv")]
    positive = frozenset(org for org, _ in running)
    return Data(name, identity, month, settings, positive, tuple(running), tuple(alike), tuple(rings))


def _make(folder: Path, city: City, seed: int, settings: Settings) -> None:
    from valfardsbrott.synthetic import generate

    last = Month.parse(city.last)
    generate(
        folder, size=city.size, months=city.months, last=last, seed=seed, difficulty=city.difficulty,
        fraud_share=city.fraud_share,
    )  # fmt: skip
    for month in sorted(last.back(city.months)):
        for stage in BEFORE_DETECT:
            import_module(f"{__package__}.{stage}").run(month, settings)
    shutil.rmtree(folder / "deliveries")
    for path in settings.store_path.iterdir():
        if path.name not in _KEPT:
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def _take(there: Path, folder: Path, settings: Settings) -> None:
    """Lay a kept city out as a store has it. Raises Failure where it is not there."""
    import pandas as pd

    if not (there / "matrix.parquet").exists():
        raise Failure(f"there is no kept city {there}", "Make it, or leave out --kept: it is then generated")
    matrix = pd.read_parquet(there / "matrix.parquet")
    workspace = Workspace(settings)
    for month, rows in matrix.groupby(matrix["month"].astype(str).str[:7]):
        path = workspace.stage("matrix", Month.parse(str(month)), "matrix.parquet")
        path.parent.mkdir(parents=True, exist_ok=True)
        rows.to_parquet(path, index=False)
    nodes = workspace.stage("networks", Month.parse(str(matrix["month"].astype(str).str[:7].max())), "nodes.parquet")
    nodes.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(there / "nodes.parquet", nodes)
    shutil.copytree(there / "truth", folder / "truth")


def _contents(folder: Path) -> str:
    """SHA-256 over everything that a ranking reads, and over the truth."""
    files = sorted([*folder.rglob("*.parquet"), *folder.glob("truth/*.csv")])
    read = (f"{path.relative_to(folder)}{hashlib.sha256(path.read_bytes()).hexdigest()}" for path in files)
    return digest(*read)


def _of_store(name: str, of: Store) -> Data:
    from valfardsbrott.stages.backtest_cases import known_cases

    settings = Settings(out=of.store, store=of.store, tracking=False)
    workspace, month = Workspace(settings), Month.parse(of.month)
    manifest = workspace.manifest("features", month)
    if manifest is None:
        raise Failure(f"{of.store} holds no features of {month}", "Run the month first, or correct experiment.yaml")
    cases = known_cases(workspace, of.cases)
    right = cases.loc[cases["outcome"] == "confirmed", "org_number"]
    identity = digest(manifest.fingerprint, cases.to_csv())
    return Data(name, identity, month, settings, frozenset(right))


def _rows(path: Path) -> list[dict[str, str]]:
    import csv

    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def truth_of(data: Data, ranked: pd.Index[Any]) -> pd.Series[bool]:
    """Whether each ranked provider is one that should come first."""
    import pandas as pd

    return pd.Series(ranked.isin(sorted(data.positive)), index=ranked)
