"""Cases that turn out to be one, and one that turns out to be two; nothing is moved away and nothing is deleted.

A merged case is closed, which is no judgement, and its file stays where it was written: history, tasks, files, hearing.
Whoever reads it still needs its own board. A decision on the case that goes on is about the merged ones' providers too
(`outcomes`). A case that was split off begins its own history and names the case that it came from.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from valfardsbrott.review.cases import Refused, enter, event, hold, next_number
from valfardsbrott.review.decisions import proposed_decision
from valfardsbrott.review.models import (
    OPEN_STATES,
    Case,
    CaseBoard,
    CaseEvent,
    CaseFlag,
    CaseLink,
    NetworkProvider,
    Outcome,
    Provider,
    State,
    User,
    utc_now,
)
from valfardsbrott.review.visibility import boards_of_provider, sees_any


def merge(db: Session, case: Case, user: User, into: Case, reasons: str) -> None:
    """Close ``case`` as part of ``into``, where the work goes on. Both are open, and neither waits for a decision."""
    if into.id == case.id:
        raise Refused("merge_self")
    if not sees_any(user, into.boards):
        raise Refused("merge_missing")
    for one in (case, into):
        if not one.is_open:
            raise Refused("closed", number=one.number)
        if proposed_decision(db, one) is not None:
            raise Refused("waiting", number=one.number)
        hold(one, user)
    if not reasons.strip():
        raise Refused("reasons")
    _link(db, case, into, "merged_into", user)
    event(db, into, user, "merged_in", reasons, other=case.id)
    enter(db, case, user, State.CLOSED, kind="merged", text=reasons, other=into.id)
    case.outcome, case.closed_at = Outcome.MERGED, utc_now()
    case.locked_by_id = case.locked_until = case.snoozed_until = None
    db.flush()


def take_apart(db: Session, case: Case, user: User, reasons: str) -> None:
    """Take a merged case up again by itself; that it was merged stays on record in both."""
    if case.outcome is not Outcome.MERGED:
        raise Refused("not_merged", number=case.number)
    if not reasons.strip():
        raise Refused("reasons")
    if (other := _open_case(db, case.entity_type, case.entity_id)) is not None:
        raise Refused("split_open", number=other.number)
    case.outcome = case.closed_at = None
    enter(db, case, user, State.INITIAL, kind="taken_apart", text=reasons)
    into = merged_into(db, case)
    if into is not None:
        event(db, into, user, "taken_out", reasons, other=case.id)
    db.flush()


@dataclass(frozen=True)
class Part:
    """What is split off: about whom, why, and of a provider's own case which reasons go with it (not all)."""

    org_number: str
    why: str
    features: Sequence[str] = ()


def split(db: Session, case: Case, user: User, part: Part) -> Case:
    """A new case from an open one: about one provider of a network, or about some of a provider's own reasons.

    The new case is assigned to the user and selected by a person (arm ``manual``); the case keeps all of its hits.
    """
    org_number, why = part.org_number, part.why
    if not case.is_open:
        raise Refused("closed", number=case.number)
    if not why.strip():
        raise Refused("reasons")
    provider = _provider(db, case, user, org_number)
    kept = _reasons(case, part.features) if case.entity_type == "provider" else []
    if case.entity_type == "network" and (other := _open_case(db, "provider", org_number)) is not None:
        raise Refused("split_open", number=other.number)
    hold(case, user)
    made = _opened(db, case, user, provider)
    if kept:
        newest = case.flags[0]
        db.add(
            CaseFlag(
                case_id=made.id, month=newest.month, run_id=newest.run_id, rank=newest.rank, position=newest.position,
                arm="manual", amount_ore=newest.amount_ore, reasons=kept,
            )
        )  # fmt: skip
    _link(db, made, case, "split_from", user)
    event(db, case, user, "split", why, other=made.id)
    opened = event(db, made, user, "split_from", why, other=case.id)
    opened.to_state = made.state.value
    db.flush()
    return made


