"""The provider model as a whole: frauds first, size out of the way, months remembered, wrong features refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from valfardsbrott.definitions import folder
from valfardsbrott.detectors import definition, storage
from valfardsbrott.detectors.definition import FeatureMismatch, ModelDefinition, load
from valfardsbrott.detectors.level import Level
from valfardsbrott.detectors.memory import remember
from valfardsbrott.detectors.model import ProviderModel
from valfardsbrott.detectors.panel import Measure, Panel
from valfardsbrott.domain import Failure


@pytest.fixture(scope="module")
def model(city: Any) -> ProviderModel:
    return ProviderModel(load("provider_champion"), fingerprint="f" * 64, seed=1).fit(city.panel)


@pytest.mark.parametrize("seed", [11, 12, 13])
def test_planted_frauds_head_the_list(simulate_city: Callable[..., Any], seed: int) -> None:
    city = simulate_city(seed)
    said = ProviderModel(load("provider_champion"), seed=1).fit(city.panel).assess(city.panel, month="2026-10")
    first = set(said.panel.org_number[np.argsort(said.p_value)[: len(city.frauds)]])
    assert len(first & city.frauds) >= len(city.frauds) - 1


def test_size_does_not_explain_the_ranking_of_the_honest(model: ProviderModel, city: Any) -> None:
    from scipy.stats import spearmanr

    said = model.assess(city.panel, month="2026-10")
    honest = ~np.isin(said.panel.org_number, sorted(city.frauds))
    correlation = spearmanr(-said.p_value[honest], said.panel.volumes["visits"][honest]).statistic
    assert abs(correlation) < 0.25


def test_parts_are_not_negative_and_sum_to_the_evidence(model: ProviderModel, city: Any) -> None:
    said = model.assess(city.panel, month="2026-10")
    assert all((parts >= 0).all() for parts in said.parts.values())
    whole = sum(parts.sum(axis=1) for parts in said.parts.values())
    assert np.allclose(whole, -np.log(said.p_value))


def test_one_strong_reason_leads_and_ten_weak_copies_of_one_weigh_no_more_than_one(
    simulate_city: Callable[..., Any],
) -> None:
    """In the whole model, whose other detectors sum small oddities too: each copy is of its own view and family."""
    city = simulate_city(3, providers=200, frauds=0)
    strong, weak = sorted(set(city.matrix["org_number"]))[20:22]
    rng = np.random.default_rng(9)
    once = np.where(city.matrix["org_number"] == weak, 0.17, rng.beta(4, 60, len(city.matrix)))
    nats = {}
    for copies in (1, 10):
        names = [f"copy_{at}" for at in range(copies)]
        matrix = city.matrix.assign(**{name: (once + rng.normal(0, 0.004, len(once))).clip(0, 1) for name in names})
        matrix.loc[matrix["org_number"] == strong, "low_wage_ratio"] = 0.2
        features = [Measure(name, f"of {name}", "share", "higher", f"of {name}", (), False) for name in names]
        panel = Panel.of(matrix, (*map(Measure.of, city.indicators), *features))
        said = ProviderModel(load("provider_champion"), seed=1).fit(panel).assess(panel, month="2026-10")
        assert said.panel.org_number[said.p_value.argmin()] == strong
        nats[copies] = -np.log(said.p_value[said.panel.org_number == weak])[0]
    assert nats[1] > 2, "the weak reason is one"
    assert nats[10] < nats[1] + 0.5


def test_a_missing_value_is_never_read_as_nought(city: Any) -> None:
    """Low pay is suspicious, and nought would be the lowest: who gives no figure is not suspected for it."""
    silent = next(org for org in sorted(set(city.matrix["org_number"])) if org not in city.frauds)
    mine = city.matrix["org_number"] == silent
    nats = {}
    for told, value in (("usual", None), ("missing", np.nan), ("nought", 0.0)):
        matrix = city.matrix.copy()
        if value is not None:
            matrix.loc[mine, "low_wage_ratio"] = value
        panel = Panel.of(matrix, city.indicators)
        said = ProviderModel(load("provider_champion"), seed=1).fit(panel).assess(panel, month="2026-10")
        here = said.panel.org_number == silent
        nats[told] = -np.log(said.p_value[here])[0]
        if told == "missing":
            at = said.panel.names.index("low_wage_ratio")
            assert np.isnan(said.residuals[here, at]).all()
            assert all((parts[here, at] == 0).all() for parts in said.parts.values())
    assert nats["missing"] <= nats["usual"] + 0.2
    assert nats["nought"] > nats["missing"] + 1.5


def test_behaviour_does_not_see_relations(city: Any) -> None:
    tied = Measure("owner_tie", "ties", "share", "higher", "relations", (), False)
    values = np.column_stack([city.panel.values, np.random.default_rng(1).beta(1, 20, len(city.panel))])
    panel = replace(city.panel, values=values, features=(*city.panel.features, tied))
    other = replace(panel, values=np.column_stack([city.panel.values, np.zeros(len(panel))]))
    p = [ProviderModel(load("provider_champion"), seed=1).fit(each).assess(each).p_behaviour for each in (panel, other)]
    assert np.array_equal(p[0], p[1])


def test_any_number_of_threads_gives_the_same_bits(model: ProviderModel, city: Any) -> None:
    two = ProviderModel(load("provider_champion"), fingerprint="f" * 64, seed=1, threads=2).fit(city.panel)
    assert np.array_equal(two.assess(city.panel).p_value, model.assess(city.panel).p_value)


def test_the_order_of_the_matrix_does_not_matter(model: ProviderModel, city: Any) -> None:
    shuffled = Panel.of(city.matrix.sample(frac=1, random_state=3), city.indicators)
    again = ProviderModel(load("provider_champion"), fingerprint="f" * 64, seed=1).fit(shuffled)
    assert np.array_equal(again.assess(shuffled).p_value, model.assess(city.panel).p_value)


def test_a_stored_model_says_the_same_and_holds_no_provider(model: ProviderModel, city: Any, tmp_path: Path) -> None:
    storage.save(model, tmp_path / "model.skops")
    again = storage.load(tmp_path / "model.skops")
    assert np.array_equal(again.assess(city.panel).p_value, model.assess(city.panel).p_value)


def test_a_file_that_is_no_model_is_refused(tmp_path: Path) -> None:
    import skops.io

    (tmp_path / "text.skops").write_text("no model")
    with pytest.raises(Failure, match="no model of ours"):
        storage.load(tmp_path / "text.skops")
    skops.io.dump(Path("/"), tmp_path / "other.skops")
    with pytest.raises(Failure, match="no model of ours"):
        storage.load(tmp_path / "other.skops")


def test_a_model_of_other_features_refuses(model: ProviderModel, city: Any) -> None:
    with pytest.raises(FeatureMismatch, match="belongs to features ffffffffffff and the matrix has aaaaaaaaaaaa"):
        model.assess(city.panel, fingerprint="a" * 64)


def test_a_definition_names_the_features_it_misses(city: Any) -> None:
    champion = load("provider_champion")
    chosen = champion.model_copy(update={"features": ("overlap_minutes", "no_such_feature")})
    with pytest.raises(FeatureMismatch, match="no_such_feature"):
        chosen.chosen(city.indicators, "f")
    fewer = champion.model_copy(update={"features": ("overlap_minutes",)})
    assert [feature.name for feature in fewer.chosen(city.indicators, "f")] == ["overlap_minutes"]


def test_every_model_of_the_project_loads_and_has_a_card() -> None:
    names = [path.parent.name for path in folder("models").glob("*/model.yaml")]
    assert {"provider_champion", "provider_challenger"} <= set(names)
    for name in names:
        assert load(name).name == name
        assert (folder("models") / name / "CARD.md").read_text(encoding="utf-8").startswith(f"# {name}")


@pytest.mark.parametrize(
    ("change", "said"),
    [("seed: many", "seed"), ("detectors: {magic: {weight: 1}}", "detectors.magic"), ("colour: red", "colour")],
)
def test_a_wrong_definition_names_its_key(
    change: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (folder("models") / "provider_champion" / "model.yaml").read_text(encoding="utf-8")
    key = change.split(":", maxsplit=1)[0]
    kept = [line for line in text.splitlines() if not line.startswith(key)]
    if key == "detectors":
        kept = [line for line in kept if not line.startswith(("  peers", "  isolation", "  loda", "  contra"))]
    (tmp_path / "provider_champion").mkdir()
    (tmp_path / "provider_champion" / "model.yaml").write_text("\n".join([*kept, change]), encoding="utf-8")
    monkeypatch.setattr(definition, "folder", lambda _: tmp_path)
    with pytest.raises(Failure, match=rf"models/provider_champion/model\.yaml: {said}"):
        load("provider_champion")
    with pytest.raises(Failure, match="there is no model 'other'"):
        load("other")


def test_a_part_needs_a_weight_above_zero() -> None:
    whole = load("provider_champion").model_dump()
    whole["detectors"]["peers"]["weight"] = 0
    with pytest.raises(ValueError, match="greater than 0"):
        ModelDefinition.model_validate(whole)


def months_of(values: list[float], months: list[str], orgs: list[str]) -> Panel:
    feature = Measure("share", "view", "share", "higher", "visits", (), False)
    n = len(values)
    return Panel(
        np.array(orgs, dtype=object), np.array(months, dtype=object), np.array(values)[:, None], (feature,),
        {}, {"visits": np.arange(1.0, n + 1), "billed_ore": np.ones(n), "performed_minutes": np.ones(n)},
    )  # fmt: skip


def test_a_deviation_is_meant_over_the_months_that_are_there() -> None:
    panel = months_of(
        [3.0, 0.0, np.nan, 6.0, 9.0], ["2026-07", "2026-08", "2026-09", "2026-10", "2026-10"], ["a", "a", "a", "a", "b"]
    )
    lasting = remember(panel, 3).values[:, 0]
    assert lasting.tolist()[:2] == [3.0, 1.5]
    assert np.isnan(lasting[2]), "what is missing stays missing"
    assert lasting[3] == 3.0, "August and October: September is missing and July too old"
    assert lasting[4] == 9.0, "another provider"
    assert np.array_equal(remember(panel, 1).values, panel.values, equal_nan=True)


def test_the_year_turns() -> None:
    panel = months_of([2.0, 4.0], ["2025-12", "2026-01"], ["a", "a"])
    assert remember(panel, 2).values[:, 0].tolist() == [2.0, 3.0]


def test_the_level_of_a_size_is_taken_off() -> None:
    n = 400
    panel = months_of([0.0] * n, ["2026-10"] * n, [f"o{at:03d}" for at in range(n)])
    nats = np.log1p(panel.volumes["visits"]) + np.random.default_rng(1).exponential(0.2, n)
    left = Level.fit(nats, panel).off(nats, panel)
    size = panel.volumes["visits"]
    assert np.corrcoef(nats, size)[0, 1] > 0.8
    assert abs(np.corrcoef(left, size)[0, 1]) < 0.4
    few = panel.rows(np.arange(30))
    assert np.array_equal(Level.fit(nats[:30], few).off(nats[:30], few), nats[:30]), "too few to know a level"
