"""Who rests after a decision, and who is back though decided: each with the case, the day and the reasons, in words."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from valfardsbrott.domain import Month
from valfardsbrott.features import Feature
from valfardsbrott.stages.language import language
from valfardsbrott.stages.learning_fit import Past
from valfardsbrott.stages.learning_held import Changed, Row, changed, until
from valfardsbrott.stages.learning_labels import Known
from valfardsbrott.stages.reasons import strongest

if TYPE_CHECKING:
    import pyarrow as pa

_SAID = {
    "sv": {
        "confirmed": "bekräftades {day}{case}", "cleared": "avskrevs {day}{case}", "case": " (ärende {number})",
        "held": "Hålls tillbaka till {until}: {was}, och skälen är desamma: {reasons}.",
        "back": "Är tillbaka: {was}, men {change}.", "new": "detta är nytt: {labels}",
        "grown": "detta har ökat: {labels}", "out": "tiden är ute", "and": " och ",
    },
    "en": {
        "confirmed": "confirmed on {day}{case}", "cleared": "cleared on {day}{case}", "case": " (case {number})",
        "held": "Held back until {until}: {was}, and the reasons are the same: {reasons}.",
        "back": "Is back: {was}, but {change}.", "new": "this is new: {labels}",
        "grown": "this has grown: {labels}", "out": "the time is out", "and": " and ",
    },
}  # fmt: skip
_TEXTS = ("org_number", "outcome", "case_number", "listed_in", "reasons", "text_sv", "text_en")


def resting(
    past: Past, month: Month, decisions: Mapping[str, Known], rest: int, features: Mapping[str, Feature]
) -> tuple[pa.Table, pa.Table]:
    """Two tables of the month's ranked providers: those held back, and those that are back though they were decided.

    ``decisions``: the newest finding by provider. Only findings of the review, with the reasons that the provider was
    listed for, can hold it back: a confirmed case, and one cleared with a lasting reason (`learning_held.until`). A
    provider whose figures of then are not in the store is not held back.
    """
    import pyarrow as pa

    held, back = [], []
    wanted = {org: one for org, one in decisions.items() if one.arm != "city" or one.lasting or one.lasting_until}
    now = contributions(past, month, sorted(wanted))
    for org, one in sorted(wanted.items()):
        then = past.before(one)
        last = until(one.decided_on, one.outcome, one.lasting, one.lasting_until, rest)
        if org not in now or then is None or last is None:
            continue
        found = changed(contributions(past, then, [org]).get(org, []), now[org])
        row = {"org_number": org, "decided_on": one.decided_on, "until": last, "outcome": one.outcome,
               "case_number": one.case_number, "listed_in": str(then)}  # fmt: skip
        names = [str(each["feature"]) for each in strongest(now[org])]
        if found or last < month.first:
            back.append(row | _back(one, found, last < month.first, features))
        else:
            held.append(row | {"reasons": json.dumps(names)} | _told(one, features, names, last))
    schema = pa.schema([("decided_on", pa.date32()), ("until", pa.date32()), *((name, pa.string()) for name in _TEXTS)])
    return pa.Table.from_pylist(held, schema=schema), pa.Table.from_pylist(back, schema=schema)


def contributions(past: Past, month: Month, orgs: Sequence[str]) -> dict[str, list[Row]]:
    """The providers' rows of contributions.parquet that carry evidence, by number."""
    import pyarrow.parquet as pq

    if not orgs:
        return {}
    path = past.workspace.stage("detect", month, "contributions.parquet")
    table = pq.read_table(
        path, columns=["org_number", "feature", "contribution", "block"], filters=[("org_number", "in", list(orgs))]
    )
    found: dict[str, list[Row]] = {}
    for row in table.to_pylist():
        if row["contribution"] is not None and row["contribution"] > 0:
            found.setdefault(str(row["org_number"]), []).append(row)
    return found


def _back(one: Known, found: Changed, out: bool, features: Mapping[str, Feature]) -> dict[str, Any]:
    said = {"reasons": json.dumps({"new": found.new, "grown": found.grown})}
    for code, words in _SAID.items():
        parts = [
            words[kind].format(labels=_labels(names, features, code))
            for kind, names in (("new", found.new), ("grown", found.grown)) if names
        ]  # fmt: skip
        change = words["and"].join(parts) or words["out"]
        said[f"text_{code}"] = words["back"].format(was=_was(one, words), change=change) if found or out else ""
    return said


def _told(one: Known, features: Mapping[str, Feature], names: Sequence[str], last: dt.date) -> dict[str, str]:
    return {
        f"text_{code}": words["held"].format(until=last, was=_was(one, words), reasons=_labels(names, features, code))
        for code, words in _SAID.items()
    }


def _was(one: Known, words: Mapping[str, str]) -> str:
    case = words["case"].format(number=one.case_number) if one.case_number else ""
    return words[one.outcome].format(day=one.decided_on, case=case)


def _labels(names: Sequence[str], features: Mapping[str, Feature], code: str) -> str:
    """The features' labels; of a network, which is no feature, the word for it."""
    known = {name: {str(key): text for key, text in features[name].label.items()} for name in names if name in features}
    return "; ".join(known[name][code] if name in known else language(code).word("reason", name) for name in names)
