"""What investigators have decided, as it was known at the end of a month, and which list or draw it was decided on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from valfardsbrott.control_arm import Arm, Drawn
from valfardsbrott.domain import Month
from valfardsbrott.stages.workspace import Workspace

#: How a case was selected, by what `known_case.source` begins with; anything else is the city's own register.
_ARMS = {"review:risk": "risk", "review:control": "control", "review:manual": "manual"}
_OPTIONAL = ("source", "case_number", "lasting", "lasting_until")
_COLUMNS = ("org_number", "decided_on", "outcome", *_OPTIONAL)


@dataclass(frozen=True)
class Known:
    """A decision on a provider. ``outcome``: confirmed, cleared, insufficient; ``arm``: risk, control, manual, city."""

    org_number: str
    decided_on: dt.date
    outcome: str
    arm: str = "city"
    case_number: str = ""
    lasting: bool = False
    lasting_until: dt.date | None = None


@dataclass(frozen=True)
class Chosen:
    """Whom a month's run chose: providers listed (members of listed networks among them) and drawn for control; whom it
    ranked, and the ``others``, neither listed nor held back. The list is made when the month has ended."""

    month: Month
    listed: frozenset[str]
    drawn: frozenset[str]
    ranked: frozenset[str]
    others: frozenset[str] = frozenset()

    @property
    def left(self) -> int:
        """How many the control sample was drawn from: neither listed nor held back."""
        return len(self.others | self.drawn)


def known(workspace: Workspace, month: Month) -> list[Known]:
    """Decisions made and delivered by the end of the month, by day and number. Nothing that came later is among them:
    neither what a later delivery tells, nor what this one dates after the month."""
    import pyarrow.parquet as pq

    found = []
    for path in sorted((workspace.root / "tables" / "known_case").glob("*.parquet")):
        if path.stem <= str(month):
            there = set(pq.read_schema(path).names)
            rows = pq.read_table(path, columns=[name for name in _COLUMNS if name in there]).to_pylist()
            found += [_known(row) for row in rows if row["org_number"] and row["decided_on"]]
    return sorted({one for one in found if one.decided_on <= month.last}, key=_order)


def chosen(workspace: Workspace, month: Month) -> Chosen | None:
    """Whom the month's run chose, from what it left in the store; None where it has not come as far as to choose."""
    import pyarrow.parquet as pq

    paths = workspace.stage("flag", month, "flags.parquet"), workspace.stage("detect", month, "scores.parquet")
    if not all(path.exists() for path in paths):
        return None
    flags = pq.read_table(paths[0], columns=["entity_type", "entity_id", "arm"]).to_pylist()
    scores = pq.read_table(paths[1], columns=["org_number", "peer_group"]).to_pylist()
    ranked = frozenset(row["org_number"] for row in scores if row["peer_group"] is not None)
    listed = {row["entity_id"] for row in flags if row["arm"] == "risk"}
    members = workspace.stage("networks", month, "members.parquet")
    if members.exists():
        rows = pq.read_table(members, columns=["network_id", "node_type", "node_id", "role"]).to_pylist()
        listed |= {
            row["node_id"] for row in rows
            if row["network_id"] in listed and row["node_type"] == "provider" and row["role"] == "member"
        }  # fmt: skip
    path = workspace.stage("learning", month, "held.parquet")
    held = (
        {row["org_number"] for row in pq.read_table(path, columns=["org_number"]).to_pylist()} if path.exists() else ()
    )
    drawn = frozenset(row["entity_id"] for row in flags if row["arm"] == "control")
    return Chosen(month, frozenset(listed) & ranked, drawn, ranked, ranked - listed - frozenset(held))


def decided_since(of: Chosen, decisions: Sequence[Known]) -> dict[str, Known]:
    """The first decision on each of the listed or drawn that was made after the month's end, by number.

    An earlier decision is no outcome of this list. Insufficient grounds give way to a finding that came after them.
    """
    found: dict[str, Known] = {}
    for one in sorted(decisions, key=_order):
        if one.decided_on > of.month.last and one.org_number in of.listed | of.drawn:
            before = found.get(one.org_number)
            if before is None or before.outcome == "insufficient":
                found[one.org_number] = one
    return found


def once(months: Iterable[Chosen], decisions: Sequence[Known]) -> list[Chosen]:
    """The months, oldest first, with every listed provider only on the last list before its decision, or the last one
    where it waits for one: one case is one case, however often it was listed while somebody looked into it.

    The control sample stays as it is: each of its draws is by chance.
    """
    seen: set[tuple[str, Known | None]] = set()
    found = []
    for of in sorted(months, key=lambda each: each.month, reverse=True):
        said = decided_since(of, decisions)
        mine = {(org, said.get(org)) for org in of.listed}
        found.append(replace(of, listed=frozenset(org for org, one in mine if (org, one) not in seen)))
        seen |= mine
    return found[::-1]


def drawn(of: Chosen, decisions: Sequence[Known]) -> Drawn:
    """The month's list and control sample with what has been decided on them by now, for `control_arm.estimate`."""
    outcome = {org: one.outcome for org, one in decided_since(of, decisions).items()}
    return Drawn(str(of.month), _arm(of.listed, outcome), of.left, _arm(of.drawn, outcome))


def newest(decisions: Sequence[Known]) -> dict[str, Known]:
    """The last finding on each provider, confirmed or cleared; insufficient grounds are none."""
    return {one.org_number: one for one in sorted(decisions, key=_order) if one.outcome != "insufficient"}


def _arm(orgs: frozenset[str], outcome: Mapping[str, str]) -> Arm:
    said = [outcome.get(org) for org in orgs]
    return Arm(len(orgs), said.count("confirmed"), said.count("cleared"), said.count("insufficient"))


def _known(row: Mapping[str, Any]) -> Known:
    source = str(row.get("source") or "")
    return Known(
        str(row["org_number"]), row["decided_on"], str(row["outcome"]), _ARMS.get(source, "city"),
        str(row.get("case_number") or ""), bool(row.get("lasting")), row.get("lasting_until"),
    )  # fmt: skip


def _order(one: Known) -> tuple[Any, ...]:
    return one.decided_on, one.org_number, one.outcome, one.arm, one.case_number
