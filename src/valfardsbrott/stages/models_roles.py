"""Which model decides and which is tried beside it; promotion and rollback, with who and why on record."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from valfardsbrott.domain import EXIT_USAGE, Failure
from valfardsbrott.identifiers import is_person_like
from valfardsbrott.settings import Settings
from valfardsbrott.stages.workspace import digest

if TYPE_CHECKING:
    from valfardsbrott.detectors.definition import ModelDefinition

#: Until somebody promotes another, the models of these names hold the roles.
_FIRST = ("provider_champion", "provider_challenger")
_SHORTEST_WHY = 10


@dataclass(frozen=True)
class Roles:
    """The names of the model that decides, and of the one that is scored beside it and shown to nobody but analysts."""

    champion: str = _FIRST[0]
    challenger: str = _FIRST[1]


def record_file(settings: Settings) -> Path:
    """The record of promotions: one line of JSON for each, with its own digest and that of the line before it."""
    return settings.store_path / "models" / "promotions.jsonl"


def roles(settings: Settings) -> Roles:
    """Who holds the roles in this city now."""
    made = history(settings)
    return Roles(made[-1]["champion"], made[-1]["challenger"]) if made else Roles()


def history(settings: Settings) -> list[dict[str, Any]]:
    """Every promotion and rollback, oldest first. Raises Failure where a line has been changed or moved, or one before
    the last taken out."""
    path = record_file(settings)
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    before, made = "", []
    for number, line in enumerate(lines, 1):
        try:
            entry: dict[str, Any] = json.loads(line)
        except ValueError:
            entry = {}
        if entry.get("line_before") != digest(before) or entry.get("line") != _own_digest(entry):
            raise Failure(
                f"{path}, line {number}: the record of promotions has been changed",
                "Put the file back from a backup: it says who let which model decide",
            )
        made.append(entry)
        before = line
    return made


def promote(settings: Settings, which: str, by: str, why: str) -> dict[str, Any]:
    """Let a model decide from the next run on; the one that did is tried beside it. The new entry of the record.

    ``which`` is a model's name, or the number of a registered version of it. The alias ``champion`` then points at its
    newest registered version, which is tagged with who, why and when. Raises Failure where there is no such model,
    it decides already, nobody says why, or the registry does not answer: then nothing is changed.
    """
    now = roles(settings)
    name = _named(settings, which)
    if name == now.champion:
        raise Failure(f"{name} decides already", "See valfardsbrott models list", EXIT_USAGE)
    return _change(settings, "promote", Roles(name, now.champion), by, why)


def rollback(settings: Settings, by: str, why: str) -> dict[str, Any]:
    """Undo the last change that still stands: the roles are as before it. Raises Failure where there is none."""
    standing: list[Roles] = [Roles()]
    for entry in history(settings):
        if entry["action"] == "rollback":
            standing.pop()
        else:
            standing.append(Roles(entry["champion"], entry["challenger"]))
    if len(standing) < 2:
        raise Failure("no promotion is left to roll back", "See valfardsbrott models history", EXIT_USAGE)
    return _change(settings, "rollback", standing[-2], by, why)


def _change(settings: Settings, action: str, new: Roles, by: str, why: str) -> dict[str, Any]:
    from valfardsbrott.detectors.definition import load

    at = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    by, why = _said("by", by, 2), _said("why", why, _SHORTEST_WHY)
    definition = load(new.champion)
    entry = {
        "at": at, "action": action, "by": by, "why": why, "champion": new.champion, "challenger": new.challenger,
        "before": roles(settings).champion, "version": definition.version,
        "definition": digest(definition.model_dump_json())[:16], "experiment": definition.experiment,
        "registered": _point(settings, new, {"action": action, "by": by, "why": why, "at": at}),
    }  # fmt: skip
    path = record_file(settings)
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    entry["line_before"] = digest(lines[-1] if lines else "")
    entry["line"] = _own_digest(entry)
    with path.open("a", encoding="utf-8") as record:
        record.write(json.dumps(entry, ensure_ascii=False) + "\n")
    return entry


def _own_digest(entry: dict[str, Any]) -> str:
    return digest(json.dumps({name: value for name, value in entry.items() if name != "line"}, ensure_ascii=False))


def _point(settings: Settings, new: Roles, recorded: dict[str, str]) -> dict[str, int]:
    """Move the aliases to the newest registered versions; none where nothing is registered or tracking is off."""
    if not settings.tracking:
        return {}
    from valfardsbrott import tracking

    newest: dict[str, int] = {}
    for each in tracking.versions(settings):
        newest.setdefault(each["name"], each["version"])
    aliases = {tracking.CHAMPION: new.champion, tracking.CHALLENGER: new.challenger}
    moved = {alias: newest[name] for alias, name in aliases.items() if name in newest}
    if moved:
        tracking.point(settings, moved, recorded)
    return moved


def _named(settings: Settings, which: str) -> str:
    """The definition's name, of a name or a registered version's number."""
    from valfardsbrott.detectors.definition import load

    if not which.isdigit():
        return _promotable(load(which))
    from valfardsbrott import tracking

    found = [each["name"] for each in tracking.versions(settings) if each["version"] == int(which)]
    if not found:
        raise Failure(f"there is no registered version {which}", "See valfardsbrott models list", EXIT_USAGE)
    return _promotable(load(found[0]))


def _promotable(definition: ModelDefinition) -> str:
    """Its name. Raises Failure for one that learns: the gate of each run lets it lead, and nobody else does."""
    from valfardsbrott.detectors.definition import LearnedDefinition

    if isinstance(definition, LearnedDefinition):
        hint = "Promote the model that it reranks; VALFARDSBROTT_LEARN=false turns it off (docs/learning.md)"
        raise Failure(f"{definition.name} leads where its gate lets it, and is not promoted", hint, EXIT_USAGE)
    return definition.name


def _said(what: str, text: str, shortest: int) -> str:
    """The words on one line. Raises Failure where they say nothing, or hold what may be a person number."""
    one = " ".join(text.split())
    if len(one) < shortest:
        hint = "Say who decides this, and why, so that it can be followed up"
        raise Failure(f"--{what} says too little ('{one}')", hint, EXIT_USAGE)
    if is_person_like(one):
        raise Failure(f"--{what} holds what looks like a person number", "Leave it out: the record is kept", EXIT_USAGE)
    return one
