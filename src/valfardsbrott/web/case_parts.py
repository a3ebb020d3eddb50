"""What a case's page says of its reasons and its decision, ready for the template."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from valfardsbrott.features import Feature, feature_columns
from valfardsbrott.review import cases, decisions, merging, profile
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
        "related": merging.related(db, case),
        "splittable": merging.splittable(db, case, visit.user),
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
        innocent, check = (str(one.get(f"{part}_{code}") or "") for part in ("innocent", "check"))
        label = str(one.get(f"label_{code}") or visit.words("decide.network"))
        if feature:
            innocent, check, label = feature.innocent[code], feature.check[code], feature.label[code]
        text = without_explanations(str(one.get(f"text_{code}", "")), innocent)
        shown.append(ShownReason(one["feature"], label, text, innocent, check, tried.get(one["feature"])))
    return shown


def without_explanations(text: str, innocent: str) -> str:
    """A reason as published ends with its explanation and how to check it: here they stand by themselves.

    >>> without_explanations("Två lika fakturor: 4 %. Kan vara: En rättelse. Så prövas det: Läs dem.", "En rättelse.")
    'Två lika fakturor: 4 %.'
    """
    said, found, _ = text.partition(innocent) if innocent else (text, "", "")
    return said[: said.rstrip().rfind(". ") + 1] if found else text


def _features() -> dict[str, Feature]:
    return {feature.name: feature for feature in feature_columns()}


def _code(visit: Visit) -> Any:
    return visit.language
