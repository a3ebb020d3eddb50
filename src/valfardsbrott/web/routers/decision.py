"""Towards a decision: the state, ordinary explanations tried, the decision and its approval, its reversal."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import Response

from valfardsbrott.review import cases, decisions
from valfardsbrott.review.factors import ENABLING_FACTORS, SCHEMES
from valfardsbrott.review.models import Decision, DecisionKind, State
from valfardsbrott.web.case_parts import labels
from valfardsbrott.web.problems import Problem
from valfardsbrott.web.routers.inbox import day
from valfardsbrott.web.visit import In, Visit

router = APIRouter(prefix="/cases/{case_id}")


@router.post("/move", name="case_move")
def move(
    visit: In, version: Annotated[int, Form()], to: Annotated[str, Form()] = "", text: Annotated[str, Form()] = ""
) -> Response:
    cases.expect(visit.case, version)
    if to not in {state.value for state in State}:
        raise Problem(422, "input")
    cases.move(visit.db, visit.case, visit.user, State(to), text)
    return visit.to("case", case_id=visit.case.id)


@router.post("/innocence", name="case_innocence")
def innocence(
    visit: In,
    feature: Annotated[str, Form()] = "",
    finding: Annotated[str, Form()] = "",
    text: Annotated[str, Form()] = "",
) -> Response:
    decisions.check_innocence(visit.db, visit.case, visit.user, feature, finding=finding, text=text)
    return visit.on(visit.url("case", case_id=visit.case.id) + f"#reason-{feature}")


@router.get("/decide", name="case_decide_form")
def form(visit: In) -> Response:
    """The form of a decision, with what still has to be done before it."""
    case = visit.case
    untried = decisions.untried(visit.db, case)
    return visit.page(
        "decide.html.j2", case=case, untried=untried, labels=labels(visit, untried), kinds=possible(case.state),
        schemes=SCHEMES, factors=ENABLING_FACTORS, heard=decisions.heard(visit.db, case),
        waiting=decisions.proposed_decision(visit.db, case),
    )  # fmt: skip


@router.post("/decide", name="case_decide")
def decide(
    visit: In,
    version: Annotated[int, Form()],
    kind: Annotated[str, Form()] = "",
    reasons: Annotated[str, Form()] = "",
    lasting_reason: Annotated[str, Form()] = "",
    lasting_until: Annotated[str, Form()] = "",
    amount: Annotated[str, Form()] = "",
    schemes: Annotated[list[str] | None, Form()] = None,
    factors: Annotated[list[str] | None, Form()] = None,
    hearing_waived: Annotated[str, Form()] = "",
) -> Response:
    if kind not in {each.value for each in DecisionKind}:
        raise Problem(422, "input")
    chosen, enabling = tuple(schemes or ()), tuple(factors or ())
    if not set(chosen) <= set(SCHEMES) or not set(enabling) <= set(ENABLING_FACTORS):
        raise Problem(422, "input")
    draft = decisions.Draft(
        DecisionKind(kind), reasons, lasting_reason, day(lasting_until) if lasting_until else None, ore(amount),
        chosen, enabling, hearing_waived,
    )  # fmt: skip
    made = decisions.propose(visit.db, visit.case, visit.user, version, draft)
    visit.flash("decide.waits" if made.kind in decisions.FOUR_EYES else "decide.decided", number=visit.case.number)
    return visit.to("case", case_id=visit.case.id)


@router.post("/approve", name="case_approve")
def approve(
    visit: In, decision: Annotated[int, Form()], reasons: Annotated[str, Form()] = "", say: Annotated[str, Form()] = ""
) -> Response:
    """The second pair of eyes: ``say`` is approve or return."""
    if say not in {"approve", "return"}:
        raise Problem(422, "input")
    answer = decisions.approve if say == "approve" else decisions.send_back
    answer(visit.db, visit.case, visit.user, _decision(visit, decision), reasons)
    return visit.to("case", case_id=visit.case.id)


@router.post("/withdraw", name="case_withdraw")
def withdraw(visit: In, decision: Annotated[int, Form()]) -> Response:
    decisions.withdraw(visit.db, visit.case, visit.user, _decision(visit, decision))
    return visit.to("case", case_id=visit.case.id)


@router.post("/reverse", name="case_reverse")
def reverse(visit: In, version: Annotated[int, Form()], reasons: Annotated[str, Form()] = "") -> Response:
    cases.expect(visit.case, version)
    decisions.reverse(visit.db, visit.case, visit.user, reasons)
    return visit.to("case", case_id=visit.case.id)


@router.post("/second-review", name="case_second_review")
def second_review(visit: In, kind: Annotated[str, Form()] = "", reasons: Annotated[str, Form()] = "") -> Response:
    if kind not in {each.value for each in DecisionKind}:
        raise Problem(422, "input")
    decisions.second_review(visit.db, visit.case, visit.user, DecisionKind(kind), reasons)
    visit.flash("decide.second_kept", number=visit.case.number)
    return visit.to("case", case_id=visit.case.id)


def possible(state: State) -> list[DecisionKind]:
    """The decisions that may be proposed from a state."""
    return [kind for kind, states in decisions.FROM.items() if state in states]


def ore(kronor: str) -> int | None:
    """Kronor as a person writes them ("12 500,50") in ore; None for an empty text, an error page for another."""
    plain = "".join(kronor.split()).replace(",", ".")
    if not plain:
        return None
    try:
        amount = Decimal(plain) * 100
    except InvalidOperation:
        raise Problem(422, "input") from None
    if not amount.is_finite() or abs(amount) > 10**14 or amount != amount.to_integral_value():
        raise Problem(422, "input")
    return int(amount)


def _decision(visit: Visit, number: int) -> Decision:
    found = visit.db.get(Decision, number)
    if found is None or found.case_id != visit.case.id:
        raise Problem(404, "missing")
    return found
