"""Handing data over: chosen ground and its questions, a second person, the evidence pack, what came back."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import Response
from sqlalchemy import select

from valfardsbrott.review import disclosure, evidence, files, statutes
from valfardsbrott.review.models import Board, Disclosure, EvidencePack, StoredFile, utc_now
from valfardsbrott.review.pack.signature import Signer, signer
from valfardsbrott.review.settings import ReviewSettings
from valfardsbrott.web.problems import Problem
from valfardsbrott.web.routers.inbox import day
from valfardsbrott.web.visit import In, Visit

router = APIRouter(prefix="/cases/{case_id}/disclosures")
RECIPIENTS = ("police", "ivo", "fk", "skv", "utbm", "board")
ANSWERS = ("opened", "closed", "no_action", "other")


@router.get("", name="case_disclosures")
def show(visit: In, to: str = "", ground: str = "") -> Response:
    """What was handed over and what waits; the form of a new one, first the recipient, then the ground."""
    today = utc_now().date()
    grounds = statutes.in_force(today, to) if to in RECIPIENTS else ()
    chosen = next((one for one in grounds if one.id == ground), None)
    return visit.page(
        "disclosures.html.j2", case=visit.case, recipients=RECIPIENTS, answers=ANSWERS, to=to, grounds=grounds,
        ground=chosen, categories=statutes.load().categories, known={one.id: one for one in statutes.load().statutes},
        shown=disclosure.of_case(visit.db, visit.case), packs=_packs(visit),
        boards=list(visit.db.scalars(select(Board).order_by(Board.name))),
        allowed=visit.case.state in disclosure.OPEN_FOR,
    )  # fmt: skip


@router.post("", name="case_disclose")
def propose(
    visit: In,
    to: Annotated[str, Form()] = "",
    ground: Annotated[str, Form()] = "",
    purpose: Annotated[str, Form()] = "",
    balancing: Annotated[str, Form()] = "",
    categories: Annotated[list[str] | None, Form()] = None,
    penalty_months: Annotated[str, Form()] = "",
    board: Annotated[str, Form()] = "",
    condition: Annotated[list[str] | None, Form()] = None,
) -> Response:
    """``condition`` are the answers to the ground's questions, in their order."""
    known = {one.id: one for one in statutes.in_force(utc_now().date())}
    if ground not in known or not set(categories or ()) <= set(statutes.load().categories):
        raise Problem(422, "input")
    if penalty_months and not (penalty_months.isdecimal() and len(penalty_months) < 4):
        raise Problem(422, "input")
    asked = known[ground].conditions
    draft = statutes.Proposal(
        ground, to, purpose, {one.key: text for one, text in zip(asked, condition or (), strict=False)}, balancing,
        tuple(categories or ()), int(penalty_months) if penalty_months else None,
    )  # fmt: skip
    disclosure.propose(visit.db, visit.case, visit.user, draft, board or None)
    visit.flash("disclosure.proposed", number=visit.case.number)
    return visit.to("case_disclosures", case_id=visit.case.id)


@router.post("/{disclosure_id}/approve", name="disclosure_approve")
def approve(
    visit: In, disclosure_id: int, reasons: Annotated[str, Form()] = "", say: Annotated[str, Form()] = ""
) -> Response:
    """The second person: ``say`` is approve or return."""
    if say not in {"approve", "return"}:
        raise Problem(422, "input")
    answer = disclosure.approve if say == "approve" else disclosure.send_back
    answer(visit.db, visit.case, visit.user, _one(visit, disclosure_id), reasons)
    return visit.to("case_disclosures", case_id=visit.case.id)


@router.post("/{disclosure_id}/pack", name="disclosure_pack")
def make_pack(visit: In, disclosure_id: int) -> Response:
    """Put the evidence together, sign it and keep it."""
    made, data = evidence.make(
        visit.db, visit.case, visit.user, _one(visit, disclosure_id), runs=visit.settings.out,
        signer=pack_signer(visit.settings), language=visit.language,
    )  # fmt: skip
    made.file_sha256 = files.keep(visit.db, visit.settings.files_folder, data, "application/zip").sha256
    visit.db.add(made)
    return visit.to("case_disclosures", case_id=visit.case.id)


@router.get("/{disclosure_id}/packs/{pack_id}.zip", name="disclosure_pack_file")
def download(visit: In, disclosure_id: int, pack_id: int) -> Response:
    found = visit.db.get(EvidencePack, pack_id)
    if found is None or found.case_id != visit.case.id or found.disclosure_id != disclosure_id:
        raise Problem(404, "missing")
    stored = visit.db.get(StoredFile, found.file_sha256)
    assert stored is not None  # noqa: S101 - a foreign key
    name = f"{visit.case.number}-{found.id}.zip"
    data = files.read(visit.settings.files_folder, stored)
    return Response(
        data, media_type="application/zip", headers={"content-disposition": f'attachment; filename="{name}"'}
    )


@router.post("/{disclosure_id}/sent", name="disclosure_sent")
def sent(visit: In, disclosure_id: int, how: Annotated[str, Form()] = "") -> Response:
    disclosure.sent(visit.db, visit.case, visit.user, _one(visit, disclosure_id), how)
    return visit.to("case_disclosures", case_id=visit.case.id)


@router.post("/{disclosure_id}/answer", name="disclosure_answer")
def answer(
    visit: In,
    disclosure_id: int,
    on: Annotated[str, Form()] = "",
    text: Annotated[str, Form()] = "",
    outcome: Annotated[str, Form()] = "",
) -> Response:
    if outcome not in ANSWERS:
        raise Problem(422, "input")
    one = _one(visit, disclosure_id)
    disclosure.answered(visit.db, visit.case, visit.user, one, on=day(on), answer=text, outcome=outcome)
    return visit.to("case_disclosures", case_id=visit.case.id)


def pack_signer(settings: ReviewSettings) -> Signer:
    """The city's key; in the demo one made for it. Production without a key gets a Failure that says what to set."""
    return signer(settings.pack_key_file, settings.folder / "pack-demo.key" if settings.demo else None)


def _one(visit: Visit, number: int) -> Disclosure:
    found = visit.db.get(Disclosure, number)
    if found is None or found.case_id != visit.case.id:
        raise Problem(404, "missing")
    return found


def _packs(visit: Visit) -> dict[int | None, list[EvidencePack]]:
    packs: dict[int | None, list[EvidencePack]] = {}
    of_case = select(EvidencePack).where(EvidencePack.case_id == visit.case.id).order_by(EvidencePack.id)
    for one in visit.db.scalars(of_case):
        packs.setdefault(one.disclosure_id, []).append(one)
    return packs
