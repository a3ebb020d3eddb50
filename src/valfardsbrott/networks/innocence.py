"""Innocent explanations of a network, each looked up where the city has the register, with what was found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Set
from typing import Any

import numpy as np
import pandas as pd

from valfardsbrott.networks.links import HUB

#: Outcomes: yes (it explains at least one tie, which then counts nothing or less), no (looked up, not found),
#: not_available (the register was not delivered), inferred (the data look like it, no register says so), check (no
#: register says; a person has to ask).
_QUESTIONS: dict[str, tuple[str, str]] = {
    "registered_group": ("Ingår de i samma registrerade koncern?", "Are they in one registered group?"),
    "inferred_group": (
        "Ser de ut som en koncern som inte är registrerad: en ägare i alla och samma adress eller nummer i de flesta?",
        "Do they look like a group that is not registered: one owner in all, one address or number in most of them?",
    ),
    "business_transfer": ("Finns en registrerad verksamhetsövergång?", "Is there a registered transfer of business?"),
    "accountant": ("Har de samma revisor eller redovisare?", "Do they have the same auditor or accountant?"),
    "office_hotel": ("Är adressen eller numret många andras?", "Is the address or number that of many others?"),
    "staffing_agency": (
        "Arbetar den gemensamma personalen hos många leverantörer, som genom ett bemanningsföretag?",
        "Do the shared workers work for many providers, as through a staffing agency?",
    ),
    "care_home": (
        "Bor de gemensamma brukarna på samma boende?",
        "Do the shared recipients live in the same care home?",
    ),
}
_ANSWERS: dict[str, tuple[str, str]] = {
    "yes": ("Ja, åtminstone till en del.", "Yes, at least in part."),
    "no": ("Nej.", "No."),
    "not_available": ("Uppgift saknas: registret har inte levererats.", "Not known: the register was not delivered."),
    "inferred": (
        "Ja. Det är utläst av uppgifterna; inget register säger det. Det som binder dem räknas därför inte i ordningen,"
        " bara vad de gör.",
        "Yes. That is inferred from the data; no register says so. What ties them therefore counts nothing in the"
        " ranking, only what they do.",
    ),
    "check": ("Framgår inte av uppgifterna: fråga.", "The data do not say: ask."),
}
#: An address or number that this many providers have may be that of an office hotel or an accountant.
OFFICE_PROVIDERS = 5
#: Shared workers are likely an agency's where half of them work for at least this many providers.
AGENCY_PROVIDERS = 4
#: Recipients in common are a care home's where half of them live with so many others of them.
HOME_RECIPIENTS = 3


def checks(
    shared: pd.DataFrame, explained: Set[str], delivered: Set[str], dwellings: Mapping[str, str] | None = None,
    *, inferred_group: bool = False,
) -> list[dict[str, str]]:  # fmt: skip
    """Every innocent explanation with its outcome and texts, in a fixed order.

    ``shared``: the network's rows of `members.shared_links`. ``explained``: reasons of the pairs in it that a register
    explains (corporate_group, business_transfer). ``delivered``: names of the tables that the month knows.
    ``dwellings``: where recipients live, None where no register says. ``inferred_group``: see `groups.is_open_group`.
    """
    outcomes = {
        "registered_group": _register("corporate_group", explained, delivered),
        "inferred_group": "inferred" if inferred_group else "no",
        "business_transfer": _register("business_transfer", explained, delivered),
        "accountant": _found((shared["link_type"] == "accountant").any(), "provider_role" in delivered),
        "office_hotel": _office(shared, "provider" in delivered),
        "staffing_agency": _agency(shared),
        "care_home": _care_home(shared, dwellings),
    }
    return [_entry(name, outcome) for name, outcome in outcomes.items()]


def _register(table: str, explained: Set[str], delivered: Set[str]) -> str:
    return _found(table in explained, table in delivered)


def _found(there: bool | np.bool_, known: bool) -> str:
    return "yes" if there else "no" if known else "not_available"


def _office(shared: pd.DataFrame, known: bool) -> str:
    """A hub is one; an address or number of some more providers may be one."""
    contact = shared[shared["link_type"].isin(["address", "phone", "email"])]
    if (contact["used_by"] > HUB).any():
        return "yes"
    return "check" if (contact["used_by"] >= OFFICE_PROVIDERS).any() else _found(False, known)


def _agency(shared: pd.DataFrame) -> str:
    workers = shared[shared["link_type"] == "staff"].drop_duplicates("node_id")
    return "yes" if len(workers) and workers["used_by"].median() >= AGENCY_PROVIDERS else "no"


def _care_home(shared: pd.DataFrame, dwellings: Mapping[str, str] | None) -> str:
    people = sorted(set(shared.loc[shared["link_type"] == "recipient", "node_id"]))
    if not people:
        return "no"
    known = [dwellings[each] for each in people if dwellings and each in dwellings]
    if not known:
        return "check"
    together = sum(count for count in Counter(known).values() if count >= HOME_RECIPIENTS)
    return "yes" if together * 2 >= len(known) else "no"


def _entry(name: str, outcome: str) -> dict[str, Any]:
    (sv, en), (answer_sv, answer_en) = _QUESTIONS[name], _ANSWERS[outcome]
    return {"check": name, "outcome": outcome, "text_sv": f"{sv} {answer_sv}", "text_en": f"{en} {answer_en}"}
