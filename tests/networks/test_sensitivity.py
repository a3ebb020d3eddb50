"""How much a network hangs on single links; exposure; what changed since last month."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
import pandas as pd
import pytest

from valfardsbrott.networks.calibration import null_scores
from valfardsbrott.networks.candidates import communities
from valfardsbrott.networks.changes import changes
from valfardsbrott.networks.exposure import exposure
from valfardsbrott.networks.identity import Identity
from valfardsbrott.networks.innocence import checks
from valfardsbrott.networks.links import City
from valfardsbrott.networks.members import shared_links
from valfardsbrott.networks.projection import project
from valfardsbrott.networks.sensitivity import Sensitivity, sensitivity, thinned, told

Row = tuple[str, str, str]
CityOf = Callable[..., City]
Crowd = Callable[[int], list[str]]
LinkTable = Callable[[Iterable[Row]], pd.DataFrame]

STRONG = [
    (org, kind, f"one {kind}") for org in ("adams", "bolt", "cura") for kind in ("owner", "account", "phone", "email")
]
WEAK = [("adams", kind, "thin") for kind in ("account", "phone")] + [
    ("bolt", kind, "thin") for kind in ("account", "phone")
]
OWN = ("account", "owner", "phone", "email")


def tried(
    rows: list[Row], city_of: CityOf, crowd: Crowd, link_table: LinkTable, month_end: pd.Timestamp
) -> Sensitivity:
    """The sensitivity of the one network among 300 others."""
    firms = crowd(300)
    listed = [*rows, *((org, kind, f"{org} {kind}") for org in firms for kind in OWN)]
    members = sorted({org for org, _, _ in rows})
    city = city_of(listed, [*firms, *members])
    projection = project(city)
    labels = communities(projection, city.size, 1)
    group = np.flatnonzero(labels == 0)
    network_of = pd.Series("n", index=list(city.orgs[group]))
    shared = shared_links(link_table(listed), network_of, city, projection, month_end)
    return sensitivity(city, projection, [group], [shared], null_scores(city, 5, 1), 1)


def test_many_ties_stand_without_the_strongest(
    city_of: CityOf, crowd: Crowd, link_table: LinkTable, month_end: pd.Timestamp
) -> None:
    found = tried(STRONG, city_of, crowd, link_table, month_end)
    assert found.without_strongest.tolist() == [True]
    assert found.other_seeds.tolist() == [1.0]
    assert found.stability[0] > 0.8
    assert "skulle nätverket ändå ha hittats" in str(told(found, 0)["text_sv"])


def test_one_tie_does_not(city_of: CityOf, crowd: Crowd, link_table: LinkTable, month_end: pd.Timestamp) -> None:
    found = tried(WEAK, city_of, crowd, link_table, month_end)
    assert found.without_strongest.tolist() == [False]
    assert found.strongest[0] in ("account", "phone")
    assert found.stability[0] < 0.8
    assert "would not be found" in str(told(found, 0)["text_en"])


def test_a_tenth_gone(city_of: CityOf, crowd: Crowd) -> None:
    firms = crowd(200)
    city = city_of([(firm, "phone", f"p{at // 4}") for at, firm in enumerate(firms)], firms)
    entry = thinned(city, 0.1, (1, 2)).incidences["phone"]
    assert 160 <= len(entry.value) <= 195
    assert (entry.reach == np.bincount(entry.provider, minlength=200)).all()
    assert (thinned(city, 0.1, (1, 2)).incidences["phone"].value == entry.value).all()


def test_exposure_falls_with_distance_and_is_not_ones_own(city_of: CityOf, crowd: Crowd) -> None:
    chain = [("a", "b"), ("b", "c"), ("c", "d")]
    rows = [(org, kind, f"{pair}") for pair in chain for org in pair for kind in ("account", "owner")]
    city = city_of(rows, [*crowd(200), "a", "b", "c", "d"])
    projection = project(city)
    near = dict(zip(city.orgs, exposure(city, projection, {"a"}), strict=True))
    assert near["b"] > near["c"] > near["d"] > 0
    assert near["a"] == 0
    assert near["firm001"] == 0
    both = dict(zip(city.orgs, exposure(city, projection, {"a", "b"}), strict=True))
    assert both["a"] > 0
    assert (exposure(city, projection, set()) == 0).all()


def test_changes_name_who_came_and_went(link_table: LinkTable) -> None:
    before = Identity("n-1", frozenset({"acme", "bolt", "cura"}), "2026-08", "2026-09")
    now = Identity("n-1", frozenset({"acme", "bolt", "duva"}), "2026-08", "2026-10", "grown", 1, 1, ("n-2",))
    shared = link_table([("acme", "phone", "08-1"), ("bolt", "phone", "08-1")]).assign(weight=9.0)
    shared.loc[1, "first_seen"] = pd.Timestamp("2026-10-05")
    entries = changes(now, before, shared, pd.Timestamp("2026-10-01"))
    assert [entry["change"] for entry in entries] == ["gained", "lost", "links", "parents"]
    assert [entry["text_en"] for entry in entries][:3] == [
        "Have come: duva.", "No longer in it: cura.", "New ties: phone numbers (1).",
    ]  # fmt: skip
    same = Identity("n-1", before.orgs, "2026-08", "2026-10", "unchanged")
    (entry,) = changes(same, before, shared, pd.Timestamp("2026-11-01"))
    assert entry["text_sv"] == "Inget nytt sedan 2026-09."
    assert [each["change"] for each in changes(now, None, shared, pd.Timestamp("2026-10-01"))] == ["new", "parents"]


@pytest.mark.parametrize(
    ("homes", "outcome"),
    [
        (None, "check"), ({}, "check"), ({"r1": "a", "r2": "b"}, "no"),
        ({"r1": "home", "r2": "home", "r3": "home", "r4": "flat"}, "yes"),
    ],
)  # fmt: skip
def test_recipients_of_one_care_home(link_table: LinkTable, homes: dict[str, str] | None, outcome: str) -> None:
    rows = [(org, "recipient", f"r{at}") for org in ("acme", "bolt") for at in range(1, 5)]
    shared = link_table(rows).assign(used_by=2)
    found = {entry["check"]: entry["outcome"] for entry in checks(shared, set(), set(), homes)}
    assert found["care_home"] == outcome


def test_a_group_without_a_register_is_inferred_and_said_to_be(link_table: LinkTable) -> None:
    rows = [(org, kind, kind) for org in ("acme", "bolt", "cura") for kind in ("owner", "address")]
    shared = link_table(rows).assign(used_by=3)
    found = checks(shared, set(), set(), inferred_group=True)
    (entry,) = [each for each in found if each["check"] == "inferred_group"]
    assert entry["outcome"] == "inferred"
    assert "utläst" in entry["text_sv"]
    (entry,) = [each for each in checks(shared, set(), set()) if each["check"] == "inferred_group"]
    assert entry["outcome"] == "no"
