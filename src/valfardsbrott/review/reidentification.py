"""Seeing who one pseudonym is: asked for with reasons, allowed by a second person, for some hours, each look logged.

The number in clear passes through and is kept nowhere: not in the case database, a session, a log or an event.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable

from sqlalchemy import select
from sqlalchemy.orm import Session

from valfardsbrott.domain import Failure
from valfardsbrott.networks.hidden import hidden_in
from valfardsbrott.review import cases, graph, rows
from valfardsbrott.review.cases import Refused
from valfardsbrott.review.models import Case, Reidentification, User, utc_now
from valfardsbrott.review.settings import ReviewSettings
from valfardsbrott.sources.reidentify import Identity
from valfardsbrott.wording import Language

_PSEUDONYM = re.compile(r"p[0-9a-f]{32}")
Find = Callable[[str], Identity | None]


def of_case(db: Session, case: Case) -> list[Reidentification]:
    """The case's requests, newest first."""
    found = select(Reidentification).where(Reidentification.case_id == case.id)
    return list(db.scalars(found.order_by(Reidentification.id.desc())))


def pseudonyms(db: Session, case: Case, user: User, settings: ReviewSettings, words: Language) -> frozenset[str]:
    """The people whom the case's evidence shows to the user, never a protected one: nobody else may be asked about."""
    if case.entity_type == "network":
        found = graph.network(db, settings, case.entity_id, user, words)
        nodes = {str(each["node_id"]) for each in found.members} if found else set()
        ends = {str(link[end]) for link in found.links for end in ("source_id", "target_id")} if found else set()
        return frozenset(each for each in nodes | ends if _PSEUDONYM.fullmatch(each))
    folder, shown = settings.out / case.month, set()
    for feature in rows.features_with_rows(folder):
        table, _ = rows.of_feature(folder, settings.store_folder, feature, case.entity_id, user)
        for name in table.column_names:
            shown |= {each for each in table[name].unique().to_pylist() if isinstance(each, str)}
    return frozenset(each for each in shown if _PSEUDONYM.fullmatch(each))


def ask(
    db: Session, case: Case, user: User, pseudonym: str, *, reasons: str, among: frozenset[str]
) -> Reidentification:
    """Ask to see who ``pseudonym`` is; it must be ``among`` those that the case's evidence shows to the user."""
    if not case.is_open:
        raise Refused("closed", number=case.number)
    if not reasons.strip():
        raise Refused("reasons")
    if pseudonym not in among:
        raise Refused("reid_pseudonym")
    if any(one.pseudonym == pseudonym and one.asked_by_id == user.id and _is_live(one) for one in of_case(db, case)):
        raise Refused("reid_asked")
    made = Reidentification(
        case_id=case.id, pseudonym=pseudonym, reasons=reasons.strip(), asked_by_id=user.id, asked_at=utc_now()
    )
    db.add(made)
    cases.event(db, case, user, "reidentify_asked", reasons, pseudonym=pseudonym)
    db.flush()
    return made


def answer(
    db: Session, case: Case, user: User, request: Reidentification, *, approve: bool, reasons: str, hours: int
) -> None:
    """The second person's word, with reasons; an approval ends after ``hours``."""
    if request.status != "asked":
        raise Refused("reid_answered")
    if request.asked_by_id == user.id:
        raise Refused("four_eyes")
    if not reasons.strip():
        raise Refused("reasons")
    request.status, request.decision_reasons = "approved" if approve else "refused", reasons.strip()
    request.decided_by_id, request.decided_at = user.id, utc_now()
    request.expires_at = utc_now() + dt.timedelta(hours=hours) if approve else None
    kind = "reidentify_approved" if approve else "reidentify_refused"
    cases.event(db, case, user, kind, reasons, pseudonym=request.pseudonym)


def look(db: Session, case: Case, user: User, request: Reidentification, find: Find) -> Identity:
    """Who it is, for who asked, while the approval lasts. Each look is counted and in the case's history.

    ``find`` reads the deliveries. Whom nobody finds and who is protected are refused alike.
    """
    if request.asked_by_id != user.id:
        raise Refused("reid_not_yours")
    if not case.is_open:
        raise Refused("closed", number=case.number)
    if not may_look(request, user):
        raise Refused("reid_expired")
    found = find(request.pseudonym)
    if found is None:
        raise Refused("reid_not_found")
    request.looks += 1
    cases.event(db, case, user, "reidentified", "", pseudonym=request.pseudonym)
    return found


def may_look(request: Reidentification, user: User) -> bool:
    """Whether the approval is the user's and lasts."""
    lasts = request.expires_at is not None and request.expires_at > utc_now()
    return request.status == "approved" and request.asked_by_id == user.id and lasts


def finder(settings: ReviewSettings) -> Find:
    """Reads the deliveries with the city's key; Refused where this installation has not been given both."""
    from valfardsbrott.settings import Settings
    from valfardsbrott.sources import keys, reidentify

    def find(pseudonym: str) -> Identity | None:
        if settings.deliveries is None:
            raise Refused("reid_unavailable")
        hidden = hidden_in(settings.store_folder)
        if pseudonym in hidden:
            return None
        known = frozenset(path.stem for path in (settings.store_folder / "tables" / "person").glob("[!.]*.parquet"))
        try:
            key = keys.key(Settings(profile=settings.profile, out=settings.out, store=settings.store))
            return reidentify.find(settings.deliveries, key, pseudonym, known)
        except Failure:
            raise Refused("reid_unavailable") from None

    return find


def _is_live(request: Reidentification) -> bool:
    waits = request.status == "asked"
    return waits or (request.expires_at is not None and request.expires_at > utc_now())
