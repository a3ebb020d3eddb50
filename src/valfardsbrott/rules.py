"""Reads the invoice rules: SQL under a YAML header, ours and a city's own beside them, versioned by date."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

from pydantic import ConfigDict, TypeAdapter

from valfardsbrott.catalogue import tables
from valfardsbrott.definitions import folder, read_sql
from valfardsbrott.domain import Failure
from valfardsbrott.features import ALWAYS_THERE, Text, View, base, load_views

Certainty = Literal["contradiction", "doubt"]
Severity = Literal["hold", "question", "note"]

#: What every query gives, and what the line itself gives to the words besides the query's own columns.
GIVEN = ("line_id", "amount_ore")
OF_THE_LINE = ("invoice_id", "org_number", "board_id", "service_code", "period")
_LANGUAGES: tuple[Literal["sv", "en"], ...] = ("sv", "en")
_PLACEHOLDER = re.compile(r"{(\w+)}")
_FOREVER = dt.date.max


@dataclass(frozen=True)
class Rule:
    """One thing that a clerk may question on a claim line before it is paid.

    ``sql`` gives one row for each line that is questioned: ``line_id``, ``amount_ore`` (what is questioned of it, never
    negative), the ``columns`` that the ``words`` show in braces, and with ``doubt_when`` a boolean ``is_doubt``: rows
    of a rule that is a contradiction of two facts which honest lateness or mistyping can explain all the same.
    ``severity`` says what to do meanwhile: hold the payment, question and pay, or note. The rule applies to lines whose
    period begins from ``valid_from`` to ``valid_to``, both included. ``needs``: optional columns that must hold data.
    """

    name: str
    label: Text
    words: Text
    law: str
    certainty: Certainty
    severity: Severity
    clears: Text
    innocent: Text
    valid_from: dt.date
    sources: tuple[str, ...]
    valid_to: dt.date | None = None
    doubt_when: Text | None = None
    optional: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    columns: dict[str, str] = field(default_factory=dict)
    sql: str = ""
    path: Path = field(default=Path(), compare=False)
    __pydantic_config__ = ConfigDict(extra="forbid")

    @property
    def view(self) -> View:
        """The rule as the engine computes it: one row a line. Named by its file, since a rule may have versions."""
        columns = {"amount_ore": "what is questioned, in ore"} | self.columns
        columns |= {"is_doubt": "honest lateness or mistyping can explain it"} if self.doubt_when else {}
        name = f"rule_{self.path.name.removesuffix('.sql').replace('.', '_').replace('-', '_')}"
        return View(
            name, "claim", ("line_id",), "line_id", self.sources, dict(columns), self.optional, self.sql, self.path
        )


_RULE = TypeAdapter(Rule)


@cache
def load_rules(city: Path | None = None) -> tuple[Rule, ...]:
    """Our rules and those in the city's folder, which replace ours of the same name; by name, then by date.

    Raises Failure, naming the file and the key, for a header that is missing, incomplete, or at odds with another.
    """
    if city is not None and not city.is_dir():
        raise Failure(f"there is no folder of rules {city}", "Mend VALFARDSBROTT_RULES_FOLDER, or take it away")
    own = _read(city) if city is not None else []
    replaced = {rule.name for rule in own}
    rules = [*own, *(rule for rule in _read(folder("rules")) if rule.name not in replaced)]
    rules.sort(key=lambda rule: (rule.name, rule.valid_from))
    for rule in rules:
        _check_sources(rule)
        _check_words(rule)
    for one, other in pairwise(rules):
        if one.name == other.name and other.valid_from <= (one.valid_to or _FOREVER):
            raise Failure(f"{other.path}: valid_from: {one.path.name} is in force that day too", "Give it a valid_to")
    return tuple(rules)


def in_force(rules: tuple[Rule, ...], name: str) -> Rule:
    """The newest version of the rule: what its label and words are today."""
    return [rule for rule in rules if rule.name == name][-1]


def _read(root: Path) -> list[Rule]:
    rules = [read_sql(path, _RULE, dict) for path in sorted(root.glob("*.sql"))]
    for rule in rules:
        if rule.path.name.split(".")[0] != rule.name:
            raise Failure(f"{rule.path}: name: the rule is named {rule.name} and its file {rule.path.name}")
    return rules


def _check_sources(rule: Rule) -> None:
    known = set(tables()) | {view.name for view in load_views()} | ALWAYS_THERE
    for source in rule.sources:
        table, months = base(source)
        if table not in known:
            raise Failure(f"{rule.path}: sources: there is no table or view '{table}'")
        if months != 1 and table in tables() and tables()[table].kind == "register":
            raise Failure(f"{rule.path}: sources: {table} is a register, whose newest snapshot counts ('{source}')")
    if unknown := set(rule.optional) - set(rule.sources):
        raise Failure(f"{rule.path}: optional: not among the sources: {', '.join(sorted(unknown))}")


def _check_words(rule: Rule) -> None:
    """Both languages say the same things, of columns that are there, and begin with a word (a cell is no formula)."""
    texts: dict[str, Any] = {"label": rule.label, "words": rule.words, "clears": rule.clears, "innocent": rule.innocent}
    texts |= {"doubt_when": rule.doubt_when} if rule.doubt_when else {}
    for key, text in texts.items():
        for language in _LANGUAGES:
            if not text.get(language, "").strip():
                raise Failure(f"{rule.path}: {key}: no text in {language}")
    said = [set(_PLACEHOLDER.findall(rule.words[language])) for language in _LANGUAGES]
    if said[0] != said[1]:
        raise Failure(f"{rule.path}: words: {', '.join(sorted(said[0] ^ said[1]))} stands in one language only")
    if unknown := said[0] - set(rule.columns) - {*OF_THE_LINE, "amount_ore"}:
        raise Failure(f"{rule.path}: words: the columns do not hold {', '.join(sorted(unknown))}")
    if any(rule.words[language].startswith("{") for language in _LANGUAGES):
        raise Failure(f"{rule.path}: words: begin with a word, not with a value")
    if rule.doubt_when and rule.certainty == "doubt":
        raise Failure(f"{rule.path}: doubt_when: the rule is a doubt already")
