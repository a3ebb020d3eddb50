"""From an approved disclosure to a signed evidence pack: what the ground opens, of the month that hit."""

from __future__ import annotations

from pathlib import Path
from typing import cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from valfardsbrott.review import statutes
from valfardsbrott.review.cases import Refused, event
from valfardsbrott.review.decisions import standing_decision
from valfardsbrott.review.models import (
    Case,
    Disclosure,
    DisclosureStatus,
    EvidencePack,
    InnocenceCheck,
    NetworkProvider,
    User,
    utc_now,
)
from valfardsbrott.review.pack import archive, content
from valfardsbrott.review.pack.document import words
from valfardsbrott.review.pack.signature import Signer


def make(
    db: Session, case: Case, user: User, disclosure: Disclosure, *, runs: Path, signer: Signer, language: str
) -> tuple[EvidencePack, bytes]:
    """The pack's row and bytes; the caller keeps the bytes under their hash before the row is added.

    Refused where the disclosure is not approved: no data are put together before a second person has agreed.
    """
    if disclosure.status in {DisclosureStatus.PROPOSED, DisclosureStatus.RETURNED}:
        raise Refused("not_approved", number=case.number)
    month = case.flags[0].month if case.flags else case.month
    collected = content.collect(runs / month, _request(db, case, disclosure, month, cast("content.Language", language)))
    packed = archive.pack(collected, signer)
    row = EvidencePack(
        case_id=case.id, disclosure_id=disclosure.id, manifest=dict(packed.manifest), signature=packed.signature,
        key_id=packed.key_id, made_by_id=user.id, made_at=utc_now(),
    )  # fmt: skip
    event(db, case, user, "pack_made", disclosure=disclosure.id, key_id=packed.key_id)
    return row, packed.data


def _request(
    db: Session, case: Case, disclosure: Disclosure, month: str, language: content.Language
) -> content.Request:
    members = select(NetworkProvider.org_number).where(
        NetworkProvider.network_id == case.entity_id, NetworkProvider.month == month
    )
    tried = select(InnocenceCheck).where(InnocenceCheck.case_id == case.id).order_by(InnocenceCheck.feature)
    return content.Request(
        case.number, case.entity_type, case.entity_id, case.name, month, language,
        tuple(_facts(db, case, disclosure, language)), tuple(disclosure.categories),
        tuple(
            content.Note(one.feature, one.finding, one.note, one.user.name, one.at.date().isoformat())
            for one in db.scalars(tried)
        ),
        utc_now().date().isoformat(), tuple(sorted(db.scalars(members))) if case.entity_type == "network" else (),
    )  # fmt: skip


def _facts(db: Session, case: Case, disclosure: Disclosure, language: str) -> list[tuple[str, str]]:
    """The decision, the ground, each condition with its answer, the balancing, and who stands for it."""
    label, ground = words(language), statutes.get(disclosure.statute_id, disclosure.proposed_at.date())
    facts = []
    decision = standing_decision(db, case)
    if decision is not None:
        facts += [(label["decision"], label[f"decision_{decision.kind.value}"]), (label["why"], decision.reasons)]
        facts.append((label["decided_by"], _by(decision.proposed_by, decision.proposed_at.date().isoformat())))
        if decision.approval is not None:
            facts.append((label["approved_by"], _by(decision.approval.user, decision.approval.at.date().isoformat())))
    facts += [
        (label["ground"], f"{ground.law[language]} ({ground.version})"),
        (label["says"], ground.sums[language]),
        *((one.text[language], disclosure.conditions.get(one.key, "")) for one in ground.conditions),
    ]
    if ground.balancing:
        facts.append((label["balancing"], disclosure.balancing))
    facts.append((label["proposed_by"], _by(disclosure.proposed_by, disclosure.proposed_at.date().isoformat())))
    if disclosure.approved_by and disclosure.approved_at:
        facts.append((label["approved_by"], _by(disclosure.approved_by, disclosure.approved_at.date().isoformat())))
        facts.append((label["why"], disclosure.approval_reasons or ""))
    return facts


def _by(user: User, day: str) -> str:
    return f"{user.name}, {day}"
