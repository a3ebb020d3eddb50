"""Cases merged, taken apart and split: every history stays, every hit has its case, decisions reach all providers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from valfardsbrott.review import cases, database, decisions, demo, inbox, merging, outcomes, second_reviews, work
from valfardsbrott.review.importing import import_month
from valfardsbrott.review.models import Case, CaseEvent, DecisionKind, Outcome, State, Task, User
from valfardsbrott.review.settings import ReviewSettings

NETWORK, GRANSBO, EKDAL = 1, 2, 3
TODAY = dt.date.today()


@pytest.fixture
def settings(tmp_path: Path) -> ReviewSettings:
    return ReviewSettings(out=tmp_path / "runs")


@pytest.fixture
def make(make: sessionmaker[Session], publish: Callable[..., Path], settings: ReviewSettings) -> sessionmaker[Session]:
    """The network (N01, N02), Gransbo (N01) and Ekdal (N02) flagged, Gransbo and Ekdal for two reasons each."""
    publish(settings.out, reasons=("duplicate_claims", "excess_day_max"))
    with database.work(make) as db:
        demo.prepare(db)
    import_month(make, "2026-10", settings)
    return make


def user(db: Session, subject: str) -> User:
    return db.scalars(select(User).where(User.subject == subject)).unique().one()


def of(db: Session, case_id: int) -> Case:
    found = db.get(Case, case_id)
    assert found is not None
    return found


def kinds(case: Case) -> list[str]:
    return [one.kind for one in case.events]


def merged(db: Session) -> tuple[Case, Case, User]:
    """Gransbo, with a task, merged by Anna into the network's case."""
    case, into, anna = of(db, GRANSBO), of(db, NETWORK), user(db, "demo:anna")
    work.add_task(db, case, anna, "Begär fakturor", None)
    merging.merge(db, case, anna, into, "Samma företrädare.")
    db.refresh(case)
    return case, into, anna


def test_a_merged_case_is_closed_without_a_judgement_and_keeps_all_that_it_had(make: sessionmaker[Session]) -> None:
    with database.work(make) as db:
        case, into, _ = merged(db)
        assert (case.state, case.outcome) == (State.CLOSED, Outcome.MERGED)
        assert kinds(case) == ["opened", "task_added", "merged"]
        assert kinds(into)[-1] == "merged_in"
        assert db.scalars(select(Task.title).where(Task.case_id == case.id)).all() == ["Begär fakturor"]
        assert [(kind, one.id) for kind, one in merging.related(db, case)] == [("merged_into", NETWORK)]
        assert [(kind, one.id) for kind, one in merging.related(db, into)] == [("merged", GRANSBO)]
        assert into.boards == {"N01", "N02"}


def test_nobody_merges_what_is_closed_waits_is_itself_or_is_not_theirs(make: sessionmaker[Session]) -> None:
    def refused(case: Case, who: User, into: Case, why: str = "Samma.") -> str:
        with pytest.raises(cases.Refused) as told:
            merging.merge(db, case, who, into, why)
        return told.value.key

    with database.work(make) as db:
        anna, bo = user(db, "demo:anna"), user(db, "demo:bo")
        gransbo, ekdal = of(db, GRANSBO), of(db, EKDAL)
        assert refused(gransbo, anna, gransbo) == "merge_self"
        assert refused(gransbo, anna, ekdal, " ") == "reasons"
        assert refused(gransbo, bo, ekdal) == "held", "Anna has it"
        merging.merge(db, gransbo, anna, ekdal, "Samma.")
        assert refused(gransbo, anna, ekdal) == "closed"
        with pytest.raises(cases.Refused):
            merging.by_number(db, "2026-9999", anna)


def test_taken_apart_again_both_histories_say_so(make: sessionmaker[Session]) -> None:
    with database.work(make) as db:
        case, into, anna = merged(db)
        merging.take_apart(db, case, anna, "Skilda verksamheter.")
        assert (case.state, case.outcome, case.closed_at) == (State.INITIAL, None, None)
        assert kinds(into)[-1] == "taken_out"
        merging.merge(db, case, anna, of(db, EKDAL), "Ändå inte.")
        found = merging.merged_into(db, case)
        assert found is not None
        assert found.id == EKDAL, "the newest merge counts"
        with pytest.raises(cases.Refused):
            merging.take_apart(db, into, anna, "Den är inte sammanslagen.")


