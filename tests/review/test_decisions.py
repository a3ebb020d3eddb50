"""Decisions: reasons always, innocent explanations first, two people where somebody is burdened, undone openly."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, sessionmaker

from valfardsbrott.domain import Month
from valfardsbrott.review import decisions, outcomes
from valfardsbrott.review.cases import Refused
from valfardsbrott.review.decisions import Draft
from valfardsbrott.review.models import (
    Case,
    CaseBoard,
    CaseFlag,
    Decision,
    DecisionKind,
    DecisionStatus,
    Hearing,
    HearingKind,
    NetworkProvider,
    Outcome,
    State,
    User,
    UserBoard,
    UserRole,
    utc_now,
)
from valfardsbrott.sources.delivery import delivery

CONFIRM = Draft(DecisionKind.CONFIRM, "Fakturor utan besök i tre månader.", schemes=("S01",), amount_ore=120_000)
CLEAR = Draft(DecisionKind.CLEAR, "Dubbelbemanning enligt beslut.", lasting_reason="Dubbelbemanning till 2027.")


@pytest.fixture
def db(make: sessionmaker[Session]) -> Iterator[Session]:
    with make() as session:
        yield session


@pytest.fixture
def person(db: Session) -> Callable[..., User]:
    def made(name: str, *boards: str) -> User:
        user = User(subject=f"test:{name}", name=name)
        user.role_rows = [UserRole(role="investigator")]
        user.board_rows = [UserBoard(board_id=board) for board in boards or ("N01",)]
        db.add(user)
        db.flush()
        return user

    return made


@pytest.fixture
def case(db: Session) -> Case:
    """A provider in depth, hit for one reason with an innocent explanation."""
    made = Case(
        number="2026-0001", entity_type="provider", entity_id="0029000015", name="Gransbo Hemtjänst", arm="control",
        first_month="2026-10", month="2026-10", position=1, board_id="N01", state=State.IN_DEPTH,
    )  # fmt: skip
    made.board_rows = [CaseBoard(board_id="N01")]
    db.add(made)
    db.flush()
    db.add(
        CaseFlag(
            case_id=made.id, month="2026-10", run_id="r", rank=1, position=1, arm="control",
            reasons=[{"feature": "duplicate_claims", "value": 2}],
        )
    )  # fmt: skip
    db.flush()
    db.refresh(made)
    return made


def ready(db: Session, case: Case, user: User) -> int:
    """Everything that a decision asks for is done; the version to decide on."""
    decisions.check_innocence(db, case, user, "duplicate_claims", finding="does_not_explain", text="Två fakturor.")
    db.add(Hearing(case_id=case.id, kind=HearingKind.TOLD, date=dt.date(2026, 11, 1), text="Brev.", user_id=user.id))
    db.flush()
    return case.version


def test_two_people_confirm_and_the_case_is_closed(db: Session, case: Case, person: Callable[..., User]) -> None:
    anna, bo = person("anna"), person("bo")
    made = decisions.propose(db, case, anna, ready(db, case, anna), CONFIRM)
    assert (made.status, case.state) == (DecisionStatus.PROPOSED, State.IN_DEPTH)
    decisions.approve(db, case, bo, made, "Läst underlaget.")
    assert (made.status, case.state, case.outcome) == (DecisionStatus.DECIDED, State.CLOSED, Outcome.CONFIRMED)
    assert [one.kind for one in case.events][-3:] == ["proposed", "approved", "closed"]


def test_to_refer_takes_two_and_has_no_outcome(db: Session, case: Case, person: Callable[..., User]) -> None:
    anna, bo = person("anna"), person("bo")
    made = decisions.propose(db, case, anna, ready(db, case, anna), replace(CONFIRM, kind=DecisionKind.REFER))
    decisions.approve(db, case, bo, made, "Rätt myndighet.")
    assert (case.state, case.outcome) == (State.REFERRED, None)


def test_one_person_clears_and_the_lasting_reason_stays(db: Session, case: Case, person: Callable[..., User]) -> None:
    anna = person("anna")
    decisions.propose(db, case, anna, ready(db, case, anna), CLEAR)
    assert (case.outcome, case.lasting_reason) == (Outcome.CLEARED, "Dubbelbemanning till 2027.")


@pytest.mark.parametrize(
    ("spoil", "key"),
    [
        ({"reasons": "  "}, "reasons"),
        ({"amount_ore": -1}, "amount"),
        ({"lasting_until": dt.date(2020, 1, 1)}, "past"),
    ],
)
def test_what_a_decision_may_not_lack(
    db: Session, case: Case, person: Callable[..., User], spoil: dict[str, object], key: str
) -> None:
    anna = person("anna")
    with pytest.raises(Refused) as refused:
        decisions.propose(db, case, anna, ready(db, case, anna), replace(CONFIRM, **spoil))  # type: ignore[arg-type]
    assert refused.value.key == key


def test_innocent_explanations_come_first(db: Session, case: Case, person: Callable[..., User]) -> None:
    with pytest.raises(Refused, match="untried"):
        decisions.propose(db, case, person("anna"), case.version, CLEAR)


def test_the_provider_is_heard_or_it_is_said_why_not(db: Session, case: Case, person: Callable[..., User]) -> None:
    anna = person("anna")
    decisions.check_innocence(db, case, anna, "duplicate_claims", finding="explains", text="Omfakturering.")
    db.flush()
    with pytest.raises(Refused, match="hearing"):
        decisions.propose(db, case, anna, case.version, CONFIRM)
    waived = replace(CONFIRM, hearing_waived="Uppenbart obehövligt: bolaget är upplöst.")
    assert decisions.propose(db, case, anna, case.version, waived).detail["hearing_waived"].startswith("Uppenbart")


def test_to_burden_takes_a_review_in_depth(db: Session, case: Case, person: Callable[..., User]) -> None:
    anna = person("anna")
    version = ready(db, case, anna)
    case.state = State.INITIAL
    with pytest.raises(Refused, match="decide_from"):
        decisions.propose(db, case, anna, version, CONFIRM)


def test_nobody_approves_their_own(db: Session, case: Case, person: Callable[..., User]) -> None:
    anna = person("anna")
    made = decisions.propose(db, case, anna, ready(db, case, anna), CONFIRM)
    with pytest.raises(Refused, match="four_eyes"):
        decisions.approve(db, case, anna, made, "Jag håller med mig.")


def test_nobody_of_another_board_approves(db: Session, case: Case, person: Callable[..., User]) -> None:
    anna, elsewhere = person("anna"), person("sven", "N02")
    made = decisions.propose(db, case, anna, ready(db, case, anna), CONFIRM)
    with pytest.raises(Refused, match="assignee"):
        decisions.approve(db, case, elsewhere, made, "Ja.")


def test_sent_back_with_reasons_and_proposed_anew(db: Session, case: Case, person: Callable[..., User]) -> None:
    anna, bo = person("anna"), person("bo")
    first = decisions.propose(db, case, anna, ready(db, case, anna), CONFIRM)
    decisions.send_back(db, case, bo, first, "Hör med systemleverantören.")
    assert (first.status, case.is_open) == (DecisionStatus.RETURNED, True)
    again = decisions.propose(db, case, anna, case.version, CONFIRM)
    decisions.withdraw(db, case, anna, again)
    assert decisions.proposed_decision(db, case) is None


def test_a_page_made_before_somebodys_change_decides_nothing(
    db: Session, case: Case, person: Callable[..., User]
) -> None:
    anna = person("anna")
    old = case.version
    version = ready(db, case, anna)
    assert version > old
    with pytest.raises(Refused, match="changed"):
        decisions.propose(db, case, anna, old, CLEAR)


def test_the_database_itself_takes_one_standing_decision(db: Session, case: Case, person: Callable[..., User]) -> None:
    anna = person("anna")
    decisions.propose(db, case, anna, ready(db, case, anna), CLEAR)
    db.add(
        Decision(
            case_id=case.id, kind=DecisionKind.INSUFFICIENT, status=DecisionStatus.DECIDED, reasons="Två på en gång.",
            arm="control", case_version=case.version, proposed_by_id=anna.id, proposed_at=utc_now(),
        )
    )  # fmt: skip
    with pytest.raises(IntegrityError):
        db.flush()


def test_a_reversed_decision_stays_on_record_and_is_known_no_more(
    db: Session, case: Case, person: Callable[..., User]
) -> None:
    anna, bo = person("anna"), person("bo")
    decisions.propose(db, case, anna, ready(db, case, anna), CLEAR)
    today = utc_now().date()
    assert [known.outcome for known in outcomes.known_cases(db, today, today)] == ["cleared"]
    undone = decisions.reverse(db, case, bo, "Nytt underlag från Försäkringskassan.")
    assert (undone.status, case.state, case.outcome) == (DecisionStatus.REVERSED, State.IN_DEPTH, None)
    assert outcomes.known_cases(db, today, today) == []
    assert decisions.propose(db, case, anna, case.version, CONFIRM).status is DecisionStatus.PROPOSED


def test_known_cases_say_how_the_case_was_selected(db: Session, case: Case, person: Callable[..., User]) -> None:
    anna, bo, today = person("anna"), person("bo"), utc_now().date()
    case.entity_type, case.entity_id = "network", "n-2026-10-1"
    for org in ("0029000015", "0029000023", "p" + "0" * 32):
        db.add(NetworkProvider(network_id="n-2026-10-1", month="2026-10", org_number=org))
    made = decisions.propose(db, case, anna, ready(db, case, anna), CONFIRM)
    decisions.approve(db, case, bo, made, "Ja.")
    known = outcomes.known_cases(db, today, today)
    assert [(one.org_number, one.outcome, one.source) for one in known] == [
        ("0029000015", "confirmed", "review:control"),
        ("0029000023", "confirmed", "review:control"),
    ]
    assert outcomes.known_cases(db, today + dt.timedelta(1), today + dt.timedelta(2)) == []


def test_decisions_go_into_the_delivery_beside_the_citys_own_and_out_again(
    db: Session, case: Case, person: Callable[..., User], tmp_path: Path
) -> None:
    anna, month = person("anna"), Month.parse(utc_now().date().isoformat()[:7])
    folder = tmp_path / str(month)
    folder.mkdir()
    (folder / "known_case.csv").write_text("org_number,decided_on,outcome\n0029000023,2026-01-01,confirmed\n")
    decisions.propose(db, case, anna, ready(db, case, anna), CLEAR)
    assert [file.name for file in outcomes.write(db, tmp_path, month)] == ["known_case.csv"]
    assert outcomes.write(db, tmp_path, month) == []
    named = [(source.name, source.tables) for source in delivery(tmp_path, month).sources]
    assert named == [("known_case.csv", ("known_case",)), ("review/known_case.csv", ("known_case",))]
    written = (folder / "review" / "known_case.csv").read_text()
    assert written.splitlines()[1] == f"0029000015,{utc_now().date()},cleared,review:control,{case.number},true,"
    decisions.reverse(db, case, anna, "Nytt underlag.")
    outcomes.write(db, tmp_path, month)
    assert not (folder / "review" / "known_case.csv").exists()
    assert (folder / "known_case.csv").exists()


def test_a_second_review_is_by_somebody_who_had_no_part(db: Session, case: Case, person: Callable[..., User]) -> None:
    anna, bo = person("anna"), person("bo")
    ready(db, case, anna)
    db.refresh(case)
    with pytest.raises(Refused, match="took_part"):
        decisions.second_review(db, case, anna, DecisionKind.CLEAR, "Samma sak.")
    assert decisions.second_review(db, case, bo, DecisionKind.CLEAR, "Rimligt.").user_id == bo.id
