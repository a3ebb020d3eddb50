"""path: from the store's links, with names, dates and rows, and nobody who is protected."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest

from valfardsbrott.domain import Failure, Month
from valfardsbrott.features import upstream
from valfardsbrott.settings import Settings
from valfardsbrott.stages import entities
from valfardsbrott.stages.paths import Paths, paths
from valfardsbrott.stages.views import Deliveries, MonthOfViews
from valfardsbrott.stages.workspace import Workspace

PutTable = Callable[[Path, str, str, Iterable[Mapping[str, Any]]], Path]
ALMA, BEDA, CARL = "0029000015", "0029000023", "0029000031"
EVA, BO = "p" + "e0" * 16, "p" + "b0" * 16


@pytest.fixture
def settings(tmp_path: Path, put_table: PutTable) -> Settings:
    """ALMA and BEDA share a phone, BEDA and CARL an owner; ALMA's and CARL's owners live together."""
    companies = {
        ALMA: ("Alma Omsorg AB", "08-123 45 67"),
        BEDA: ("Beda AB", "08 1234567"),
        CARL: ("Carl AB", "08-999 99 99"),
    }
    listed = [{"org_number": org, "name": name, "phone": phone} for org, (name, phone) in companies.items()]
    put_table(tmp_path, "provider", "2026-10", listed)
    roles = [{"org_number": org, "person_id": EVA, "role": "ceo", "from_date": "2024-05-01"} for org in (BEDA, CARL)]
    roles += [{"org_number": ALMA, "person_id": BO, "role": "ceo"}]
    put_table(tmp_path, "provider_role", "2026-10", roles)
    put_table(tmp_path, "person", "2026-10", [{"person_id": who, "dwelling_id": "1201"} for who in (EVA, BO)])
    found = Settings(store=tmp_path)
    entities.run(Month(2026, 10), found)
    with MonthOfViews(Month(2026, 10), Deliveries(Workspace(found))) as work:
        for view in upstream(["provider_link", "provider_spine"]):
            work.compute(view)
    return found


def seen(found: Paths) -> list[list[str]]:
    return [[way[0].start.entity_id, *(step.goal.entity_id for step in way)] for way in found.ways]


def test_each_step_has_type_days_and_rows(settings: Settings) -> None:
    found = paths("002900-0015", "0029000031", settings)
    assert seen(found) == [[ALMA, "home-1", CARL], [ALMA, "081234567", BEDA, EVA, CARL]]
    assert (found.start.name, found.month) == ("Alma Omsorg AB", "2026-10")
    owner = found.ways[1][2].links[0]
    assert (owner.link_type, owner.source_table, owner.source_rows) == (
        "owner",
        "provider_role",
        ("provider_role.csv:2",),
    )
    assert (str(owner.first_seen), str(owner.last_seen)) == ("2024-05-01", "2026-10-31")
    assert found.ways[1][0].links[0].first_seen is None
    json.dumps(found.as_json(), default=str)


def test_where_somebody_lives_is_never_shown(settings: Settings) -> None:
    assert "1201" not in str(paths(ALMA, CARL, settings).as_json())


def test_a_person_who_is_protected_since_is_no_node(settings: Settings, put_table: PutTable) -> None:
    put_table(settings.store_path, "person", "2026-12", [{"person_id": EVA, "protected_registration": True}])
    assert seen(paths(ALMA, CARL, settings)) == []
    with pytest.raises(Failure, match=f"no link of 2026-10 has the entity {EVA}"):
        paths(EVA, ALMA, settings)


@pytest.mark.parametrize("month", [None, Month(2026, 9)])
def test_a_month_without_links(month: Month | None, tmp_path: Path) -> None:
    with pytest.raises(Failure, match="there are no links"):
        paths(ALMA, BEDA, Settings(store=tmp_path), month)
