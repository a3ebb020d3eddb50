"""Protected persons: neither where they live, nor since when, nor with whom comes into the store."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from valfardsbrott.domain import Month
from valfardsbrott.settings import Settings
from valfardsbrott.sources.keys import key
from valfardsbrott.sources.pseudonyms import Pseudonymiser
from valfardsbrott.stages import ingest
from valfardsbrott.stages.workspace import Workspace

SEPTEMBER, OCTOBER = Month(2026, 9), Month(2026, 10)
ALMA, BEDA = "198001019986", "197506159818"
PERSON = "person_id,dwelling_id,street,postal_code,city,registered_from,secrecy_marked,protected_registration"
STAFF = f"staff_id,org_number,employed_from,phone\n{ALMA},0021000146,2025-01-01,070-1234567\n"
Put = Callable[..., None]


def person(number: str, marks: str = ",") -> str:
    return f"{number},D1,Storgatan 1,111 22,Stockholm,2020-01-01,{marks}"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(deliveries=tmp_path / "deliveries", out=tmp_path / "runs", key="0f" * 32, tracking=False)


@pytest.fixture
def put(settings: Settings) -> Put:
    def write(name: str, text: str, month: str = "2026-10") -> None:
        path = settings.deliveries / month / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    return write


def stored(settings: Settings, table: str, month: Month = OCTOBER) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = pq.read_table(Workspace(settings).table(table, month)).to_pylist()
    return rows


def pseudonym(settings: Settings, number: str) -> str:
    return Pseudonymiser(key(settings), OCTOBER.last).person(number).value or ""


@pytest.mark.parametrize("marks", ["true,", ",J", "true,true"])
def test_address_dwelling_dates_relations_and_phone_are_gone(put: Put, settings: Settings, marks: str) -> None:
    put("person.csv", "\n".join([PERSON, person(ALMA, marks), person(BEDA)]) + "\n")
    put("person_relation.csv", f"person_id,related_person_id,relation\n{BEDA},{ALMA},M\n{BEDA},190001019803,B\n")
    put("staff.csv", STAFF)
    put("provider.csv", f"org_number,name,street,phone\n{ALMA[2:]},Alma care,Storgatan 1,08-123\n")
    manifest = ingest.run(OCTOBER, settings)
    rows = {row["person_id"]: row for row in stored(settings, "person")}
    alma = rows[pseudonym(settings, ALMA)]
    assert {name for name, value in alma.items() if value is not None} <= {
        "person_id", "secrecy_marked", "protected_registration", "source_file", "source_row",
    }  # fmt: skip
    assert rows[pseudonym(settings, BEDA)]["street"] == "Storgatan 1"
    assert len(stored(settings, "person_relation")) == 1
    assert manifest.stats["tables"]["person_relation"]["withheld"] == 1
    assert manifest.stats["protected_persons"] == 1
    assert [row["phone"] for row in stored(settings, "staff")] == [None]
    (provider,) = stored(settings, "provider")
    assert (provider["name"], provider["street"], provider["phone"]) == ("Alma care", None, None)


def test_once_marked_is_marked_for_good(put: Put, settings: Settings) -> None:
    put("person.csv", "\n".join([PERSON, person(ALMA, "true,")]) + "\n", "2026-09")
    put("person.csv", "\n".join([PERSON, person(ALMA), person(BEDA)]) + "\n")
    ingest.run(OCTOBER, settings)
    rows = {row["person_id"]: row for row in stored(settings, "person")}
    assert rows[pseudonym(settings, ALMA)]["street"] is None
    assert rows[pseudonym(settings, ALMA)]["protected_registration"] is True
    assert rows[pseudonym(settings, BEDA)]["protected_registration"] is None


def test_registers_that_came_before_the_mark_are_carried_over_without_them(put: Put, settings: Settings) -> None:
    put("person.csv", "\n".join([PERSON, person(ALMA)]) + "\n", "2026-09")
    put("staff.csv", STAFF, "2026-09")
    put("person.csv", "\n".join([PERSON, person(ALMA, "true,")]) + "\n")
    manifest = ingest.run(OCTOBER, settings)
    assert [row["phone"] for row in stored(settings, "staff", SEPTEMBER)] == ["0701234567"]  # known in September
    assert [row["phone"] for row in stored(settings, "staff")] == [None]
    assert manifest.stats["tables"]["staff"]["files"] == ["carried over"]
    assert manifest.stats["tables"]["staff"]["accepted"] == 1
    assert ingest.run(OCTOBER, settings).cached


def test_a_mark_in_any_row_of_the_person_counts(put: Put, settings: Settings) -> None:
    put("person.csv", "\n".join([PERSON, person(ALMA), person(ALMA, "true,")]) + "\n")
    ingest.run(OCTOBER, settings.model_copy(update={"quarantine_limit": 1.0}))
    (row,) = stored(settings, "person")
    assert row["street"] is None


def test_renumbered_persons_are_one(put: Put, settings: Settings) -> None:
    old = "198001619983"
    post = f"""<?xml version="1.0" encoding="UTF-8"?>
    <Navetavisering><Folkbokforingsposter><Folkbokforingspost><Personpost>
    <PersonId><PersonNr>{ALMA}</PersonNr></PersonId><HanvisningsPersonNr>{old}</HanvisningsPersonNr>
    </Personpost></Folkbokforingspost></Folkbokforingsposter></Navetavisering>"""
    put("navet/a.xml", post, "2026-09")
    put("staff.csv", STAFF.replace(ALMA, old))
    ingest.run(OCTOBER, settings)
    assert [row["staff_id"] for row in stored(settings, "staff")] == [pseudonym(settings, ALMA)]
