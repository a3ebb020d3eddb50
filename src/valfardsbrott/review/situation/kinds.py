"""What the plan's entries say: the fields of each kind, from which forms, checks and the document are made."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

import yaml

from valfardsbrott.review.cases import Refused
from valfardsbrott.review.factors import ENABLING_FACTORS, SCHEMES

#: Where in the chain from permit to follow-up something could have been stopped, in order.
CHAIN = ("permit", "procurement", "decision", "registration", "visit", "invoice", "payment", "follow_up")
PROGRESS = ("planned", "ongoing", "done", "stopped")
UNITS = ("share", "count", "sek", "days")
COUNTERPARTS = ("police", "fk", "ivo", "skv", "utbm", "region", "board", "other")
#: Indicators that the program computes itself, each board's and the city's.
COMPUTED = ("followed_share", "unannounced_share", "measures_done", "answer_days")
CAUSES = (*SCHEMES, *ENABLING_FACTORS)
#: Figures that a measure may be tied to.
FIGURES = (
    "flagged",
    "reviewed",
    "confirmed",
    "referred",
    "amount_confirmed",
    "paid",
    "followed",
    "questioned",
    "missed",
)

Form = Literal["line", "text", "lines", "day", "year", "number", "choice", "several"]


@dataclass(frozen=True)
class Field:
    """One field: how it is written, whether it must be, and what may be chosen. ``group``: words for the choices."""

    name: str
    form: Form = "line"
    required: bool = True
    choices: tuple[str, ...] = ()
    group: str = ""


@dataclass(frozen=True)
class Kind:
    """A kind of entry. ``local``: a board may have one of its own; else it is the whole city's."""

    name: str
    fields: tuple[Field, ...]
    local: bool = False


KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("cause", (
            Field("about", "choice", choices=CAUSES, group="cause"), Field("text", "text"),
            Field("stopped_at", "choice", choices=CHAIN, group="chain"), Field("sources", "lines"),
            Field("dated", "day"),
        )),
        Kind("measure", (
            Field("title"), Field("goal", "text"), Field("means", "text"), Field("begins", "day", required=False),
            Field("ends", "day"), Field("indicator"), Field("progress", "choice", choices=PROGRESS, group="progress"),
            Field("causes", "several", choices=CAUSES, group="cause"),
            Field("figures", "several", required=False, choices=FIGURES, group="figure"),
        ), local=True),
        Kind("indicator", (
            Field("title"), Field("definition", "text"), Field("unit", "choice", choices=UNITS, group="unit_of"),
            Field("better", "choice", choices=("higher", "lower"), group="better"),
            Field("computed", "choice", required=False, choices=COMPUTED, group="computed"),
        )),
        Kind("target", (
            Field("indicator"), Field("year", "year"), Field("target", "number"),
            Field("partly", "number", required=False),
        ), local=True),
        Kind("outcome", (
            Field("indicator"), Field("year", "year"), Field("value", "number"), Field("source"),
            Field("comment", "text", required=False),
        ), local=True),
        Kind("agreement", (
            Field("counterpart", "choice", choices=COUNTERPARTS, group="counterpart"), Field("title"),
            Field("covers", "text"), Field("since", "day"), Field("until", "day", required=False),
            Field("sources", "lines", required=False),
        )),
    )
}  # fmt: skip


def clean(kind: Kind, given: Mapping[str, str | Sequence[str]]) -> dict[str, Any]:
    """What was written, as it is kept: texts trimmed, days in ISO 8601, numbers as numbers, empty fields left out.

    Refused with the first field that is missing or cannot be read.
    """
    return {
        field.name: value
        for field in kind.fields
        if (value := _value(field, given.get(field.name, ""))) not in ("", [], None)
    }


def code_of(kind: Kind, content: Mapping[str, Any]) -> str:
    """What an entry is about: two of a kind, board and code are versions of one."""
    if kind.name in {"target", "outcome"}:
        return f"{content['indicator']}/{content['year']}"
    return str(content["about"] if kind.name == "cause" else content["title"])[:128]


@cache
def templates() -> dict[str, dict[str, Any]]:
    """Measures that cities use, to begin from: fields of a measure by the template's name, in Swedish."""
    raw: dict[str, dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("templates.yaml").read_text("utf-8"))
    return raw


def _value(field: Field, given: str | Sequence[str]) -> Any:
    if field.form in {"several", "lines"}:
        parts = given.splitlines() if isinstance(given, str) else given
        value: Any = [part.strip() for part in parts if part.strip()]
    else:
        text = given if isinstance(given, str) else " ".join(given)
        value = _one(field, text.strip())
    if field.required and value in ("", []):
        raise Refused("plan_missing", field=field.name)
    chosen = value if isinstance(value, list) else [value] if value else []
    if field.choices and not set(chosen) <= set(field.choices):
        raise Refused("plan_field", field=field.name)
    return value


def _one(field: Field, text: str) -> Any:
    if not text:
        return text
    try:
        if field.form == "day":
            return dt.date.fromisoformat(text).isoformat()
        if field.form == "year":
            return dt.date(int(text), 1, 1).year
        if field.form == "number":
            number = float(text.replace(",", ".").replace("\u00a0", "").replace(" ", ""))
            if abs(number) >= 1e15 or number != number:  # noqa: PLR0124 - NaN is the one value that differs from itself
                raise ValueError(text)
            return number
    except ValueError:
        raise Refused("plan_field", field=field.name) from None
    return text
