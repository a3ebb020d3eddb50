"""What the case database knows of a provider: follow-up and deviations, networks, cases; each for whom may see it."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, select, union_all
from sqlalchemy.orm import Session

from valfardsbrott.review.models import OPEN_STATES, Case, CaseFlag, NetworkProvider, Provider, ProviderEvent, User
from valfardsbrott.review.visibility import cases_of, seen_of, sees_any


def provider(db: Session, org_number: str) -> Provider | None:
    return db.get(Provider, org_number)


def events(db: Session, org_number: str, user: User) -> tuple[list[ProviderEvent], int]:
    """Follow-ups and deviations of the visitor's boards, newest first, and how many there are of other boards.

    What names no board is shown to all who may see the provider.
    """
    found = select(ProviderEvent).where(ProviderEvent.org_number == org_number)
    every = list(db.scalars(found.order_by(ProviderEvent.date.desc(), ProviderEvent.id)))
    own = [each for each in every if each.board_id is None or sees_any(user, frozenset({each.board_id}))]
    return own, len(every) - len(own)


def networks(db: Session, org_number: str) -> list[tuple[str, list[str]]]:
    """Each network that the provider has been in, with the months, the newest first."""
    rows = select(NetworkProvider.network_id, NetworkProvider.month).where(NetworkProvider.org_number == org_number)
    found: dict[str, list[str]] = {}
    for network_id, month in db.execute(rows.order_by(NetworkProvider.month.desc(), NetworkProvider.network_id)):
        found.setdefault(network_id, []).append(month)
    return list(found.items())


def members(db: Session, network_id: str, user: User) -> list[tuple[str, str]]:
    """Organisation number and name of a network's providers, in any month, that work for the visitor's boards."""
    of_network = select(NetworkProvider.org_number).where(NetworkProvider.network_id == network_id)
    found = db.scalars(select(Provider).where(Provider.org_number.in_(of_network)).order_by(Provider.name)).all()
    seen = seen_of(db, [one.org_number for one in found], user)
    return [(one.org_number, one.name) for one in found if one.org_number in seen]


def cases(db: Session, org_number: str, user: User) -> list[Case]:
    """The provider's cases and those of its networks that the visitor may see, the newest first."""
    found = select(Case).where(_about(org_number), cases_of(user)).order_by(Case.id.desc())
    return list(db.scalars(found).unique())


def reasons(db: Session, org_number: str, month: str) -> list[str]:
    """Features that are reasons of the provider's own hit in a month, strongest first."""
    of = select(CaseFlag.reasons).join(Case, Case.id == CaseFlag.case_id)
    hit = db.scalar(of.where(Case.entity_type == "provider", Case.entity_id == org_number, CaseFlag.month == month))
    return [str(each["feature"]) for each in hit or []]


def is_undecided(db: Session, org_number: str) -> bool:
    """Whether a case about the provider waits for a decision, of any board: then no score may tell its arm."""
    found = select(Case.id).where(_about(org_number), Case.state.in_(OPEN_STATES)).limit(1)
    return db.scalar(found) is not None


def _about(org_number: str) -> ColumnElement[bool]:
    """The provider's own cases, and those of its networks: each part by its own index, not by reading every case."""
    own = select(Case.id).where(Case.entity_type == "provider", Case.entity_id == org_number)
    in_network = and_(NetworkProvider.network_id == Case.entity_id, NetworkProvider.org_number == org_number)
    of_network = select(Case.id).join(NetworkProvider, in_network).where(Case.entity_type == "network")
    return Case.id.in_(union_all(own, of_network))
