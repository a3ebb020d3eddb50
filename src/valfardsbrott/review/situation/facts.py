"""What the case database and the published months say of a period, provider by provider: never shown, only summed."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from valfardsbrott.domain import Month
from valfardsbrott.review.decisions import providers_of
from valfardsbrott.review.models import (
    Case,
    CaseFlag,
    Decision,
    DecisionKind,
    DecisionStatus,
    Disclosure,
    ImportedRun,
    NetworkProvider,
    Provider,
)
from valfardsbrott.review.published import Row, rows_of, store_rows
from valfardsbrott.review.situation.period import Period

#: What a decision counts as besides being a review. To clear and to close for want of grounds count as nothing more.
STATUS = {DecisionKind.CONFIRM: "confirmed", DecisionKind.REFER: "referred"}
WAYS = ("register", "follow_up")
STATUSES = ("flagged", "reviewed", "confirmed", "referred")
UNKNOWN = "unknown"
#: Network -> month -> its providers.
Members = Mapping[str, Mapping[str, list[str]]]


@dataclass(frozen=True)
class Subject:
    """A provider and what it is counted by. ``recipients``: the most in a month of the period, None where not known."""

    org_number: str
    board: str
    district: str
    service: str
    recipients: int | None


@dataclass(frozen=True)
class Event:
    """Something that happened to a provider: it was flagged, or a case of it was decided.

    ``amount_ore``: of flagged and reviewed what was to be looked at, of confirmed and referred what was decided.
    """

    status: str
    org_number: str
    month: str
    arm: str
    amount_ore: int = 0
    schemes: tuple[str, ...] = ()
    factors: tuple[str, ...] = ()


@dataclass(frozen=True)
class Sent:
    """Something handed over in the period. ``days`` until the answer, None where none has come."""

    recipient: str
    statute: str
    orgs: frozenset[str]
    days: int | None


@dataclass(frozen=True)
class Facts:
    """``events``: the first of each status for each provider in the period, its amounts added up.

    ``otherwise``: providers that were found wanting in other ways and had not been flagged, by way (`WAYS`).
    ``checked``: providers whose random check was decided; ``check_confirmed``: those where it was confirmed.
    ``runs``: the run of each month of the period that has been imported.
    """

    period: Period
    subjects: Mapping[str, Subject]
    events: Sequence[Event]
    runs: Mapping[str, str]
    otherwise: Mapping[str, frozenset[str]]
    sent: Sequence[Sent] = ()
    checked: frozenset[str] = frozenset()
    check_confirmed: frozenset[str] = frozenset()

    def of(self, status: str) -> list[Event]:
        return [one for one in self.events if one.status == status]


def collect(db: Session, period: Period, out: Path, store: Path, as_of: dt.date) -> Facts:
    """All of a period with the decisions that stand, made no later than ``as_of``, and the newest registers."""
    members = _members(db)
    runs = {one.month: one.run_id for one in db.scalars(select(ImportedRun))}
    used = {month: runs[month] for month in period.months if month in runs}
    recipients = recipients_of(out, used)
    subjects = {
        one.org_number: Subject(
            one.org_number, one.board_id or UNKNOWN, one.district or UNKNOWN, one.service_code or UNKNOWN,
            recipients.get(one.org_number),
        )
        for one in db.scalars(select(Provider))
    }  # fmt: skip
    billed = {one.org_number: one.billed_ore or 0 for one in db.scalars(select(Provider))}
    found = [*_flagged(db, period, members, billed), *_decided(db, period, members, billed, as_of)]
    found = [one for one in found if one.org_number in subjects]
    checks = [one for one in found if one.arm == "control"]
    return Facts(
        period, subjects, _first(found), used, _otherwise(db, period, members, set(subjects), store),
        _sent(db, period, members, as_of),
        frozenset(one.org_number for one in checks if one.status == "reviewed"),
        frozenset(one.org_number for one in checks if one.status == "confirmed"),
    )  # fmt: skip


def recipients_of(out: Path, months: Iterable[str]) -> dict[str, int]:
    """The most recipients that a provider had in one of the months; providers without a figure are left out."""
    most: dict[str, int] = {}
    for month in months:
        for row in rows_of(out / month / "features.parquet", ("org_number", "recipients")):
            if row.get("recipients") is not None:
                most[row["org_number"]] = max(most.get(row["org_number"], 0), int(row["recipients"]))
    return most


def _otherwise(
    db: Session, period: Period, members: Members, known: set[str], store: Path
) -> dict[str, frozenset[str]]:
    """``register``: confirmed cases that the city delivered itself. ``follow_up``: a contract follow-up of the highest
    severity, or with a penalty or rescission. Providers that a run had flagged for risk by then are left out.
    """
    flagged: dict[str, str] = {}
    for case, flag in db.execute(select(Case, CaseFlag).join(CaseFlag, CaseFlag.case_id == Case.id)).unique():
        for org in _concerned(case, members, flag.month) if flag.arm == "risk" else ():
            flagged[org] = min(flagged.get(org, flag.month), flag.month)
    last = str(period.last)
    contracts = {row["contract_id"]: row["org_number"] for row in store_rows(store, "contract", last, history=True)}
    register = [
        (row["org_number"], row["decided_on"])
        for row in store_rows(store, "known_case", last, history=True)
        if row["outcome"] == "confirmed" and not str(row.get("source") or "").startswith("review:")
    ]
    follow_up = [
        (contracts.get(row["contract_id"], ""), row["date"])
        for row in store_rows(store, "contract_follow_up", last, history=True)
        if _grave(row)
    ]

    def missed(rows: list[tuple[str, dt.date | None]]) -> frozenset[str]:
        held = [(org, day) for org, day in rows if org in known and day is not None and period.holds(day)]
        return frozenset(org for org, day in held if flagged.get(org, "9999-99") > str(Month.of(day)))

    return {"register": missed(register), "follow_up": missed(follow_up)}


def _sent(db: Session, period: Period, members: Members, as_of: dt.date) -> list[Sent]:
    gone = select(Disclosure, Case).join(Case, Case.id == Disclosure.case_id).where(Disclosure.sent_at.is_not(None))
    found = []
    for one, case in db.execute(gone.order_by(Disclosure.id)).unique():
        day = one.sent_at.date() if one.sent_at else None
        if day is None or not period.holds(day) or day > as_of:
            continue
        answered = one.answered_on if one.answered_on and one.answered_on <= as_of else None
        orgs = frozenset(_concerned(case, members, case.month))
        found.append(Sent(one.recipient, one.statute_id, orgs, (answered - day).days if answered else None))
    return found


def _grave(row: Row) -> bool:
    return (row.get("severity") or 0) >= 3 or row.get("sanction") in {"penalty", "rescission"}


def _members(db: Session) -> Members:
    found: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for one in db.scalars(select(NetworkProvider).order_by(NetworkProvider.org_number)):
        found[one.network_id][one.month].append(one.org_number)
    return found


def _concerned(case: Case, members: Members, month: str) -> list[str]:
    return [case.entity_id] if case.entity_type == "provider" else list(members[case.entity_id].get(month, ()))


def _flagged(db: Session, period: Period, members: Members, billed: Mapping[str, int]) -> list[Event]:
    """One for each provider of each case: its first hit, with the most that a month's reasons concerned."""
    hits = select(Case, CaseFlag).join(CaseFlag, CaseFlag.case_id == Case.id).order_by(CaseFlag.month, CaseFlag.id)
    seen: dict[tuple[int, str], Event] = {}
    for case, flag in db.execute(hits).unique():
        if flag.month not in period.months or flag.silenced:
            continue
        orgs = _concerned(case, members, flag.month)
        for org in orgs:
            amount = (flag.amount_ore or 0) if org == _largest(orgs, billed) else 0
            kept = seen.get((case.id, org)) or Event("flagged", org, flag.month, flag.arm)
            seen[case.id, org] = replace(kept, amount_ore=max(kept.amount_ore, amount))
    return list(seen.values())