def test_a_decision_is_about_the_merged_cases_providers_each_as_it_was_selected(make: sessionmaker[Session]) -> None:
    with database.work(make) as db:
        gransbo, ekdal, anna = of(db, GRANSBO), of(db, EKDAL), user(db, "demo:anna")
        merging.merge(db, gransbo, anna, ekdal, "Samma.")
        cases.enter(db, ekdal, anna, State.INITIAL, kind="moved")
        for feature in decisions.to_try(ekdal):
            decisions.check_innocence(db, ekdal, anna, feature, finding="explains", text="Rättelse.")
        db.flush()
        decisions.propose(db, ekdal, anna, ekdal.version, decisions.Draft(DecisionKind.CLEAR, "Rättelse."))
        known = outcomes.known_cases(db, TODAY - dt.timedelta(2), TODAY + dt.timedelta(2))
        assert [(one.org_number, one.outcome, one.source) for one in known] == [
            ("0029000015", "cleared", "review:risk"), ("0029000031", "cleared", "review:risk"),
        ]  # fmt: skip


def test_split_off_with_some_reasons_begins_its_own_history(make: sessionmaker[Session]) -> None:
    with database.work(make) as db:
        case, anna = of(db, GRANSBO), user(db, "demo:anna")
        for features in ((), ("duplicate_claims", "excess_day_max"), ("unknown",)):
            with pytest.raises(cases.Refused):
                merging.split(db, case, anna, merging.Part("0029000015", "En egen fråga.", features))
        made = merging.split(db, case, anna, merging.Part("0029000015", "En egen fråga.", ("excess_day_max",)))
        db.refresh(made)
        assert (made.arm, made.state, made.assignee_id, made.boards) == (
            "manual",
            State.INITIAL,
            anna.id,
            frozenset({"N01"}),
        )
        assert [one["feature"] for one in made.flags[0].reasons] == ["excess_day_max"]
        assert len(case.flags[0].reasons) == 2
        assert (kinds(made), kinds(case)[-1]) == (["split_from"], "split")


def test_next_months_hit_goes_to_the_case_that_hits_opened(
    make: sessionmaker[Session], publish: Callable[..., Path], settings: ReviewSettings
) -> None:
    with database.work(make) as db:
        part = merging.Part("0029000015", "En egen fråga.", ("excess_day_max",))
        made = merging.split(db, of(db, GRANSBO), user(db, "demo:anna"), part).id
    publish(settings.out, "2026-11", flags=[("0029000015", "risk")])
    import_month(make, "2026-11", settings)
    with database.work(make) as db:
        assert [flag.month for flag in of(db, GRANSBO).flags] == ["2026-11", "2026-10"]
        assert [flag.month for flag in of(db, made).flags] == ["2026-10"]


def test_a_provider_is_split_off_a_network_unless_it_has_an_open_case(make: sessionmaker[Session]) -> None:
    with database.work(make) as db:
        case, anna = of(db, NETWORK), user(db, "demo:anna")
        part = merging.Part("0029000031", "Bara Ekdal.")
        with pytest.raises(cases.Refused) as told:
            merging.split(db, case, anna, part)
        assert told.value.key == "split_open"
        merging.merge(db, of(db, EKDAL), anna, case, "Hör ihop.")
        made = merging.split(db, case, anna, part)
        assert (made.entity_id, made.boards) == ("0029000031", frozenset({"N02"}))
        with pytest.raises(cases.Refused):
            merging.split(db, case, anna, merging.Part("0029000049", "Inte i nätverket."))


def test_a_second_reviewer_is_offered_what_others_decided(make: sessionmaker[Session]) -> None:
    def offered(subject: str) -> list[int]:
        return [case.id for case in second_reviews.waiting(db, user(db, subject))]

    with database.work(make) as db:
        taken = cases.take_next(db, user(db, "demo:anna"))
        assert taken is not None
        assert offered("demo:bo") == []
        decisions_made(db, taken, user(db, "demo:anna"))
        assert (offered("demo:bo"), offered("demo:anna")) == ([taken.id], [])
        decisions.second_review(db, taken, user(db, "demo:bo"), DecisionKind.CONFIRM, "Ser annorlunda ut för mig.")
        assert offered("demo:bo") == []
        assert inbox.assignable(db, user(db, "demo:bo")), "and the list of people is as it was"


def decisions_made(db: Session, case: Case, who: User) -> None:
    for feature in decisions.to_try(case):
        decisions.check_innocence(db, case, who, feature, finding="explains", text="Rättelse.")
    db.flush()
    decisions.propose(db, case, who, case.version, decisions.Draft(DecisionKind.INSUFFICIENT, "Räcker inte."))


def test_no_event_was_lost(make: sessionmaker[Session]) -> None:
    """Merging, taking apart and splitting only add to what is on record."""
    with database.work(make) as db:
        before = {one.id: one.kind for one in db.scalars(select(CaseEvent)).unique()}
    with database.work(make) as db:
        case, _, anna = merged(db)
        merging.take_apart(db, case, anna, "Skilda verksamheter.")
    with database.work(make) as db:
        after = {one.id: one.kind for one in db.scalars(select(CaseEvent)).unique()}
        assert before.items() <= after.items()
        assert db.scalar(select(func.count()).select_from(CaseEvent)) == len(before) + 5
