"""The catalogue of indicators: each is measured by features, or by the networks, and the check says which is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from valfardsbrott.features_lint import indicators as catalogue
from valfardsbrott.features_lint.indicators import indicators
from valfardsbrott.networks.links import LINK_TYPES
from valfardsbrott.networks.tables import SCHEMAS

CATALOGUE = "visits:\n  late_share: {schemes: [S03]}\n  late_share_night: {}\nmoney:\n  round: {also: [late_share]}\n"


def test_every_indicator_of_the_catalogue_is_measured() -> None:
    known = indicators()
    assert len(known) == len({each.name for each in known}) == 76
    in_networks = {*LINK_TYPES, *(name for schema in SCHEMAS.values() for name in schema.names)}
    for each in known:
        assert each.measured_by, f"{each.name} is not measured by any feature"
        assert not each.networks or each.networks in in_networks, each.name


def test_a_feature_shows_the_schemes_of_its_indicator() -> None:
    for each in indicators():
        shown = {scheme for feature in each.measured_by for scheme in feature.schemes}
        if each.measured_by:
            assert set(each.schemes) <= shown, f"{each.name}: {sorted(set(each.schemes) - shown)}"


def test_an_indicator_that_nothing_measures_is_named(tmp_path: Path) -> None:
    (tmp_path / "indicators.yaml").write_text(CATALOGUE, encoding="utf-8")
    assert list(catalogue.problems(tmp_path)) == [
        ("round.also", "there is no feature late_share"),
        ("late_share", "no feature measures it"),
        ("late_share_night", "no feature measures it"),
        ("round", "no feature measures it"),
    ]


@pytest.mark.parametrize(
    ("feature", "indicator"),
    [
        ("late_share", "late_share"),
        ("late_share_max", "late_share"),
        ("late_share_night_max", "late_share_night"),
        ("late", ""),
    ],
)
def test_a_feature_belongs_to_the_longest_name_that_it_begins_with(feature: str, indicator: str) -> None:
    assert catalogue._longest(feature, ["late_share", "late_share_night", "round"]) == indicator
