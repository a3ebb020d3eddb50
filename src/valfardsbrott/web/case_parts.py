"""What a case's page says of its reasons and its decision, ready for the template."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from valfardsbrott.features import Feature, feature_columns
from valfardsbrott.review import cases, decisions, profile
from valfardsbrott.review.models import InnocenceCheck
from valfardsbrott.web.visit import Visit


@dataclass(frozen=True)
class ShownReason:
    """A reason of the newest hit. ``innocent`` and ``check`` are empty where no explanation belongs to it."""

    feature: str
    label: str
    text: str
    innocent: str
    check: str
    tried: InnocenceCheck | None


def parts(visit: Visit) -> dict[str, Any]:
    """Reasons with what was tried, the decision that waits or stands, and where the case may go."""
    case, db = visit.case, visit.db
    return {
        "reasons": reasons(visit),
        "waiting": decisions.proposed_decision(db, case),
        "standing": decisions.standing_decision(db, case),
        "members": profile.members(db, case.entity_id, visit.user) if case.entity_type == "network" else [],
        "moves": cases.MOVES[case.state],
    }


def labels(visit: Visit, names: Sequence[str]) -> dict[str, str]:
    """The features' labels in the visitor's language."""
    known = _features()
    return {name: known[name].label[_code(visit)] if name in known else name for name in names}


def reasons(visit: Visit) -> list[ShownReason]:
    """The newest hit's reasons, strongest first."""
    case, code, known = visit.case, _code(visit), _features()
    tried = {
        one.feature: one
        for one in visit.db.scalars(select(InnocenceCheck).where(InnocenceCheck.case_id == case.id)).unique()
    }
    shown = []
    for one in case.flags[0].reasons if case.flags else []:
        feature = known.get(one["feature"])
        text = str(one.get(f"text_{code}", ""))
        innocent, check = (feature.innocent[code], feature.check[code]) if feature else ("", "")
        for said in (innocent, check):  # the published text ends with both: here they stand by themselves
            text = text.replace(said, "").strip() if said else text
        label = feature.label[code] if feature else visit.words("decide.network")
        shown.append(ShownReason(one["feature"], label, text, innocent, check, tried.get(one["feature"])))
    return shown


def _features() -> dict[str, Feature]:
    return {feature.name: feature for feature in feature_columns()}


def _code(visit: Visit) -> Any:
    return visit.language
