"""From published months to cases: every hit once, arms mixed, earlier cases kept, lasting reasons heeded."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from valfardsbrott.domain import Failure
from valfardsbrott.review import audit, database
from valfardsbrott.review.importing import import_month, import_new
from valfardsbrott.review.importing.hits import positions
from valfardsbrott.review.models import Board, Case, CaseLink, Outcome, Provider, State
from valfardsbrott.review.settings import ReviewSettings
from valfardsbrott.review.visibility import boards_of_network

GRANSBO = "0029000015"
NETWORK = "n-2026-10-00000001"
Publish = Callable[..., Path]
Make = sessionmaker[Session]


@pytest.fixture
def settings(tmp_path: Path) -> ReviewSettings:
    return ReviewSettings(out=tmp_path / "runs")


def cases_of(db: Session, entity_id: str = GRANSBO) -> list[Case]:
    return list(db.scalars(select(Case).where(Case.entity_id == entity_id).order_by(Case.id)).unique())


def close(make: Make, **columns: Any) -> None:
    with database.work(make) as db:
        (case,) = cases_of(db)
        case.state, case.outcome = State.CLOSED, Outcome.CLEARED
        for name, value in columns.items():
            setattr(case, name, value)


def test_every_hit_becomes_a_case_once(make: Make, settings: ReviewSettings, publish: Publish) -> None:
    publish(settings.out)
    first, second = import_month(make, "2026-10", settings), import_month(make, "2026-10", settings)
    assert (first["opened"], second["unchanged"]) == (4, True)
    with make() as db:
        cases = list(db.scalars(select(Case).order_by(Case.id)).unique())
        assert [case.position for case in cases] == [1, 2, 3, 4]
        assert [case.number[4:] for case in cases] == ["-0001", "-0002", "-0003", "-0004"]
        assert {case.entity_id: case.boards for case in cases}[NETWORK] == {"N01", "N02"}
        assert db.get(Provider, GRANSBO) is not None
        assert boards_of_network(db, NETWORK) == frozenset({"N01", "N02"})
        assert audit.count(db) == 1


def test_a_control_case_has_an_amount_as_any_other(make: Make, settings: ReviewSettings, publish: Publish) -> None:
    publish(settings.out)
    import_month(make, "2026-10", settings)
    with make() as db:
        (control,) = cases_of(db, "0029000023")
        assert (control.arm, control.amount_ore) == ("control", 20_000_000)


def test_a_hit_in_the_next_month_comes_to_the_open_case(make: Make, settings: ReviewSettings, publish: Publish) -> None:
    publish(settings.out, "2026-09", run="a")
    publish(settings.out, "2026-10", flags=[(GRANSBO, "risk")])
    assert [each["month"] for each in import_new(make, settings)] == ["2026-09", "2026-10"]
    with make() as db:
        (case,) = cases_of(db)
        assert (case.first_month, case.month, [flag.month for flag in case.flags]) == (
            "2026-09", "2026-10", ["2026-10", "2026-09"],
        )  # fmt: skip
        assert [event.kind for event in case.events] == ["opened", "hit_again"]


def test_months_in_any_order_leave_the_newest_figures(make: Make, settings: ReviewSettings, publish: Publish) -> None:
    publish(settings.out, "2026-10", flags=[(GRANSBO, "risk")])
    import_month(make, "2026-10", settings)
    publish(settings.out, "2026-09", flags=[("0029000031", "risk"), (GRANSBO, "risk")])
    import_month(make, "2026-09", settings)
    with make() as db:
        (case,) = cases_of(db)
        assert (case.month, case.amount_ore) == ("2026-10", 100_050)


def test_after_a_closed_case_another_is_opened_that_follows_it(
    make: Make, settings: ReviewSettings, publish: Publish
) -> None:
    publish(settings.out, "2026-09")
    import_month(make, "2026-09", settings)
    close(make)
    publish(settings.out, "2026-10")
    import_month(make, "2026-10", settings)
    with make() as db:
        old, new = cases_of(db)
        link = db.scalars(select(CaseLink).where(CaseLink.case_id == new.id)).one()
        assert (old.state, new.state, link.other_id, link.kind) == (State.CLOSED, State.HIT, old.id, "follows")


@pytest.mark.parametrize(
    ("reasons", "until", "cases"),
    [
        (("duplicate_claims",), None, 1),
        (("duplicate_claims",), "2026-12-31", 1),
        (("duplicate_claims",), "2026-09-30", 2),
        (("duplicate_claims", "staff_overlap_minutes"), None, 2),
    ],
    ids=["same reason", "still lasts", "no longer lasts", "a new reason"],
)
def test_a_lasting_reason_silences_only_what_it_covers(
    make: Make, settings: ReviewSettings, publish: Publish, reasons: tuple[str, ...], until: str | None, cases: int
) -> None:
    import datetime as dt

    publish(settings.out, "2026-09")
    import_month(make, "2026-09", settings)
    close(make, lasting_reason="Koncernen fakturerar gemensamt", lasting_until=until and dt.date.fromisoformat(until))
    publish(settings.out, "2026-10", flags=[(GRANSBO, "risk")], reasons=reasons)
    import_month(make, "2026-10", settings)
    with make() as db:
        found = cases_of(db)
        assert len(found) == cases
        if cases == 1:
            assert [flag.silenced for flag in found[0].flags] == [True, False]


def test_a_month_run_anew_keeps_the_cases_it_no_longer_flags(
    make: Make, settings: ReviewSettings, publish: Publish
) -> None:
    publish(settings.out)
    import_month(make, "2026-10", settings)
    publish(settings.out, flags=[(GRANSBO, "risk"), ("0029000049", "risk")], run="b")
    done = import_month(make, "2026-10", settings)
    assert (done["opened"], done["again"], done["no_longer_flagged"]) == (1, 1, 3)
    with make() as db:
        assert len(list(db.scalars(select(Case)).unique())) == 5
        (gone,) = cases_of(db, NETWORK)
        assert (gone.state, gone.events[-1].kind) == (State.HIT, "no_longer_flagged")


def test_a_month_that_is_not_there_is_told(make: Make, settings: ReviewSettings) -> None:
    with pytest.raises(Failure, match="2026-10 has no published result"):
        import_month(make, "2026-10", settings)


def test_the_generated_city_comes_with_boards_and_follow_up(make: Make, published_city: Path) -> None:
    import_new(make, ReviewSettings(out=published_city.parent))
    with make() as db:
        assert {board.name for board in db.scalars(select(Board))} >= {"Norrstads nämnd"}
        assert len(list(db.scalars(select(Case)).unique())) >= 3


@given(st.lists(st.sampled_from(["risk", "control"]), max_size=30), st.text(max_size=8))
def test_places_are_a_permutation_that_keeps_the_order_of_the_ranked(arms: list[str], run: str) -> None:
    places = positions(arms, run)
    assert sorted(places) == list(range(1, len(arms) + 1))
    ranked = [place for place, arm in zip(places, arms, strict=True) if arm == "risk"]
    assert ranked == sorted(ranked)
    assert positions(arms, run) == places


def test_control_hits_fall_anywhere_in_the_list() -> None:
    arms = ["risk"] * 9 + ["control"]
    places = [positions(arms, f"run-{number}")[-1] for number in range(300)]
    assert set(places) == set(range(1, 11))
    assert max(places.count(place) for place in range(1, 11)) < 60
