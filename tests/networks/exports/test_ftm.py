"""FollowTheMoney: each entity keeps its schema's rules, by a table from its documentation and by the library itself."""

from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from valfardsbrott.networks.exports.content import Content, Link, Node
from valfardsbrott.networks.exports.ftm import write

CHECK = Path(__file__).resolve().parent / "ftm" / "check.py"
LIBRARY = Path(__file__).resolve().parents[3] / "build" / "ftm"
MONTH_END = dt.date(2026, 10, 31)
INTERVAL = {"startDate", "endDate", "date", "summary", "description", "recordId", "role", "status"}
THING = {"name", "alias", "country", "summary", "notes", "description", "address", "addressEntity"}
LEGAL = THING | {"email", "phone", "registrationNumber", "idNumber", "jurisdiction", "legalForm", "status"}

#: Schema -> required and allowed properties; an end says what its entity may be (followthemoney.tech, schemata 4.x).
SCHEMAS: dict[str, tuple[set[str], set[str]]] = {
    "Company": ({"name"}, LEGAL),
    "Person": ({"name"}, LEGAL),
    "Address": (set(), THING | {"full", "street", "city", "postalCode"}),
    "BankAccount": (set(), THING | {"accountNumber", "iban", "bankName", "accountType"}),
    "Ownership": ({"owner", "asset"}, INTERVAL | {"owner", "asset", "percentage"}),
    "Directorship": ({"director", "organization"}, INTERVAL | {"director", "organization"}),
    "Employment": ({"employer", "employee"}, INTERVAL | {"employer", "employee"}),
    "UnknownLink": ({"subject", "object"}, INTERVAL | {"subject", "object"}),
}
LEGAL_ENTITY, ASSET, THINGS = {"Company", "Person"}, {"Company", "BankAccount"}, set(list(SCHEMAS)[:4])
ENDS = {
    "owner": LEGAL_ENTITY, "asset": ASSET, "director": LEGAL_ENTITY, "organization": {"Company"},
    "employer": {"Company"}, "employee": {"Person"}, "subject": THINGS, "object": THINGS,
}  # fmt: skip

ALMA, BEDA, TINA, EVA = "provider:alma", "provider:beda", "person:tina", "person:eva"


def node(key: str, kind: str = "") -> Node:
    node_type, name = key.split(":")
    return Node(key, name, kind or node_type, "member", name, "ring")


def link(source: str, kind: str, target: str, roles: tuple[str, ...] = (), start: str = "", end: str = "") -> Link:
    first, last = (dt.date.fromisoformat(day) if day else None for day in (start, end))
    rows = ("register.csv:2",)
    return Link("ring-1", source, target, kind, kind, 9.0, 0.01, first, last, 2, "", "register", rows, roles)


NODES = (
    node(ALMA), node(BEDA), node(TINA, "provider"), node(EVA), node("address:storgatan 1"), node("account:5050-1055"),
    node("phone:08-1"), node("value:odd"),
)  # fmt: skip
LINKS = tuple(
    link(source, kind, target)
    for source in (ALMA, BEDA, TINA)
    for kind, target in (
        ("owner", EVA), ("staff", EVA), ("overlap", EVA), ("recipient", EVA), ("accountant", EVA), ("payee", BEDA),
        ("payee", "account:5050-1055"), ("account", "account:5050-1055"), ("address", "address:storgatan 1"),
        ("home", "address:storgatan 1"), ("phone", "phone:08-1"), ("hobby", "value:odd"), ("corporate_group", BEDA),
    )
    if source != target
)  # fmt: skip


def entities(*links: Link) -> list[dict[str, Any]]:
    return [json.loads(line) for line in write(Content("ring", MONTH_END, NODES, links)).splitlines()]


