"""Why two records are taken to be one, in words: what was compared, what came out, and how much it weighs."""

from __future__ import annotations

from collections.abc import Sequence

from valfardsbrott.entities.linkage import Finding
from valfardsbrott.entities.model import EntityKind, models

_SAME: dict[EntityKind, dict[str, str]] = {
    "address": {
        "sv": "Adressen ”{raw}” bedöms vara densamma som ”{to}”",
        "en": "The address “{raw}” is judged to be the same as “{to}”",
    },
    "organisation": {
        "sv": "{raw} bedöms vara {to} under felskrivet nummer eller bara namn",
        "en": "{raw} is judged to be {to} under a mistyped number, or by name only",
    },
    "person": {
        "sv": "Den felskrivna personen {raw} bedöms vara {to}",
        "en": "The mistyped person {raw} is judged to be {to}",
    },
}
_WEIGHT = {
    "sv": "matchningsvikt {bits} bitar (sannolikhet {chance}): {because}. Det är en bedömning: stäm av mot registret.",
    "en": "match weight {bits} bits (probability {chance}): {because}. It is a judgement: check it with the register.",
}
_PRIOR = {"sv": "utgångsläge", "en": "prior"}


def texts(
    kind: EntityKind, raw: str, canonical: str, findings: Sequence[Finding], *, weight: float, probability: float
) -> dict[str, str]:
    """One sentence in each language; findings in falling order of weight, those that say nothing left out."""
    said = {}
    told = sorted((one for one in findings if one.bits), key=lambda one: -one.bits)
    for code in ("sv", "en"):
        parts = [f"{_word(kind, one, code)} {_signed(one.bits, code)}" for one in told]
        weighed = _WEIGHT[code].format(
            bits=_number(weight, code), chance=_chance(probability, code), because=", ".join(parts)
        )
        said[code] = f"{_SAME[kind][code].format(raw=_shown(raw), to=_shown(canonical))}, {weighed}"
    return said


def _word(kind: EntityKind, found: Finding, code: str) -> str:
    if found.column == "prior":
        return _PRIOR[code]
    levels = models()[kind].comparisons[found.column]
    return next(level.text[code] for level in levels if level.name == found.level)


def _shown(text: str) -> str:
    return ", ".join(part for part in text.split("|") if part)


def _signed(bits: float, code: str) -> str:
    return ("+" if bits > 0 else "−") + _number(abs(bits), code)


def _number(value: float, code: str) -> str:
    text = f"{value:.1f}"
    return text.replace(".", ",") if code == "sv" else text


def _chance(probability: float, code: str) -> str:
    """Never shown as certain."""
    text = f"{min(probability, 0.9999):.4f}"
    return text.replace(".", ",") if code == "sv" else text
