"""Cities for the tests: worlds with one thing planted, and a small city as written to disk."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from valfardsbrott.synthetic import generate
from valfardsbrott.synthetic.build import build
from valfardsbrott.synthetic.companies import Companies
from valfardsbrott.synthetic.delivery import visits_of
from valfardsbrott.synthetic.planting import Plant, Planting
from valfardsbrott.synthetic.sizes import SIZES
from valfardsbrott.synthetic.timeline import ANCHOR, MONTHS
from valfardsbrott.synthetic.world import City

SEED = 3


@cache
def _world(scheme: str | None, kind: int) -> tuple[City, int]:
    """A city of size S where the largest lasting provider of a kind runs one scheme (None: nobody runs any)."""
    firm = -1

    def choose(firms: Companies) -> Planting:
        nonlocal firm
        able = np.flatnonzero((firms.kind == kind) & (firms.start == 0) & (firms.exit >= MONTHS) & (firms.form != "E"))
        firm = int(able[np.argmax(firms.weight[able])])
        plants = () if scheme is None else (Plant(firm, scheme, "single", ANCHOR - 5, 0.5),)
        return Planting("easy", plants, ())

    city, _ = build(SIZES["S"], SEED, choose)
    return city, firm


@cache
def _visits(scheme: str | None, kind: int) -> pd.DataFrame:
    city, firm = _world(scheme, kind)
    rows = visits_of(city, ANCHOR)
    table = pd.DataFrame(dict(vars(rows)))
    table["end"], table["done"] = rows.end, rows.done
    return table[table["provider"] == firm].reset_index(drop=True)


@pytest.fixture(scope="session")
def world() -> Callable[[str | None, int], tuple[City, int]]:
    """``world("S01", HOME_CARE)``: the city and the provider that runs the scheme."""
    return _world


@pytest.fixture(scope="session")
def visits() -> Callable[[str | None, int], pd.DataFrame]:
    """The same provider's visits of the anchor month, one row each, with ``end`` (clock minutes) and ``done``."""
    return _visits


@pytest.fixture(scope="session")
def small_city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two months of the size for tests, as written."""
    out = tmp_path_factory.mktemp("city")
    generate(out, size="XS", months=2, seed=5)
    return out
