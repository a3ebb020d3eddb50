"""A month's hits as cases: the ranked ones and the random sample mixed, so that nobody sees which is which."""

from __future__ import annotations

import datetime as dt
import hashlib
import random
from collections import Counter
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from valfardsbrott.domain import Month
from valfardsbrott.review.cases import event, next_number
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
    ProviderBoard,
    State,
    utc_now,
)
from valfardsbrott.review.published import Published, Row
from valfardsbrott.review.settings import ReviewSettings
from valfardsbrott.wording import common


def take_over_hits(db: Session, result: Published, settings: ReviewSettings) -> dict[str, int]:
    """Each hit to its open case, to one that a lasting reason has closed, or to a new case. How many of each."""
    flags = result.flags()
    places, counts = positions([row["arm"] for row in flags], result.facts["run_id"]), Counter[str]()
    for place, row in sorted(zip(places, flags, strict=True), key=lambda each: each[0]):  # numbers tell no arm either
        hit = _hit(db, result, row, place)
        counts[_take_over(db, hit, settings)] += 1
    counts["no_longer_flagged"] += _mark_gone(db, result, {(row["entity_type"], row["entity_id"]) for row in flags})
    return dict(counts)


def positions(arms: Sequence[str], run_id: str) -> list[int]:
    """Places from 1 with both arms mixed: ranked hits keep their order, the others fall in at random among them.

    Drawn from the run's id, so that importing again gives the same list.

    >>> positions(["risk", "risk", "control"], "2026-10-a") in ([1, 2, 3], [1, 3, 2], [2, 3, 1])
    True
    """
    draw = random.Random(hashlib.sha256(run_id.encode()).digest())  # noqa: S311 - a draw to repeat, not a secret
    drawn = set(draw.sample(range(len(arms)), sum(arm != "risk" for arm in arms)))
    free = {"risk": iter([at for at in range(len(arms)) if at not in drawn]), "control": iter(sorted(drawn))}
    return [next(free["risk" if arm == "risk" else "control"]) + 1 for arm in arms]


def _hit(db: Session, result: Published, row: Row, place: int) -> dict[str, Any]:
    """What a case takes over of a flag. A control hit's amount is what was billed: the bound without reasons."""
    members = [row["entity_id"]] if row["entity_type"] == "provider" else _members(db, row["entity_id"], result.month)
    providers = list(db.scalars(select(Provider).where(Provider.org_number.in_(members))))
    providers.sort(key=lambda each: (-(each.billed_ore or 0), each.org_number))
    amount = row["amount_at_risk_sek"]
    ore = round(amount * 100) if amount is not None else sum(each.billed_ore or 0 for each in providers)
    boards = set(db.scalars(select(ProviderBoard.board_id).where(ProviderBoard.org_number.in_(members))))
    return {
        "row": row, "place": place, "month": result.month, "run_id": result.facts["run_id"], "amount_ore": ore,
        "largest": providers[0] if providers else None, "members": len(members), "boards": boards,
    }  # fmt: skip


def _take_over(db: Session, hit: dict[str, Any], settings: ReviewSettings) -> str:
    earlier = _cases(db, hit["row"]["entity_type"], hit["row"]["entity_id"])
    earlier.sort(key=lambda case: case.arm == "manual")  # a hit goes to the case that hits opened, not to one split off
    for case in earlier:
        flag = db.scalar(select(CaseFlag).where(CaseFlag.case_id == case.id, CaseFlag.month == hit["month"]))
        if flag is not None:
            _fill(flag, hit)
            _newest(db, case, hit)
            return "again"
    current = next((case for case in earlier if case.state in OPEN_STATES), None)
    if current is not None:
        _add_flag(db, current, hit)
        _newest(db, current, hit)
        event(db, current, None, "hit_again", month=hit["month"], run_id=hit["run_id"])
        return "again"
    silent = next((case for case in earlier if _is_covered(db, case, hit)), None)
    if silent is not None:
        _add_flag(db, silent, hit, silenced=True)
        event(db, silent, None, "silenced", month=hit["month"], run_id=hit["run_id"])
        return "silenced"
    _open(db, hit, earlier, settings)
    return "opened"