def _decided(
    db: Session,
    period: Period,
    members: Members,
    billed: Mapping[str, int],
    as_of: dt.date,
) -> list[Event]:
    standing = (
        select(Decision, Case)
        .join(Case, Case.id == Decision.case_id)
        .where(Decision.status == DecisionStatus.DECIDED)
        .order_by(Decision.decided_at, Decision.id)
    )
    found = []
    for decision, case in db.execute(standing).unique():
        day = decision.decided_at.date() if decision.decided_at else None
        if day is None or not period.holds(day) or day > as_of:
            continue
        orgs = providers_of(decision, case, _concerned(case, members, case.month))
        for org in orgs:
            counted = org == _largest(orgs, billed)
            at_risk, amount = (value or 0 if counted else 0 for value in (case.amount_ore, decision.amount_ore))
            reviewed = Event("reviewed", org, str(Month.of(day)), decision.arm, at_risk)
            found.append(reviewed)
            if decision.kind in STATUS:
                schemes, factors = tuple(decision.schemes), tuple(decision.enabling_factors)
                found.append(replace(
                    reviewed, status=STATUS[decision.kind], amount_ore=amount, schemes=schemes, factors=factors
                ))  # fmt: skip
    return found


def _largest(orgs: Sequence[str], billed: Mapping[str, int]) -> str:
    """Whom a case's amount is counted with: a network's is not told apart, so it goes with who billed the most."""
    return min(orgs, key=lambda org: (-billed.get(org, 0), org))


def _first(events: Iterable[Event]) -> list[Event]:
    """One event a provider and status: the first in time, with the amounts of all and every scheme and factor."""
    kept: dict[tuple[str, str], Event] = {}
    for one in sorted(events, key=lambda each: each.month):
        before = kept.get((one.status, one.org_number))
        kept[one.status, one.org_number] = _joined(before, one) if before else one
    return sorted(kept.values(), key=lambda one: (one.status, one.month, one.org_number))


def _joined(first: Event, later: Event) -> Event:
    return replace(
        first,
        amount_ore=first.amount_ore + later.amount_ore,
        schemes=tuple(sorted({*first.schemes, *later.schemes})),
        factors=tuple(sorted({*first.factors, *later.factors})),
    )
