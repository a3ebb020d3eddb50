"""Why a provider is flagged: the strongest contributions as figures and sentences, and the money that they concern."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

from valfardsbrott.detectors.peer_groups import EVERYONE
from valfardsbrott.features import Feature
from valfardsbrott.networks.ranking import LAMBDA, SATURATION
from valfardsbrott.stages.language import language

Row = Mapping[str, Any]

FEWEST, MOST = 3, 6
#: Reasons are listed until they carry this share of the evidence, within the bounds above.
CARRIED = 0.9
#: A reason with less of the evidence says nothing about how much money is concerned.
MATTERS = 0.2

_SENTENCES = {
    "sv": {
        "peers": "{label}: {value}. Medianen hos {count} jämförbara utförare är {median}.",
        "everyone": "{label}: {value}. Medianen hos alla {count} utförare är {median}.",
        "contradiction": "{label}: {value}. Uppgifterna kan inte alla stämma; medianen hos utförarna är {median}.",
        "alone": "{label}: {value}.",
        "before": " Just den här månaden avviker inte; skälet är månaderna före.",
        "rest": " {why} Det kan ha en vanlig förklaring: {innocent} Kontrollera så här: {check}",
    },
    "en": {
        "peers": "{label}: {value}. The median of {count} comparable providers is {median}.",
        "everyone": "{label}: {value}. The median of all {count} providers is {median}.",
        "contradiction": "{label}: {value}. Not all of these facts can be true; the providers' median is {median}.",
        "alone": "{label}: {value}.",
        "before": " This month alone does not deviate; the reason is the months before it.",
        "rest": " {why} There may be an ordinary explanation: {innocent} How to check: {check}",
    },
}

_MEMBERS_DO = {
    "sv": "Medlemmarna avviker tillsammans från jämförbara utförare i vad de gör ({p}). Skälen står vid var och en"
    " av dem. De kan ha samma vanliga förklaring: samma system, samma rutin eller samma brukargrupp.",
    "en": "Taken together the members deviate from comparable providers in what they do ({p}). Each of them has its"
    " own reasons. They may share an ordinary explanation: one system, one routine or one group of recipients.",
}
_NETWORK: dict[str, dict[str, str]] = {
    "label": {"sv": "Ingår i ett nätverk", "en": "Belongs to a network"},
    "why": {
        "sv": "Utföraren delar mer med andra utförare än slumpen förklarar, och det finns skäl i vad medlemmarna gör.",
        "en": "The provider shares more with other providers than chance explains, and what members do gives reasons.",
    },
    "innocent": {
        "sv": "En koncern som inte är registrerad, samma ägarfamilj, samma bemanningsföretag eller redovisningsbyrå.",
        "en": "A group of companies that is not registered, one family of owners, one staffing agency or accountant.",
    },
    "check": {
        "sv": "Läs nätverkets länkar och jämför med Bolagsverkets uppgifter om ägare, koncern och överlåtelser.",
        "en": "Read the network's links and compare with the company register: owners, groups and transfers.",
    },
}


def strongest(contributions: Sequence[Row]) -> list[Row]:
    """The three to six rows that are shown as reasons, strongest first: fewer where fewer carry evidence.

    ``contributions``: the provider's rows of contributions.parquet. Features of one block are one reason: it is shown
    by the strongest of them, with what all contribute, and names the others in ``also``. Equal contributions are
    ordered by name.
    """
    ordered = sorted(_by_block(contributions), key=lambda row: (-row["contribution"], row["feature"]))
    whole = sum(row["contribution"] for row in ordered)
    chosen: list[Row] = []
    carried = 0.0
    for row in ordered[:MOST]:
        if row["contribution"] <= 0 or (len(chosen) >= FEWEST and carried >= CARRIED * whole):
            break
        carried += row["contribution"]
        chosen.append(row)
    return chosen


def _by_block(contributions: Sequence[Row]) -> list[Row]:
    """One row for each block; a row without one (a network's) is a reason by itself."""
    found: dict[Any, list[Row]] = {}
    for row in sorted(contributions, key=lambda row: (-row["contribution"], row["feature"])):
        block = row.get("block", -1)
        found.setdefault(row["feature"] if block != block or block < 0 else int(block), []).append(row)  # noqa: PLR0124
    return [
        {
            **rows[0],
            "contribution": sum(row["contribution"] for row in rows),
            "also": [row["feature"] for row in rows[1:] if row["contribution"] > 0],
        }
        for rows in found.values()
    ]


def reason(row: Row, feature: Feature | None) -> dict[str, Any]:
    """One reason as it is published: figures, and a text in each language; null where there is no such figure.

    A provider's network is no feature, so its reason carries its own label and explanations.
    """
    told = _NETWORK if feature is None else vars(feature)
    figures = {name: _figure(row.get(name)) for name in ("value", "peer_median", "contribution", "peer_count")}
    texts = {f"text_{code}": _text(code, row, told, feature) for code in ("sv", "en")}
    own = {f"{part}_{code}": told[part][code] for part in _NETWORK for code in ("sv", "en")} if feature is None else {}
    said = {"unit": feature.unit if feature else "nats", "before": _before(row), "also": list(row.get("also", ()))}
    return {"feature": row["feature"], **figures, **texts, **said, **own}


def of_network(flag: Row) -> list[dict[str, Any]]:
    """A flagged network's reasons: how it is tied (networks.parquet has those), and what its members do, if anything.

    Contributions become nats on the scale of providers' reasons: the structure's min(T, 24) / lambda is shared as the
    networks stage shared T (0 of an inferred group of companies), and what members do counts -ln p_behaviour.
    """
    ties = json.loads(flag["reasons"])
    nats = 0.0 if flag.get("inferred_group") else min(flag["structure"], SATURATION) / LAMBDA
    listed = [each | {"contribution": each["contribution"] * nats} for each in ties]
    if flag["p_behaviour"] < 0.5:
        listed.append(_members_do(flag["p_behaviour"]))
    return sorted(listed, key=lambda each: -each["contribution"])


def _members_do(p: float) -> dict[str, Any]:
    texts = {f"text_{code}": _MEMBERS_DO[code].format(p=_p(language(code).chance(p))) for code in ("sv", "en")}
    return {"feature": "network_behaviour", "value": p, "peer_median": None, "contribution": -math.log(p), **texts}


def _p(figure: str) -> str:
    """ "p = 0.02"; "p < 0.0001" where the figure has its own sign."""
    return f"p {figure}" if figure.startswith("<") else f"p = {figure}"


def amount_at_risk(shown: Sequence[Row], features: Mapping[str, Feature], billed_sek: float) -> float:
    """The part of the month's billed amount that the reasons concern, in SEK: a bound for the review, not a loss.

    Each reason gives its own bound by its unit: a share its excess over the peers' median, minutes per 1 000 h the
    excess as a share of time, a ratio r the excess e as e / (1 + e). They may concern the same money, so the largest
    counts and not the sum; reasons with less than a fifth of the evidence do not count. The whole billed amount is the
    bound where none that counts has such a unit, and where the strongest reason is of no part of this month's: ties to
    other providers, or months before in which the deviation lies. No reason: 0.
    """
    if not shown:
        return 0.0
    least = MATTERS * sum(row["contribution"] for row in shown)
    mattering = [row for row in shown if row["contribution"] >= least]
    bounding = [row for row in mattering if _is_of_this_month(row, features.get(row["feature"]))]
    known = [share for row in bounding if (share := _share(row, features[row["feature"]])) is not None]
    whole = not known or bounding[:1] != mattering[:1]
    return round(billed_sek * (1.0 if whole else max(known)), 2)


def _is_of_this_month(row: Row, feature: Feature | None) -> bool:
    """Whether the reason is of what the provider did this month: no tie, and not only of the months before."""
    return feature is not None and feature.family != "relations" and not _before(row)


def _share(row: Row, feature: Feature) -> float | None:
    excess = (_figure(row["value"]) or 0.0) - (_figure(row["peer_median"]) or 0.0)
    if feature.direction == "both":
        excess = abs(excess)
    excess = max(-excess if feature.direction == "lower" else excess, 0.0)
    if feature.unit == "share":
        return min(excess, 1.0)
    if feature.unit == "minutes_per_1000_h":
        return min(excess / 60_000, 1.0)
    return excess / (1 + excess) if feature.unit == "ratio" else None


def _text(code: str, row: Row, told: Mapping[str, Any], feature: Feature | None) -> str:
    words, sentences = language(code), _SENTENCES[code]
    unit = feature.unit if feature else "nats"
    median, count = _figure(row.get("peer_median")), int(row.get("peer_count") or 0)
    form = "alone" if median is None or feature is None else "everyone" if row["peer_group"] == EVERYONE else "peers"
    if feature is not None and feature.contradiction and form != "alone":
        form = "contradiction"
    first = sentences[form].format(
        label=told["label"][code],
        value=words.value(_figure(row["value"]), unit),
        median=words.value(median, unit),
        count=words.number(count),
    )
    if _before(row):
        first += sentences["before"]
    return first + sentences["rest"].format(
        **{part: _sentence(told[part][code]) for part in ("why", "innocent", "check")}
    )


def _before(row: Row) -> bool:
    """Whether the deviation lies in the months before: this month's own is none."""
    month = _figure(row.get("z_month"))
    return month is not None and month <= 0


def _sentence(text: str) -> str:
    return text if text.rstrip().endswith((".", "!", "?")) else text.rstrip() + "."


def _figure(value: Any) -> float | None:
    """A float, or None for null and for what is no number."""
    return None if value is None or value != value else float(value)  # noqa: PLR0124