def _open(db: Session, hit: dict[str, Any], earlier: Sequence[Case], settings: ReviewSettings) -> None:
    row, now = hit["row"], utc_now()
    case = Case(
        number=next_number(db, now.year), entity_type=row["entity_type"], entity_id=row["entity_id"],
        name=_name(hit, settings.language), arm=row["arm"], first_month=hit["month"], month=hit["month"],
        position=hit["place"], amount_ore=hit["amount_ore"], opened_at=now, changed_at=now,
        deadline=now.date() + dt.timedelta(days=settings.deadline_days), state=State.HIT,
    )  # fmt: skip
    if hit["largest"] is not None:
        provider = hit["largest"]
        case.board_id, case.district, case.service_code = provider.board_id, provider.district, provider.service_code
    case.board_rows = [CaseBoard(board_id=board) for board in sorted(hit["boards"])]
    db.add(case)
    db.flush()
    _add_flag(db, case, hit)
    db.add_all(CaseLink(case_id=case.id, other_id=before.id, kind="follows") for before in earlier)
    opened = event(db, case, None, "opened", month=hit["month"], run_id=hit["run_id"])
    opened.to_state = State.HIT.value


def _is_covered(db: Session, case: Case, hit: dict[str, Any]) -> bool:
    """Whether the case was cleared with a lasting reason that still holds and knew all the reasons of this hit."""
    lasting = case.outcome is Outcome.CLEARED and bool(case.lasting_reason)
    if not lasting or (case.lasting_until and case.lasting_until < Month.parse(hit["month"]).first):
        return False
    known = {
        reason["feature"]
        for reasons in db.scalars(select(CaseFlag.reasons).where(CaseFlag.case_id == case.id, ~CaseFlag.silenced))
        for reason in reasons
    }
    return {reason["feature"] for reason in hit["row"]["reasons"]} <= known


def _add_flag(db: Session, case: Case, hit: dict[str, Any], *, silenced: bool = False) -> None:
    flag = CaseFlag(case_id=case.id, month=hit["month"], silenced=silenced)
    _fill(flag, hit)
    db.add(flag)
    db.flush()


def _fill(flag: CaseFlag, hit: dict[str, Any]) -> None:
    row = hit["row"]
    flag.run_id, flag.rank, flag.position, flag.arm = hit["run_id"], row["rank"], hit["place"], row["arm"]
    flag.score, flag.p_value, flag.amount_ore, flag.reasons = (
        row["score"], row["p_value"], hit["amount_ore"], row["reasons"],
    )  # fmt: skip


def _newest(db: Session, case: Case, hit: dict[str, Any]) -> None:
    """The list's figures are those of the newest month; more boards may have come in, none goes."""
    if hit["month"] >= case.month:
        case.month, case.position, case.amount_ore = hit["month"], hit["place"], hit["amount_ore"]
    case.board_rows.extend(CaseBoard(board_id=board) for board in sorted(hit["boards"] - case.boards))
    db.flush()


def _mark_gone(db: Session, result: Published, flagged: set[tuple[str, str]]) -> int:
    """Hits of an earlier run of the same month that this one does not have."""
    old = select(Case, CaseFlag).join(CaseFlag, CaseFlag.case_id == Case.id).where(CaseFlag.month == result.month)
    gone = [
        case
        for case, flag in db.execute(old).unique()
        if flag.run_id != result.facts["run_id"] and (case.entity_type, case.entity_id) not in flagged
    ]
    told = select(CaseEvent.case_id).where(CaseEvent.kind == "no_longer_flagged")
    known = set(db.scalars(told))
    for case in gone:
        if case.id not in known:
            event(db, case, None, "no_longer_flagged", month=result.month, run_id=result.facts["run_id"])
    return len(gone)


def _members(db: Session, network_id: str, month: str) -> list[str]:
    found = select(NetworkProvider.org_number).where(
        NetworkProvider.network_id == network_id, NetworkProvider.month == month
    )
    return list(db.scalars(found))


def _cases(db: Session, entity_type: str, entity_id: str) -> list[Case]:
    """The entity's cases, newest first."""
    of = select(Case).where(Case.entity_type == entity_type, Case.entity_id == entity_id).order_by(Case.id.desc())
    return list(db.scalars(of).unique())


def _name(hit: dict[str, Any], language: str) -> str:
    if hit["largest"] is None:
        return str(hit["row"]["entity_id"])
    name = " ".join(hit["largest"].name.split())[:80]
    if hit["row"]["entity_type"] == "provider":
        return name
    return str(common(language)["network_name"]).format(name=name, others=hit["members"] - 1)
