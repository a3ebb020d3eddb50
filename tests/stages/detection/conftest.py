"""A store whose features stage has finished for three months: sixty home care providers, three features, two frauds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from valfardsbrott import features
from valfardsbrott.domain import Month
from valfardsbrott.features import Evidence, Feature
from valfardsbrott.settings import Settings
from valfardsbrott.stages.workspace import Workspace

OCTOBER = Month(2026, 10)
ROUND, OVERLAP = "0029000015", "0029000023"
SLEEPING, TRADER = "0029000031", "p" + "0a" * 16


def _text(word: str) -> Any:
    return {"sv": f"{word} på svenska.", "en": f"{word} in English."}


_ROUND = Feature(
    label=_text("Round amounts"), why=_text("Why"), innocent=_text("Innocent"), check=_text("Check"), unit="share",
    direction="higher", family="money", peers=("service_code",), missing=_text("Missing"),
    evidence=Evidence("claim_line", "amount_ore % 100000 = 0"), legal_basis="KL 10:8",
    name="round_amounts", view="amounts",
)  # fmt: skip
FEATURES = (
    _ROUND,
    replace(_ROUND, name="overlap", view="overlap", unit="minutes_per_1000_h", family="visits", contradiction=True),
    replace(_ROUND, name="growth", view="growth", unit="z", direction="both", peers=()),
    replace(_ROUND, name="never_there", view="absent"),
)


@dataclass
class Store:
    """The store of a small city; ``matrix`` may be changed before a stage is run."""

    settings: Settings
    workspace: Workspace

    def matrix(self, month: Month = OCTOBER) -> pd.DataFrame:
        return pd.read_parquet(self.workspace.stage("matrix", month, "matrix.parquet"))

    def put(self, matrix: pd.DataFrame, month: Month = OCTOBER, fingerprint: str = "f" * 64) -> None:
        path = self.workspace.stage("matrix", month, "matrix.parquet")
        path.parent.mkdir(parents=True, exist_ok=True)
        matrix.to_parquet(path, index=False)
        digest = str(pd.util.hash_pandas_object(matrix).sum())
        self.workspace.run_once("features", month, digest, lambda: ([path], {"fingerprint": fingerprint}))

    def with_settings(self, **changes: Any) -> Store:
        settings = self.settings.model_copy(update=changes)
        return Store(settings, Workspace(settings))

    def read(self, stage: str, file: str) -> pd.DataFrame:
        return pd.read_parquet(self.workspace.stage(stage, OCTOBER, file))


def city(month: Month) -> pd.DataFrame:
    """Sixty active companies, one that sleeps and one sole trader whose numbers are the worst of all."""
    rng = np.random.default_rng([month.year, month.number])
    n = 62
    orgs = [ROUND, OVERLAP, SLEEPING, TRADER, *(f"00300{at:05d}" for at in range(n - 4))]
    visits = np.exp(rng.normal(6, 1, n)).round()
    matrix = pd.DataFrame(
        {
            "org_number": orgs, "month": month.first, "name": [f"Bolag {org[-4:]}" for org in orgs], "active": True,
            "sole_trader": False, "service_code": "home_care", "size_class": "m", "visit_system": "nimbus",
            "visits": visits.astype("int64"), "performed_minutes": (visits * 30).astype("int64"),
            "billed_ore": 10_000_000, "round_amounts": rng.beta(3, 30, n), "overlap": rng.poisson(1, n) * 20.0,
            "growth": rng.normal(size=n), "never_there": np.nan,
        }
    )  # fmt: skip
    matrix = matrix.set_index("org_number")
    matrix.loc[ROUND, "round_amounts"] = 0.7
    matrix.loc[OVERLAP, "overlap"] = 6000.0
    matrix.loc[SLEEPING, "active"] = False
    matrix.loc[TRADER, ["sole_trader", "round_amounts", "overlap"]] = [True, 0.99, 30_000.0]
    return matrix.reset_index().sort_values("org_number", ignore_index=True)


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, put_table: Callable[..., Path]) -> Store:
    monkeypatch.setattr(features, "feature_columns", lambda: FEATURES)
    settings = Settings(out=tmp_path / "runs", deliveries=tmp_path / "deliveries", capacity=6, control=3, threads=1)
    made = Store(settings, Workspace(settings))
    for month in OCTOBER.back(3):
        made.put(city(month), month)
    lines = [("L1", ROUND, 100_000), ("L2", ROUND, 123_456), ("L3", "0030000007", 200_000)]
    rows = [
        {"line_id": line, "invoice_id": "F1", "org_number": org, "period": OCTOBER.first, "quantity": 1.0,
         "unit_code": "HUR", "unit_price_ore": amount, "amount_ore": amount}
        for line, org, amount in lines
    ]  # fmt: skip
    put_table(settings.store_path, "claim_line", str(OCTOBER), rows)
    made.workspace.run_once("ingest", OCTOBER, "delivered", lambda: ([], {"tables": {"claim_line": {"accepted": 3}}}))
    return made
