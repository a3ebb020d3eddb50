"""Legal grounds for handing data over, read from statutes.yaml: what each asks for and what it does not open.

Sources: the statutes named in the file; `checked` says whether the text itself was read. Data, not advice: a city's
lawyers answer for the version it uses.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from valfardsbrott.catalogue import tables
from valfardsbrott.domain import Failure

FILE = Path(__file__).with_name("statutes.yaml")

#: Who may be given data.
RECIPIENTS = frozenset({"police", "ivo", "fk", "skv", "utbm", "board"})
_OWN = "VALFARDSBROTT_STATUTES_FOLDER: see docs/operations.md"

Words = Mapping[str, str]


@dataclass(frozen=True)
class Condition:
    """A question of the ground that is answered in words. ``text`` by language."""

    key: str
    text: Words


@dataclass(frozen=True)
class Statute:
    """One version of a legal ground. ``excluded`` are categories of data it never opens."""

    id: str
    version: str
    kind: str
    law: Words
    sums: Words
    recipients: tuple[str, ...]
    purposes: tuple[str, ...]
    conditions: tuple[Condition, ...]
    balancing: bool
    excluded: frozenset[str]
    in_force_from: dt.date
    in_force_to: dt.date | None
    checked: str
    penalty_months: int | None = None
    penalty_for: frozenset[str] = frozenset()

    def in_force(self, on: dt.date) -> bool:
        return self.in_force_from <= on and (self.in_force_to is None or on <= self.in_force_to)

    def opens(self, penalty_months: int | None = None) -> frozenset[str]:
        """Categories that may go, given the least penalty in months of the suspected crime (None: none stated)."""
        blocked = set(self.excluded)
        if self.penalty_months is not None and (penalty_months is None or penalty_months < self.penalty_months):
            blocked |= self.penalty_for
        return frozenset(load().categories) - blocked


@dataclass(frozen=True)
class Grounds:
    """The whole file: statutes, categories of data with their words, and where tables and columns belong."""

    statutes: tuple[Statute, ...]
    categories: Mapping[str, Words]
    table_category: Mapping[str, str]
    column_category: Mapping[str, str]
    derived_category: Mapping[str, str]
    link_category: Mapping[str, str]


@dataclass(frozen=True)
class Proposal:
    """What somebody wants to hand over, before it is approved. ``conditions``: the answer to each condition by key."""

    statute_id: str
    recipient: str
    purpose: str
    conditions: Mapping[str, str]
    balancing: str
    categories: tuple[str, ...]
    penalty_months: int | None = None


#: Folder with a city's own grounds, None for none; set by `use`.
_used: list[Path | None] = [None]


def use(folder: Path | None) -> None:
    """From now on, in this process, also a city's own grounds: the ``statutes`` of every ``*.yaml`` in the folder.

    They have the form of statutes.yaml; all versions of an id that a file names replace the project's of that id.
    Failure, and nothing changed, where the folder or a file cannot be used.
    """
    if folder is not None:
        _own(folder)
    _used[0] = folder
    load.cache_clear()


def _own(folder: Path) -> list[Statute]:
    """A city's own grounds; Failure that names file and ground where something is missing or unknown."""
    if not folder.is_dir():
        raise Failure(f"there is no folder {folder}", _OWN)
    known, found = set(yaml.safe_load(FILE.read_text(encoding="utf-8"))["categories"]), []
    for path in sorted(folder.glob("*.yaml")):
        try:
            rows = yaml.safe_load(path.read_text(encoding="utf-8"))["statutes"]
        except (OSError, TypeError, KeyError, yaml.YAMLError) as error:
            raise Failure(f"{path} holds no statutes ({type(error).__name__})", _OWN) from None
        for at, raw in enumerate(rows, 1):
            try:
                one = _statute(raw)
            except (KeyError, TypeError) as error:
                raise Failure(f"{path}: statute {at} has no {error.args[0]}", _OWN) from None
            if wrong := sorted((one.excluded | one.penalty_for) - known) or sorted(set(one.recipients) - RECIPIENTS):
                raise Failure(f"{path}: {one.id}: unknown: {', '.join(wrong)}", _OWN)
            if not isinstance(one.in_force_from, dt.date):
                raise Failure(f"{path}: {one.id}: in_force_from is no day", _OWN)
            found.append(one)
    return found


