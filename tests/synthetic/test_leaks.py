"""Nothing but the schemes themselves tells who was planted: not size, not age, not an identifier, not an order."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
import pytest

from valfardsbrott.synthetic import registers
from valfardsbrott.synthetic.billing import honest_lines
from valfardsbrott.synthetic.build import build
from valfardsbrott.synthetic.delivery import visits_of
from valfardsbrott.synthetic.dirt import soiled
from valfardsbrott.synthetic.planting import plant
from valfardsbrott.synthetic.rows import Visits
from valfardsbrott.synthetic.schemes.money import billed
from valfardsbrott.synthetic.sizes import Size
from valfardsbrott.synthetic.timeline import ANCHOR

SIZE = Size("T", 900, 7000, 1, 6, 30, 7, (3, 5), thin=True)
SEEDS = (11, 12, 13)


def _auc(values: np.ndarray, planted: np.ndarray) -> float:
    """Chance that a planted provider has the higher value, ties half."""
    ranks = pd.Series(values).rank().to_numpy()
    ones = int(planted.sum())
    return float((ranks[planted].sum() - ones * (ones + 1) / 2) / ones / (len(planted) - ones))


def _pairs(rows: Visits) -> np.ndarray:
    """Provider and recipient of every visit as one number, each pair once."""
    return np.unique((rows.provider << 32) + rows.recipient)


@cache
def _providers(difficulty: str) -> pd.DataFrame:
    """One row a provider in service, over three cities, as ranks inside its city."""
    frames = []
    for seed in SEEDS:
        city, _ = build(SIZE, seed, lambda firms, seed=seed: plant(SIZE, firms, seed, difficulty, 0.04))  # type: ignore[misc]
        table = soiled(city, ANCHOR, "provider", registers.provider(city, ANCHOR))
        frame = pd.DataFrame({name: column.to_pylist() for name, column in table.items()})
        place = {org: firm for firm, org in enumerate(city.firms.org.tolist())}
        firm = frame["org_number"].map(place).to_numpy()
        rows = visits_of(city, ANCHOR)
        lines = billed(city, ANCHOR, honest_lines(city, ANCHOR, rows))
        count = len(city.firms)
        moved = [one for ring in city.planting.rings for one in (ring.old, ring.new) if one is not None]
        frame = frame.assign(
            planted=np.isin(firm, city.planting.firms),
            moved=np.isin(firm, moved), active=city.firms.active(ANCHOR)[firm],
            order=np.arange(len(frame)), org=frame["org_number"].astype(float), name_length=frame["name"].str.len(),
            billed=np.bincount(lines.provider, lines.amount_ore, count)[firm],
            visits=np.bincount(rows.provider, minlength=count)[firm],
            recipients=np.bincount(_pairs(rows) >> 32, minlength=count)[firm],
            lines=np.bincount(lines.provider, minlength=count)[firm],
            age=pd.to_datetime(frame["registered_on"]).astype("int64"), system=city.firms.system[firm],
            law=(city.firms.law[firm] == "LOV").astype(int), kind=city.firms.kind[firm],
            no_email=frame["email"].isna().astype(int), no_sni=frame["sni_code"].isna().astype(int),
            vat=frame["vat_registered"].astype(int) if "vat_registered" in frame else 0,
            form=(frame["legal_form"] == "AB").astype(int),
        )  # fmt: skip
        kept = frame[frame["active"] & ~frame["moved"] & (frame["legal_form"] != "E")]
        frames.append(kept)
    return pd.concat(frames)


@pytest.mark.parametrize("difficulty", ["medium", "hard"])
@pytest.mark.parametrize(
    "column", ["billed", "visits", "recipients", "lines", "age", "order", "org", "name_length", "system", "law", "kind",
               "no_email", "no_sni", "vat", "form"],
)  # fmt: skip
def test_column_does_not_tell_who_was_planted(column: str, difficulty: str) -> None:
    table = _providers(difficulty)
    assert 0.4 <= _auc(table[column].to_numpy(), table["planted"].to_numpy()) <= 0.6


def test_easy_schemes_show_in_the_amount_only_a_little() -> None:
    table = _providers("easy")
    assert 0.4 <= _auc(table["billed"].to_numpy(), table["planted"].to_numpy()) <= 0.65