def splittable(db: Session, case: Case, user: User) -> list[tuple[str, str]]:
    """Number and name of whom a new case can be about: the provider, or those of a network's that the user may see."""
    numbers = [case.entity_id]
    if case.entity_type == "network":
        of = select(NetworkProvider.org_number).where(NetworkProvider.network_id == case.entity_id)
        numbers = list(db.scalars(of.distinct()))
    found = db.scalars(select(Provider).where(Provider.org_number.in_(numbers)).order_by(Provider.name))
    return [
        (one.org_number, one.name)
        for one in found
        if sees_any(user, boards_of_provider(db, one.org_number) or frozenset())
    ]


def related(db: Session, case: Case) -> list[tuple[str, Case]]:
    """How other cases hang together with this one: kind of link (``merged_into``, or from the other side ``merged``;
    ``split_from``, ``split``; ``follows``, ``followed``) and the case, oldest first."""
    links = select(CaseLink).where(or_(CaseLink.case_id == case.id, CaseLink.other_id == case.id))
    found = []
    for link in db.scalars(links.order_by(CaseLink.id)):
        own = link.case_id == case.id
        other = db.get(Case, link.other_id if own else link.case_id)
        if other is not None:
            found.append((link.kind if own else _FROM_THE_OTHER_SIDE[link.kind], other))
    return found


_FROM_THE_OTHER_SIDE = {"merged_into": "merged", "split_from": "split", "follows": "followed"}


def merged_into(db: Session, case: Case) -> Case | None:
    """The case that a merged one is part of now."""
    told = select(CaseEvent).where(CaseEvent.case_id == case.id, CaseEvent.kind == "merged")
    last = db.scalars(told.order_by(CaseEvent.id.desc()).limit(1)).unique().first()
    return None if last is None else db.get(Case, last.detail["other"])


def by_number(db: Session, number: str, user: User) -> Case:
    """The case of a number that the user may see; Refused where there is none, in the same words."""
    found = db.scalar(select(Case).where(Case.number == number.strip()))
    if found is None or not sees_any(user, found.boards):
        raise Refused("merge_missing")
    return found


def _provider(db: Session, case: Case, user: User, org_number: str) -> Provider:
    if org_number not in {number for number, _ in splittable(db, case, user)}:
        raise Refused("split_provider")
    return db.scalars(select(Provider).where(Provider.org_number == org_number)).one()


def _reasons(case: Case, features: Sequence[str]) -> list[object]:
    """The newest hit's reasons of those names; Refused where that is none or all of them."""
    every = case.flags[0].reasons if case.flags else []
    kept = [one for one in every if one["feature"] in set(features)]
    if not kept or len(kept) == len(every):
        raise Refused("split_reasons")
    return kept


def _opened(db: Session, case: Case, user: User, provider: Provider) -> Case:
    now = utc_now()
    made = Case(
        number=next_number(db, now.year), entity_type="provider", entity_id=provider.org_number, name=provider.name,
        state=State.INITIAL, arm="manual", first_month=case.month, month=case.month, position=case.position,
        board_id=provider.board_id, district=provider.district, service_code=provider.service_code,
        assignee_id=user.id, deadline=case.deadline, opened_at=now, changed_at=now,
    )  # fmt: skip
    boards = boards_of_provider(db, provider.org_number) or case.boards
    made.board_rows = [CaseBoard(board_id=board) for board in sorted(boards)]
    db.add(made)
    db.flush()
    return made


def _open_case(db: Session, entity_type: str, entity_id: str) -> Case | None:
    of = select(Case).where(Case.entity_type == entity_type, Case.entity_id == entity_id, Case.state.in_(OPEN_STATES))
    return db.scalars(of.limit(1)).unique().first()


def _link(db: Session, case: Case, other: Case, kind: str, user: User) -> None:
    """Once: merging again after having been taken apart is told by the histories."""
    there = select(CaseLink.id).where(CaseLink.case_id == case.id, CaseLink.other_id == other.id, CaseLink.kind == kind)
    if db.scalar(there) is None:
        db.add(CaseLink(case_id=case.id, other_id=other.id, kind=kind, at=utc_now(), user_id=user.id))