@cache
def load() -> Grounds:
    """The grounds this version of the program ships, with a city's own in place of those of the same id."""
    raw = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    own = _own(_used[0]) if _used[0] else []
    replaced = {one.id for one in own}
    return Grounds(
        statutes=(*(one for one in map(_statute, raw["statutes"]) if one.id not in replaced), *own),
        categories=raw["categories"],
        table_category=_by_name(raw["tables"]),
        column_category=_by_name(raw["columns"]),
        derived_category=_by_name(raw["derived"]),
        link_category=_by_name(raw["links"]),
    )


def in_force(on: dt.date, recipient: str | None = None) -> tuple[Statute, ...]:
    """Grounds in force on a day, only those that open for ``recipient`` where one is given."""
    return tuple(one for one in load().statutes if one.in_force(on) and recipient in {None, *one.recipients})


def get(statute_id: str, on: dt.date) -> Statute:
    """The version of a ground in force on a day; Failure where there is none."""
    for one in in_force(on):
        if one.id == statute_id:
            return one
    raise Failure(f"no legal ground {statute_id} was in force on {on}", "The grounds are in review/statutes.yaml")


def objections(proposal: Proposal, on: dt.date) -> tuple[str, ...]:
    """Why a proposal cannot be approved, as codes for the page to put in words; empty where nothing is missing.

    Codes: recipient, purpose, condition:<key>, balancing, category:<name>, categories (none chosen).
    """
    statute = get(proposal.statute_id, on)
    opened = statute.opens(proposal.penalty_months)
    found = [
        *(["recipient"] if proposal.recipient not in statute.recipients else []),
        *(["purpose"] if proposal.purpose not in statute.purposes else []),
        *(f"condition:{one.key}" for one in statute.conditions if not proposal.conditions.get(one.key, "").strip()),
        *(["balancing"] if statute.balancing and not proposal.balancing.strip() else []),
        *([] if proposal.categories else ["categories"]),
        *(f"category:{name}" for name in proposal.categories if name not in opened),
    ]
    return tuple(found)


def allowed_columns(table: str, columns: Iterable[str], categories: Iterable[str]) -> tuple[str, ...]:
    """Columns of rows from ``table`` that may go with these categories: none where the table's own does not.

    A table that no category names never goes. While a category stays behind, a column that is neither the table's own
    nor named in ``derived`` stays too: it may have been computed from what stays. Order is kept.
    """
    grounds, going = load(), set(categories)
    own = grounds.table_category.get(table)
    if own not in going:
        return ()
    if going == set(grounds.categories):
        return tuple(columns)
    category: dict[str, str | None] = {
        **dict.fromkeys(tables()[table].stored, own),
        **grounds.derived_category,
        **grounds.column_category,
    }
    return tuple(column for column in columns if category.get(column) in going | {"provenance"})


def link_goes(link_type: str, table: str, categories: Iterable[str]) -> bool:
    """Whether a link of a network may go: with its table's category and with that of whom it names. Unknown: no."""
    grounds = load()
    return {grounds.table_category.get(table), grounds.link_category.get(link_type)} <= set(categories)


def _by_name(raw: Mapping[str, list[str]]) -> dict[str, str]:
    return {name: category for category, names in raw.items() for name in names}


def _statute(raw: dict[str, Any]) -> Statute:
    words = ("sv", "en")
    return Statute(
        id=raw["id"],
        version=str(raw["version"]),
        kind=raw["kind"],
        law=raw["law"],
        sums=raw["sums"],
        recipients=tuple(raw["recipients"]),
        purposes=tuple(raw["purposes"]),
        conditions=tuple(Condition(one["key"], {code: one[code] for code in words}) for one in raw["conditions"]),
        balancing=raw["balancing"],
        excluded=frozenset(raw["excluded"]),
        in_force_from=raw["in_force_from"],
        in_force_to=raw.get("in_force_to"),
        checked=raw["checked"],
        penalty_months=raw.get("penalty_months"),
        penalty_for=frozenset(raw.get("penalty_for", ())),
    )
