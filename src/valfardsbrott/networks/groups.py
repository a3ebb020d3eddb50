"""Groups of companies that no register has: inferred from what they openly share, and said to be inferred."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from valfardsbrott.networks.links import HUB, City, Ints

#: What a group of companies shows to everybody: its door, its switchboard, its mail.
CONTACTS = ("address", "phone", "email")


def is_open_group(city: City, members: Ints) -> bool:
    """Whether one owner or officer is in all of ``members`` (positions), one address, phone or e-mail in most of them.

    An honest group is run openly as one; a ring avoids what all its members would have in common. The register of
    groups has companies that own companies, not those that a person owns: such groups are there beside any register.
    """
    return _common(city, members, ("owner",), len(members)) and _common(city, members, CONTACTS, len(members) // 2 + 1)


def _common(city: City, members: Ints, types: Sequence[str], least: int) -> bool:
    """Whether some value of these types, hubs apart, has at least ``least`` of the members."""
    for name in types:
        entry = city.incidences.get(name)
        if entry is None:
            continue
        own = entry.value[np.isin(entry.provider, members)]
        own = own[entry.degree[own] <= HUB]
        if len(own) and np.bincount(own).max() >= least:
            return True
    return False
