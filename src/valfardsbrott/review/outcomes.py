"""What people decided, as known cases [känt ärende] for the next run: with how each case had been selected."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from valfardsbrott.domain import Month
from valfardsbrott.review.decisions import providers_of
from valfardsbrott.review.merging import merged_into, related
from valfardsbrott.review.models import Case, Decision, DecisionKind, DecisionStatus, NetworkProvider, Outcome
from valfardsbrott.sources.delivery import REVIEWED, months

#: Decisions that are known cases. Insufficient grounds say nothing of the provider, but that it was looked at; a
#: referral waits for its answer.
KNOWN = {
    DecisionKind.CONFIRM: "confirmed", DecisionKind.CLEAR: "cleared", DecisionKind.INSUFFICIENT: "insufficient",
}  # fmt: skip
_HEADER = "org_number,decided_on,outcome,source,case_number,lasting,lasting_until"


@dataclass(frozen=True)
class Known:
    """One row of `known_case`. ``source`` is ``review:`` and the arm: risk, control or manual. ``lasting``: cleared for
    a reason that lasts, ``lasting_until`` where it says until when."""

    org_number: str
    decided_on: dt.date
    outcome: str
    source: str
    case_number: str
    lasting: bool
    lasting_until: dt.date | None

    @property
    def line(self) -> str:
        until = self.lasting_until.isoformat() if self.lasting_until else ""
        return (
            f"{self.org_number},{self.decided_on.isoformat()},{self.outcome},{self.source},{self.case_number},"
            f"{'true' if self.lasting else 'false'},{until}"
        )


def known_cases(db: Session, first: dt.date, last: dt.date) -> list[Known]:
    """Standing decisions of the days from ``first`` to ``last``, a row for each provider, by day and number.

    A reversed decision is not among them: the next delivery simply no longer has it. Sole traders stay out: their
    numbers are pseudonyms here and would join to nobody.
    """
    decided = (
        select(Decision, Case)
        .join(Case, Case.id == Decision.case_id)
        .where(Decision.status == DecisionStatus.DECIDED, Decision.kind.in_(KNOWN))
        .order_by(Decision.decided_at, Decision.id)
    )
    members = _members(db)
    found = []
    for decision, case in db.execute(decided).unique():
        day = decision.decided_at.date() if decision.decided_at else None
        if day is not None and first <= day <= last:
            about = dict.fromkeys(providers_of(decision, case, members[case.entity_id]), case)
            for one in _merged(db, case):
                about = dict.fromkeys(_providers(one, members), one) | about  # once each, as the case's own if it is
            found += [_known(org, day, decision, one) for org, one in about.items() if not org.startswith("p")]
    return sorted(found, key=lambda one: (one.decided_on, one.org_number, one.outcome))


def _merged(db: Session, case: Case) -> list[Case]:
    """Cases that are part of this one now: its decision is about their providers too."""
    return [
        other
        for kind, other in related(db, case)
        if kind == "merged" and other.outcome is Outcome.MERGED and merged_into(db, other) is case
    ]


def _providers(case: Case, members: Mapping[str, Collection[str]]) -> tuple[str, ...]:
    return (case.entity_id,) if case.entity_type == "provider" else tuple(members[case.entity_id])


def _known(org_number: str, day: dt.date, decision: Decision, case: Case) -> Known:
    lasting = decision.kind is DecisionKind.CLEAR and bool(decision.lasting_reason)
    until = decision.lasting_until if lasting else None
    return Known(org_number, day, KNOWN[decision.kind], f"review:{case.arm}", case.number, lasting, until)


def write(db: Session, deliveries: Path, last: Month) -> list[Path]:
    """Write the standing decisions of each month into its delivery, up to ``last``; the files that changed.

    Each delivery gets what was decided in its month (`sources.delivery.REVIEWED`), beside the city's own known cases,
    which stay as they are. An earlier month is written anew where a decision has been reversed since; its next run
    reads it again. A month without decisions has no file.
    """
    changed = []
    for month, folder in sorted(months(deliveries)[0].items(), key=lambda item: item[0].first):
        if month.first > last.first:
            continue
        text = _csv(known_cases(db, month.first, month.last))
        file = folder / REVIEWED
        if text == (file.read_text(encoding="utf-8") if file.is_file() else ""):
            continue
        changed.append(file)
        if text:
            file.parent.mkdir(exist_ok=True)
            temporary = file.with_name(f".{file.name}")
            temporary.write_text(text, encoding="utf-8")
            temporary.replace(file)
        else:
            file.unlink()
    return changed


def _csv(rows: list[Known]) -> str:
    if not rows:
        return ""
    return "\n".join([_HEADER, *(one.line for one in rows)]) + "\n"


def _members(db: Session) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for network_id, org_number in db.execute(select(NetworkProvider.network_id, NetworkProvider.org_number)):
        found[network_id].add(org_number)
    return found
