"""Which reasons a flag stands on, in words: it would not be there if they were like the peers'."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from valfardsbrott.features import Feature

Row = Mapping[str, Any]
CODES: tuple[Literal["sv", "en"], ...] = ("sv", "en")

_SENTENCES = {
    "sv": {
        "without": "Utföraren skulle inte ha flaggats om detta varit som hos jämförbara utförare: {labels}.",
        "still": "Utföraren skulle ha flaggats även om detta varit som hos jämförbara utförare: {labels}.",
    },
    "en": {
        "without": "The provider would not be flagged if this were like its peers': {labels}.",
        "still": "The provider would be flagged even if this were like its peers': {labels}.",
    },
}


def told(tries: Sequence[Row], listed: Sequence[Row], features: Mapping[str, Feature], limit: float) -> dict[str, str]:
    """The sentence in each language, ``counterfactual_sv`` and ``_en``; empty where nothing was tried.

    ``tries``: the provider's rows of counterfactuals.parquet, ``listed``: its reasons with their blocks. ``limit`` is
    the p-value of the last provider on the list. The one reason that carries the flag alone is named where there is
    one, otherwise the fewest of the strongest that do together; where none do, those that were tried.
    """
    named = {int(row["block"]): row["feature"] for row in listed if row["feature"] in features}
    alone = [row for row in tries if row["alone"] and row["block"] in named]
    together = [row for row in tries if not row["alone"] and row["block"] in named]
    if not together:
        return {f"counterfactual_{code}": "" for code in CODES}
    single = next((row for row in alone if _gone(row["p_value"], limit)), None)
    count = next((at for at, row in enumerate(together, 1) if _gone(row["p_value"], limit)), 0)
    if single is not None:
        form, blocks = "without", [single["block"]]
    else:
        form, blocks = "without" if count else "still", [row["block"] for row in together[: count or len(together)]]
    names = [features[named[int(block)]].label for block in blocks]
    return {
        f"counterfactual_{code}": _SENTENCES[code][form].format(labels="; ".join(_phrase(name[code]) for name in names))
        for code in CODES
    }


def _gone(p_value: float, limit: float) -> bool:
    """Whether the provider falls off the list: below its last one, or without any evidence."""
    return p_value > limit or p_value >= 1


def _phrase(label: str) -> str:
    """A label inside a sentence: no capital, unless it begins with an abbreviation or a name in capitals."""
    label = label.rstrip(".")
    return label if label[1:2].isupper() else label[:1].lower() + label[1:]
