"""An experiment on two small made-up cities: sixty providers, two months, six indicators, three planted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml

from valfardsbrott.features import feature_columns
from valfardsbrott.settings import Settings
from valfardsbrott.stages.experiment import Bench, run

PLANTED, ALIKE = ("0030000003", "0030000007", "0030000011"), "0030000013"
PLAN = {
    "kind": "grid",
    "cities": [{"name": "small"}],
    "seeds": [1, 2, 3],
    "capacity": 5,
    "variants": {
        # One detector, so that a fit takes a moment; what the others give is tested elsewhere.
        "champion": {"detectors": {"peers": {"weight": 1}}},
        "no memory": {"detectors": {"peers": {"weight": 1}}, "memory": 1},
        "sum": {"ranking": "total"},
        "sorting by amount": {"ranking": "amount"},
    },
}
RANKINGS = '''
def total(known):
    """Sum of the shares that are there."""
    rows = known.newest
    return rows[[name for name in rows if rows[name].dtype == float]].clip(0, 1).sum(axis=1)
'''


def _city(folder: Path, seed: int) -> None:
    rng = np.random.default_rng(seed)
    orgs = [f"00300{at:05d}" for at in range(60)]
    shares = [f.name for f in feature_columns() if f.unit == "share" and f.direction == "higher"][:6]
    months = []
    for month in ("2026-09-01", "2026-10-01"):
        rows = pd.DataFrame(
            {
                "org_number": orgs, "month": pd.Timestamp(month), "active": True, "sole_trader": False,
                "service_code": "home_care", "size_class": ["s", "m"] * 30, "visit_system": "nimbus",
                "visits": rng.integers(100, 900, 60), "performed_minutes": 30_000,
                "billed_ore": rng.integers(10**6, 10**8, 60),
            }
        )  # fmt: skip
        for name in shares:
            rows[name] = rng.beta(2, 30, 60)
        rows.loc[rows["org_number"].isin(PLANTED), shares[:2]] = rng.uniform(0.4, 0.8, (3, 2))
        months.append(rows)
    folder.mkdir(parents=True)
    pd.concat(months).to_parquet(folder / "matrix.parquet")
    pd.DataFrame(columns=["org_number", "network_id", "structure", "e_value"], dtype=object).to_parquet(
        folder / "nodes.parquet"
    )
    truth = folder / "truth"
    truth.mkdir()
    planted = [f"{org},S0{1 + at % 2},risk,medium,2026-09," for at, org in enumerate(PLANTED)]
    (truth / "providers.csv").write_text(
        "\n".join(["org_number,scheme,arm,difficulty,from_month,network_id", *planted]) + "\n", encoding="utf-8"
    )
    (truth / "networks.csv").write_text("network_id,scheme,org_number,from_month\n", encoding="utf-8")
    (truth / "lookalikes.csv").write_text(f"org_number,kind\n{ALIKE},honest_merger\n", encoding="utf-8")


@pytest.fixture(scope="session")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Cities that are made already, as ``experiment run --kept`` reads them; seeds 1-3, and 7 and 8 to choose on."""
    folder = tmp_path_factory.mktemp("kept")
    for seed in (1, 2, 3, 7, 8):
        _city(folder / f"small-{seed}", seed)
    return folder


@pytest.fixture
def bench(tmp_path: Path, kept: Path) -> Bench:
    """A folder with the grid above and a ranking of its own, one process, nothing logged."""
    return _bench(tmp_path, kept)


@pytest.fixture(scope="session")
def done(tmp_path_factory: pytest.TempPathFactory, kept: Path) -> tuple[Bench, dict[str, Any]]:
    """The same, run: its bench and its results."""
    bench = _bench(tmp_path_factory.mktemp("done"), kept)
    return bench, run(bench)


def _bench(tmp_path: Path, kept: Path) -> Bench:
    folder = tmp_path / "experiments" / "toy"
    folder.mkdir(parents=True)
    (folder / "experiment.yaml").write_text(yaml.safe_dump(PLAN, sort_keys=False), encoding="utf-8")
    (folder / "rankings.py").write_text(RANKINGS, encoding="utf-8")
    settings = Settings(out=tmp_path / "work", store=tmp_path / "work", tracking=False, threads=1)
    return Bench(folder, tmp_path / "work", settings, kept)
