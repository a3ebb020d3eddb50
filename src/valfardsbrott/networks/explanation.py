"""A network in words, Swedish and English: what joins its providers, and what they share that counts nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from valfardsbrott.networks.links import COUNT_TYPES, HUB, LINK_TYPES, Floats
from valfardsbrott.networks.structure import TYPE_CAP

Text = dict[str, str]

#: What two providers have in common, in the plural.
LABELS: dict[str, Text] = {
    "owner": {"sv": "ägare eller företrädare", "en": "owners or officers"},
    "address": {"sv": "företagsadresser", "en": "company addresses"},
    "account": {"sv": "betalkonton", "en": "payment accounts"},
    "payee": {"sv": "betalningsmottagare", "en": "payees"},
    "payments": {"sv": "betalningar sinsemellan", "en": "payments among them"},
    "phone": {"sv": "telefonnummer", "en": "phone numbers"},
    "email": {"sv": "e-postadresser", "en": "e-mail addresses"},
    "home": {"sv": "bostäder (företrädarnas)", "en": "homes (of their officers)"},
    "device": {"sv": "mobila enheter", "en": "mobile devices"},
    "certificate": {"sv": "intyg för olika anställda", "en": "certificates of different workers"},
    "overlap": {"sv": "anställda som är registrerade hos båda samtidigt", "en": "workers registered with both at once"},
    "staff": {"sv": "anställda", "en": "workers"},
    "recipient": {"sv": "brukare", "en": "recipients"},
    "accountant": {"sv": "revisorer eller redovisare", "en": "auditors or accountants"},
}
_WHY: dict[str, Text] = {
    "hub": {
        "sv": f"används av fler än {HUB} leverantörer, som en redovisningsbyrå eller ett kontorshotell",
        "en": f"used by more than {HUB} providers, as an accountant's office or an office hotel is",
    },
    "accountant": {
        "sv": "revisorer och redovisare har många kunder",
        "en": "auditors and accountants have many clients",
    },
    "registered": {
        "sv": "en registrerad koncern eller verksamhetsövergång förklarar sambandet",
        "en": "a registered group or transfer of business explains the tie",
    },
    "same_owner": {"sv": "följer av att de har samma ägare", "en": "follows from their having the same owner"},
    "weak": {"sv": "för svagt för att räknas", "en": "too weak to count"},
}

#: How unlikely the strongest tie is: among pairs of providers, or for two providers of that size.
_BY_RARITY: Text = {
    "sv": "Det starkaste sambandet väntas hos högst ett av {rare} par av leverantörer.",
    "en": "The strongest tie is expected in at most one of {rare} pairs of providers.",
}
_BY_SIZE: Text = {
    "sv": "Så många gemensamma har av en slump högst ett av {rare} par av leverantörer som är lika stora.",
    "en": "By chance at most one of {rare} pairs of providers of their size have so many in common.",
}


def reasons(
    network: Mapping[str, Any], by_type: Floats, shared: pd.DataFrame, moved: Sequence[Mapping[str, Any]] = ()
) -> list[dict[str, Any]]:
    """One entry for each link type that joins the network, strongest first, then one for how little chance explains it.

    ``by_type``: nats per link for each of LINK_TYPES. ``shared``: the network's rows of `members.shared_links`. Entries
    have feature (``network_<type>``), value (number of shared values), peer_median (null: relations have no peers),
    contribution (share of the structure score) and the texts. ``moved``: migrations within the network; they add
    nothing to the score.
    """
    capped = np.minimum(by_type, TYPE_CAP)
    order = [at for at in np.argsort(-capped, kind="stable") if capped[at] > 0]
    lines = [_line(network, LINK_TYPES[at], capped[at] / capped.sum(), shared) for at in order]
    blocks = [_moved(row) for row in moved if row["outcome"] != "explained"]
    return [line for line in lines if line["value"]] + blocks + [_chance(network)]


def _moved(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "feature": "network_migration",
        "value": int(row["staff_moved"] + row["recipient_moved"]),
        "peer_median": None,
        "contribution": 0.0,
        "text_sv": f"Från {row['org_a']} till {row['org_b']}: {row['text_sv']}",
        "text_en": f"From {row['org_a']} to {row['org_b']}: {row['text_en']}",
    }


def _line(network: Mapping[str, Any], link_type: str, part: float, shared: pd.DataFrame) -> dict[str, Any]:
    rows = shared[(shared["link_type"] == link_type) & (shared["weight"] > 0)]
    values, members = int(rows["node_id"].nunique()), int(rows["org_number"].nunique())
    rare = number(1 / rows["p_value"].min()) if len(rows) else ""
    label, size = LABELS[link_type], network["n_providers"]
    by_size = link_type in COUNT_TYPES
    return {
        "feature": f"network_{link_type}",
        "value": values,
        "peer_median": None,
        "contribution": round(float(part), 4),
        "text_sv": f"{members} av {size} leverantörer har gemensamma {label['sv']} ({values} st). "
        + (_BY_SIZE if by_size else _BY_RARITY)["sv"].format(rare=rare),
        "text_en": f"{members} of {size} providers have {label['en']} in common ({values}). "
        + (_BY_SIZE if by_size else _BY_RARITY)["en"].format(rare=rare),
    }


def _chance(network: Mapping[str, Any]) -> dict[str, Any]:
    runs, count = network["permutations"], round(network["e_value"] * network["permutations"])
    share = max(1, round(100 * network["q_value"]))
    return {
        "feature": "network_e_value",
        "value": float(network["e_value"]),
        "peer_median": None,
        "contribution": 0.0,
        "text_sv": f"I {runs} slumpade städer fanns {count} nätverk som är minst lika starka. Av den här stadens"
        f" nätverk som är så starka väntas högst {share} % vara tillfälligheter. Det säger inte att något är fel.",
        "text_en": f"In {runs} randomised cities there were {count} networks at least as strong. Of this"
        f" city's networks so strong at most {share} % are expected to be coincidences. That does not say that"
        " anything is wrong.",
    }


def discounts(shared: pd.DataFrame) -> list[dict[str, Any]]:
    """What the providers have in common that counted nothing, and why: an entry for each type and reason."""
    out = []
    gone = shared[shared["discounted"].notna()]
    for (link_type, why), rows in gone.groupby(["link_type", "discounted"]):
        label, used = LABELS[str(link_type)], int(rows["used_by"].max())
        out.append(
            {
                "feature": f"network_{link_type}",
                "discounted": str(why),
                "used_by": used,
                "text_sv": f"Räknas inte: {label['sv']} (hos högst {used} leverantörer): {_WHY[str(why)]['sv']}.",
                "text_en": f"Not counted: {label['en']} (of at most {used} providers): {_WHY[str(why)]['en']}.",
            }
        )
    return out


def number(value: float) -> str:
    """A rounded count with two significant digits, thousands apart: 150000.3 -> '150 000'.

    >>> number(153846.2), number(7.4)
    ('150 000', '7')
    """
    if value < 100:
        return str(int(value))
    digits = len(str(int(value))) - 2
    return f"{round(value / 10**digits) * 10**digits:,}".replace(",", " ")
