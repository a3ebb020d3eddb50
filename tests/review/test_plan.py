"""The plan's versions: what was written stays, two people stand behind it, and fields are read as people write them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session, sessionmaker

from valfardsbrott.review import database, demo
from valfardsbrott.review.cases import Refused
from valfardsbrott.review.models import PlanStatus, SituationEdition, User
from valfardsbrott.review.situation import indicators, plan
from valfardsbrott.review.situation.kinds import KINDS, clean, templates

MEASURE = {**templates()["cooperation"], "ends": "2027-06-30", "progress": "planned"}


@pytest.fixture
def person(make: sessionmaker[Session]) -> Callable[[Session, str], User]:
    with database.work(make) as db:
        demo.prepare(db)
    return lambda db, name: db.query(User).filter_by(subject=f"demo:{name}").one()


def test_a_version_is_proposed_approved_and_revised_and_all_of_it_stays(
    make: sessionmaker[Session], person: Callable[[Session, str], User], engine: Engine
) -> None:
    with database.work(make) as db:
        anna, lena = person(db, "anna"), person(db, "lena")
        entry = plan.propose(db, anna, "measure", MEASURE).entry
        assert entry.standing is None
        with pytest.raises(Refused, match="plan_waiting"):
            plan.revise(db, anna, entry, MEASURE)
        with pytest.raises(Refused, match="four_eyes"):
            plan.decide(db, anna, entry, "Själv.", approve=True)
        with pytest.raises(Refused, match="reasons"):
            plan.decide(db, lena, entry, " ", approve=True)
        plan.decide(db, lena, entry, "Bra.", approve=True)
        plan.revise(db, anna, entry, {**MEASURE, "progress": "done"})
        plan.decide(db, lena, entry, "Inte klar än.", approve=False)
        assert [one.status for one in entry.versions] == [PlanStatus.RETURNED, PlanStatus.APPROVED]
        assert [one.content["progress"] for one in entry.versions if one is entry.standing] == ["planned"]
    for change in ("UPDATE plan_version SET content = '{}'", "DELETE FROM plan_version", "DELETE FROM plan_entry"):
        with pytest.raises(DBAPIError, match=r"rows stay|foreign key|FOREIGN KEY"), engine.begin() as connection:
            connection.execute(text(change))


def test_the_database_itself_keeps_four_eyes_and_editions(
    make: sessionmaker[Session], person: Callable[[Session, str], User], engine: Engine
) -> None:
    with database.work(make) as db:
        plan.propose(db, person(db, "anna"), "measure", MEASURE)
        db.add(SituationEdition(
            first_month="2026-01", last_month="2026-03", number=1, figures={}, document={}, sha256="0" * 64,
        ))  # fmt: skip
    alone = "UPDATE plan_version SET status = 'approved', decided_by_id = proposed_by_id"
    with pytest.raises(IntegrityError), engine.begin() as connection:
        connection.execute(text(alone))
    with pytest.raises(DBAPIError, match="rows stay"), engine.begin() as connection:
        connection.execute(text("UPDATE situation_edition SET sha256 = ''"))


@pytest.mark.parametrize(
    ("kind", "change", "told"),
    [
        ("measure", {"goal": "  "}, "plan_missing"),
        ("measure", {"causes": []}, "plan_missing"),
        ("measure", {"causes": ["S99"]}, "plan_field"),
        ("measure", {"ends": "snart"}, "plan_field"),
        ("measure", {"progress": "kanske"}, "plan_field"),
    ],
)
def test_a_field_that_is_missing_or_wrong_is_refused(kind: str, change: dict[str, Any], told: str) -> None:
    with pytest.raises(Refused, match=told):
        clean(KINDS[kind], {**MEASURE, **change})


@pytest.mark.parametrize("given", ["0,8", "0.8", " 0,80 "])
def test_numbers_are_read_as_swedes_write_them(given: str) -> None:
    assert clean(KINDS["target"], {"indicator": "x", "year": "2026", "target": given})["target"] == 0.8


@pytest.mark.parametrize("given", ["nan", "inf", "1e99", "många"])
def test_what_is_no_number_is_refused(given: str) -> None:
    with pytest.raises(Refused, match="plan_field"):
        clean(KINDS["target"], {"indicator": "x", "year": "2026", "target": given})


@pytest.mark.parametrize("name", templates())
def test_every_template_is_a_measure_that_can_be_proposed(name: str) -> None:
    assert clean(KINDS["measure"], {**templates()[name], "ends": "2027-01-01", "progress": "planned"})


@pytest.mark.parametrize(
    ("value", "better", "partly", "expected"),
    [
        (0.8, "higher", None, "met"), (0.72, "higher", None, "partly"), (0.71, "higher", None, "not_met"),
        (0.5, "higher", 0.5, "partly"), (0.8, "lower", None, "met"), (0.88, "lower", None, "partly"),
        (0.9, "lower", None, "not_met"), (None, "higher", None, "unanswered"),
    ],
)  # fmt: skip
def test_fulfilment_is_fully_partly_or_not(
    value: float | None, better: str, partly: float | None, expected: str
) -> None:
    aim = {"target": 0.8} | ({"partly": partly} if partly is not None else {})
    assert indicators.fulfilment(value, aim, better) == expected
    assert indicators.fulfilment(value, None, better) == "unanswered"
