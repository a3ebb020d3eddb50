"""Decisions on a case: proposed with reasons, approved by a second person where they burden somebody, reversed.

Förvaltningslagen (2017:900) 25 § (the party is told and may answer before a burdening decision), 32 § (reasons).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from valfardsbrott.features import feature_columns
from valfardsbrott.review.cases import Refused, enter, event, expect, hold
from valfardsbrott.review.models import (
    Approval,
    Case,
    Decision,
    DecisionKind,
    DecisionStatus,
    Hearing,
    HearingKind,
    InnocenceCheck,
    Outcome,
    SecondReview,
    State,
    User,
    utc_now,
)
from valfardsbrott.review.visibility import sees_any

#: Decisions that burden the provider: they wait for a second person.
FOUR_EYES = (DecisionKind.CONFIRM, DecisionKind.REFER)
#: From which states each may be proposed. To burden somebody takes a review in depth.
FROM: dict[DecisionKind, tuple[State, ...]] = {
    DecisionKind.CONFIRM: (State.IN_DEPTH,),
    DecisionKind.REFER: (State.IN_DEPTH,),
    DecisionKind.CLEAR: (State.INITIAL, State.IN_DEPTH),
    DecisionKind.INSUFFICIENT: (State.INITIAL, State.IN_DEPTH),
}
OUTCOMES = {
    DecisionKind.CONFIRM: Outcome.CONFIRMED,
    DecisionKind.CLEAR: Outcome.CLEARED,
    DecisionKind.INSUFFICIENT: Outcome.INSUFFICIENT,
}


@dataclass(frozen=True)
class Draft:
    """What somebody wants to decide. ``hearing_waived``: why the provider was not heard, where it was not.

    ``providers``: of a network, whom the decision is about; empty means all its members. Amounts in ore.
    """

    kind: DecisionKind
    reasons: str
    lasting_reason: str = ""
    lasting_until: dt.date | None = None
    amount_ore: int | None = None
    schemes: tuple[str, ...] = ()
    enabling_factors: tuple[str, ...] = ()
    hearing_waived: str = ""
    providers: tuple[str, ...] = field(default=())


def untried(db: Session, case: Case) -> tuple[str, ...]:
    """Features of the newest hit whose innocent explanations nobody has tried yet, in the order of the reasons."""
    tried = set(db.scalars(select(InnocenceCheck.feature).where(InnocenceCheck.case_id == case.id)))
    return tuple(name for name in to_try(case) if name not in tried)


def to_try(case: Case) -> tuple[str, ...]:
    """Features of the newest hit that come with innocent explanations, the reason of a network among them."""
    explained = {feature.name for feature in feature_columns()}
    reasons = case.flags[0].reasons if case.flags else []
    return tuple(one["feature"] for one in reasons if one["feature"] in explained or one.get("innocent_sv"))


def check_innocence(db: Session, case: Case, user: User, feature: str, *, finding: str, text: str) -> None:
    """Write down that an innocent explanation was tried and what came of it; a later trial replaces the finding."""
    if not case.is_open:
        raise Refused("closed", number=case.number)
    if feature not in to_try(case) or finding not in {"explains", "in_part", "does_not_explain"}:
        raise Refused("innocence")
    if not text.strip():
        raise Refused("reasons")
    hold(case, user)
    made = db.scalar(select(InnocenceCheck).where(InnocenceCheck.case_id == case.id, InnocenceCheck.feature == feature))
    if made is None:
        made = InnocenceCheck(case_id=case.id, feature=feature)
        db.add(made)
    made.finding, made.note, made.user, made.at = finding, text.strip(), user, utc_now()
    event(db, case, user, "innocence_checked", text, feature=feature, finding=finding)


def propose(db: Session, case: Case, user: User, version: int, draft: Draft) -> Decision:
    """Decide, or (confirm, refer) propose for a second person. Refused, saying what is missing, where something is.

    A case has one proposed and one standing decision at most: the database refuses a second that comes at once.
    """
    expect(case, version)
    _check(db, case, draft)
    hold(case, user)
    burdens = draft.kind in FOUR_EYES
    made = Decision(
        case_id=case.id, kind=draft.kind, status=DecisionStatus.PROPOSED if burdens else DecisionStatus.DECIDED,
        reasons=draft.reasons.strip(), lasting_reason=draft.lasting_reason.strip() or None,
        lasting_until=draft.lasting_until, amount_ore=draft.amount_ore, schemes=list(draft.schemes),
        enabling_factors=list(draft.enabling_factors), arm=case.arm, case_version=case.version, proposed_by=user,
        proposed_at=utc_now(), decided_at=None if burdens else utc_now(), detail=_detail(draft),
    )  # fmt: skip
    db.add(made)
    event(db, case, user, "proposed" if burdens else "decided", draft.reasons, decision=draft.kind.value)
    if not burdens:
        _carry_out(db, case, user, made)
    db.flush()
    return made


def approve(db: Session, case: Case, user: User, decision: Decision, reasons: str) -> None:
    """The second pair of eyes says yes: the case is closed or referred."""
    _second(case, user, decision, reasons)
    decision.approval = _approval(user, decision, reasons, approved=True)
    decision.status, decision.decided_at = DecisionStatus.DECIDED, utc_now()
    event(db, case, user, "approved", reasons, decision=decision.kind.value)
    _carry_out(db, case, user, decision)
    db.flush()


def send_back(db: Session, case: Case, user: User, decision: Decision, reasons: str) -> None:
    """The second pair of eyes says no, and why: the case stays in depth."""
    _second(case, user, decision, reasons)
    decision.approval = _approval(user, decision, reasons, approved=False)
    decision.status = DecisionStatus.RETURNED
    event(db, case, user, "returned", reasons, decision=decision.kind.value)
    db.flush()


def withdraw(db: Session, case: Case, user: User, decision: Decision) -> None:
    """Who proposed takes it back before anybody has said yes or no."""
    if decision.status is not DecisionStatus.PROPOSED or decision.proposed_by_id != user.id:
        raise Refused("not_proposed", number=case.number)
    decision.status = DecisionStatus.WITHDRAWN
    event(db, case, user, "withdrawn", decision=decision.kind.value)


def reverse(db: Session, case: Case, user: User, reasons: str) -> Decision:
    """Undo the standing decision and take the case up again, in depth; the decision stays on record."""
    standing = standing_decision(db, case)
    if standing is None or case.is_open:
        raise Refused("not_decided", number=case.number)
    if not reasons.strip():
        raise Refused("reasons")
    standing.status, standing.reversed_at = DecisionStatus.REVERSED, utc_now()
    standing.reversed_by_id, standing.reversal_reasons = user.id, reasons.strip()
    case.outcome = case.closed_at = case.lasting_reason = case.lasting_until = None
    enter(db, case, user, State.IN_DEPTH, kind="reversed", text=reasons, decision=standing.kind.value)
    db.flush()
    return standing


def second_review(db: Session, case: Case, user: User, kind: DecisionKind, reasons: str) -> SecondReview:
    """What another reviewer would decide, who has had no part in the case: for agreement between reviewers."""
    if not reasons.strip():
        raise Refused("reasons")
    took_part = {one.user_id for one in case.events if one.user_id}
    if user.id in took_part or case.assignee_id == user.id:
        raise Refused("took_part", number=case.number)
    made = SecondReview(case_id=case.id, user_id=user.id, kind=kind, reasons=reasons.strip(), at=utc_now())
    db.add(made)
    db.flush()
    return made


def proposed_decision(db: Session, case: Case) -> Decision | None:
    return _decision(db, case, DecisionStatus.PROPOSED)


def standing_decision(db: Session, case: Case) -> Decision | None:
    return _decision(db, case, DecisionStatus.DECIDED)


def _decision(db: Session, case: Case, status: DecisionStatus) -> Decision | None:
    return db.scalar(select(Decision).where(Decision.case_id == case.id, Decision.status == status))


def _check(db: Session, case: Case, draft: Draft) -> None:
    if case.state not in FROM[draft.kind]:
        raise Refused("decide_from", number=case.number)
    if not draft.reasons.strip():
        raise Refused("reasons")
    if proposed_decision(db, case) is not None:
        raise Refused("waiting", number=case.number)
    if missing := untried(db, case):
        raise Refused("untried", count=len(missing))
    if draft.kind is DecisionKind.CLEAR and not draft.lasting_reason.strip() and draft.lasting_until is not None:
        raise Refused("lasting")
    if draft.lasting_until is not None and draft.lasting_until <= utc_now().date():
        raise Refused("past")
    if draft.amount_ore is not None and draft.amount_ore < 0:
        raise Refused("amount")
    if draft.kind is DecisionKind.CONFIRM and not draft.hearing_waived.strip() and not heard(db, case):
        raise Refused("hearing", number=case.number)


def heard(db: Session, case: Case) -> bool:
    """Whether the provider has been told what it may answer to."""
    told = select(Hearing.id).where(Hearing.case_id == case.id, Hearing.kind == HearingKind.TOLD).limit(1)
    return db.scalar(told) is not None


def _detail(draft: Draft) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    if draft.hearing_waived.strip():
        kept["hearing_waived"] = draft.hearing_waived.strip()
    if draft.providers:
        kept["providers"] = sorted(draft.providers)
    return kept


def _second(case: Case, user: User, decision: Decision, reasons: str) -> None:
    if decision.status is not DecisionStatus.PROPOSED:
        raise Refused("not_proposed", number=case.number)
    if decision.proposed_by_id == user.id:
        raise Refused("four_eyes")
    if not sees_any(user, case.boards):
        raise Refused("assignee", number=case.number)
    if not reasons.strip():
        raise Refused("reasons")


def _approval(user: User, decision: Decision, reasons: str, *, approved: bool) -> Approval:
    return Approval(
        decision_id=decision.id, user=user, proposed_by_id=decision.proposed_by_id, approved=approved,
        reasons=reasons.strip(), at=utc_now(),
    )  # fmt: skip


def _carry_out(db: Session, case: Case, user: User, decision: Decision) -> None:
    """Close or refer the case as decided; nobody holds it any more."""
    referred = decision.kind is DecisionKind.REFER
    enter(db, case, user, State.REFERRED if referred else State.CLOSED, kind="referred" if referred else "closed")
    case.outcome = None if referred else OUTCOMES[decision.kind]
    case.closed_at = utc_now()
    case.locked_by_id = case.locked_until = case.snoozed_until = None
    case.lasting_reason, case.lasting_until = decision.lasting_reason, decision.lasting_until


def providers_of(decision: Decision, case: Case, members: Collection[str]) -> tuple[str, ...]:
    """Organisation numbers that a decision is about: the case's own provider, or those named of a network's members."""
    if case.entity_type == "provider":
        return (case.entity_id,)
    return tuple(sorted(decision.detail.get("providers") or members))
