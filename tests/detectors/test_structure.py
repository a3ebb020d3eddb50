"""Networks' part of the evidence, and a model that gives the published scores from a frame alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from valfardsbrott.detectors.calibration import SMALLEST_P, evidence, unit_score
from valfardsbrott.detectors.definition import Fusion, load
from valfardsbrott.detectors.model import ProviderModel
from valfardsbrott.detectors.structure import structure

FUSION = Fusion(structure=4.0, structure_needs=8.0)


def nodes_of(*rows: tuple[str, str | None, float, float]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["org_number", "network_id", "structure", "e_value"])


def added(p: list[float], nodes: pd.DataFrame) -> list[float]:
    orgs = np.array([f"p{at}" for at in range(len(p))], dtype=object)
    months = np.full(len(p), "2026-10", dtype=object)
    found: list[float] = structure(orgs, months, np.array(p), nodes, FUSION).nats.tolist()
    return found


def test_a_network_counts_by_what_its_members_do_together() -> None:
    ring = nodes_of(("p0", "N1", 16.0, 0.001), ("p1", "N1", 16.0, 0.001))
    calm, one, both = added([0.5, 0.5], ring), added([1e-3, 0.9], ring), added([1e-6, 1e-6], ring)
    assert calm[0] == pytest.approx(-np.log(0.5) / 8 * 4)
    assert calm[0] < one[0] < both[0] == 4.0, "in full where the members' joint evidence is 8 nats"


def test_a_network_that_chance_makes_adds_nothing() -> None:
    assert added([1e-6, 1e-6], nodes_of(("p0", "N1", 16.0, 0.2), ("p1", "N1", 16.0, 0.2))) == [0, 0]
    assert added([1e-6], nodes_of(("p0", None, 16.0, 0.001))) == [0]
    assert added([1e-6], nodes_of()) == [0]


@pytest.fixture(scope="module")
def model(city: Any) -> ProviderModel:
    return ProviderModel(load("provider_champion"), seed=1).fit(city.panel)


def test_a_frame_gives_the_published_scores(model: ProviderModel, city: Any) -> None:
    month = "2026-10"
    first = sorted(set(city.matrix["org_number"]))[:2]
    nodes = nodes_of(*((org, "N1", 12.0, 0.001) for org in first))
    said = model.assess(city.panel, month=month)
    p = np.clip(said.p_value * np.exp(-model.structure(said, nodes).nats), SMALLEST_P, 1)
    published = pd.Series(unit_score(evidence(p)), index=said.panel.org_number)
    newest = city.matrix["month"].astype(str).str[:7] == month
    frame = city.matrix.merge(nodes, on="org_number", how="left").sample(frac=1, random_state=2)
    scores = pd.Series(model.predict(frame), index=frame.index)
    chosen = frame[frame["month"].astype(str).str[:7] == month]
    assert np.allclose(scores[chosen.index], published[chosen["org_number"]], rtol=0, atol=1e-12)
    without = city.matrix[newest].drop(columns="org_number")
    assert model.predict(without).shape == (newest.sum(),), "each row by itself: no memory, no networks"


def test_networks_are_of_their_month(model: ProviderModel, city: Any) -> None:
    first = sorted(set(city.matrix["org_number"]))[0]
    frame = city.matrix.astype({"month": str}).assign(network_id="", structure=np.nan, e_value=np.nan)
    here = (frame["org_number"] == first) & (frame["month"].astype(str).str[:7] == "2026-10")
    tied = frame.copy()
    tied.loc[here, ["network_id", "structure", "e_value"]] = ["N1", 20.0, 0.0]
    changed = model.predict(tied) != model.predict(frame)
    assert set(np.flatnonzero(changed)) <= set(np.flatnonzero(here))


def test_the_planted_are_not_there_by_chance_and_a_calm_network_does_not_make_its_members_so(
    model: ProviderModel, city: Any
) -> None:
    """Of the city's 120 providers six are planted. Members of a network are counted apart, honest ones as such."""
    said = model.assess(city.panel, month="2026-10")
    planted = np.isin(said.panel.org_number, sorted(city.frauds))
    alone = model.by_chance(said, nodes_of())
    assert np.median(alone.expected[planted]) < 1.5
    calm = said.panel.org_number[np.argsort(said.excess)[40:60]]
    tied = model.by_chance(said, nodes_of(*((str(org), "N1", 24.0, 0.001) for org in calm)))
    members = np.isin(said.panel.org_number, calm)
    assert tied.expected[members].min() > 10
    assert (tied.fewest <= tied.expected).all()
    assert (tied.expected <= tied.most).all()