def of(schema: str, found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [entity["properties"] for entity in found if entity["schema"] == schema]


def test_every_entity_keeps_the_rules_of_its_schema() -> None:
    found = entities(*LINKS)
    by_id = {entity["id"]: entity["schema"] for entity in found}
    assert len(by_id) == len(found)
    assert set(by_id.values()) == set(SCHEMAS)
    for entity in found:
        required, allowed = SCHEMAS[entity["schema"]]
        assert required <= entity["properties"].keys() <= allowed
        for name, values in entity["properties"].items():
            assert values
            assert all(isinstance(value, str) and value for value in values)
            if name in ENDS:
                assert {by_id[value] for value in values} <= ENDS[name], entity


def test_owners_are_told_from_officers_where_the_register_says() -> None:
    found = entities(link(ALMA, "owner", EVA, ("beneficial_owner", "ceo")))
    assert [each["role"] for each in of("Ownership", found)] == [["beneficial_owner"]]
    assert [each["role"] for each in of("Directorship", found)] == [["ceo"]]
    assert [each["role"] for each in of("Directorship", entities(link(ALMA, "owner", EVA)))] == [["owner"]]


def test_a_link_has_its_days_and_the_rows_behind() -> None:
    (job,) = of("Employment", entities(link(ALMA, "staff", EVA, start="2025-03-01", end="2026-05-02")))
    assert (job["startDate"], job["endDate"]) == (["2025-03-01"], ["2026-05-02"])
    assert job["recordId"] == ["register register.csv:2"]


def test_a_shared_phone_is_a_link_between_each_two_on_the_days_of_both() -> None:
    ties = [link(ALMA, "phone", "phone:08-1", start="2025-01-01", end="2026-03-31")]
    ties += [link(BEDA, "phone", "phone:08-1", start="2025-06-01")]
    (shared,) = of("UnknownLink", entities(*ties))
    assert (shared["summary"], shared["role"]) == (["08-1"], ["phone"])
    assert (shared["startDate"], shared["endDate"]) == (["2025-06-01"], ["2026-03-31"])


def test_days_that_never_met_are_left_out() -> None:
    ties = [link(ALMA, "phone", "phone:08-1", end="2025-01-01"), link(BEDA, "phone", "phone:08-1", start="2025-06-01")]
    assert "startDate" not in of("UnknownLink", entities(*ties))[0]


def test_a_person_is_a_pseudonym_and_nothing_more() -> None:
    assert sorted(of("Person", entities()), key=str) == [{"name": ["eva"]}, {"name": ["tina"]}]


@pytest.mark.parametrize(
    ("entity", "told"),
    [
        ({"schema": "Lord", "properties": {}}, "no schema"),
        ({"schema": "Person", "properties": {"name": ["eva"], "shoe": ["39"]}}, "shoe"),
        ({"schema": "Company", "properties": {"name": ["alma"], "jurisdiction": ["atlantis"]}}, "jurisdiction"),
    ],
)
def test_the_library_itself_accepts_every_entity_and_none_of_these(entity: dict[str, Any], told: str) -> None:
    wrong = {"id": "wrong", **entity}
    found = complaints([*entities(*LINKS), wrong])
    assert found.keys() == {"wrong"}
    assert told in found["wrong"]


def complaints(found: list[dict[str, Any]]) -> dict[str, str]:
    """What FollowTheMoney's library says is wrong, by entity."""
    if not (LIBRARY / ".done").exists():
        pytest.skip("FollowTheMoney's library is not here: `make test` fetches it, or `make build/ftm/.done`")
    lines = "\n".join(json.dumps(entity) for entity in found)
    path = os.pathsep.join([str(CHECK.parent), str(LIBRARY)])
    done = subprocess.run(
        [sys.executable, "-W", "ignore", CHECK], input=lines, env={**os.environ, "PYTHONPATH": path},
        stdout=subprocess.PIPE, text=True, check=True, timeout=120,
    )  # fmt: skip
    told: dict[str, str] = json.loads(done.stdout)
    return told
