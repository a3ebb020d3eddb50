"""What an export holds, whatever its format: the nodes and links of networks, without anybody who must not be shown."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from valfardsbrott.networks.persons import is_pseudonym

Row = Mapping[str, Any]

#: Link types that say who does something to whom: True from the provider to the other end, False the other way round.
DIRECTED: dict[str, bool] = {
    "owner": False,
    "accountant": False,
    "staff": False,
    "overlap": False,
    "payee": True,
    "payments": True,
    "business_transfer": True,
}
#: What neither XML nor a line of text can hold.
_UNWRITABLE = re.compile("[^\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]+")


@dataclass(frozen=True)
class Node:
    """``key`` is its own among all nodes (``phone:08123``); ``label`` is a company's name, or the id shortened."""

    key: str
    node_id: str
    node_type: str
    role: str
    label: str
    network_id: str


@dataclass(frozen=True)
class Link:
    """A tie from a provider (``source``) to what it uses (``target``), both keys of nodes.

    ``nats``: what it counts, 0 where ``discounted`` says why not. ``ended``: last day, None while in force. ``roles``:
    of an owner or officer, where the register of roles is at hand.
    """

    link_id: str
    source: str
    target: str
    link_type: str
    label: str
    nats: float
    p_value: float | None
    started: dt.date | None
    ended: dt.date | None
    used_by: int
    discounted: str
    source_table: str
    source_rows: tuple[str, ...]
    roles: tuple[str, ...] = ()


@dataclass(frozen=True)
class Content:
    """Networks to write: ``day`` is the last of the month that they are of, ``note`` what a reader must remember.

    Nodes and links are in a fixed order.
    """

    title: str
    day: dt.date
    nodes: tuple[Node, ...]
    links: tuple[Link, ...]
    note: str = ""


@dataclass(frozen=True)
class Lookup:
    """What the published tables do not say: ``hidden`` ids, company names, words for link types, roles of persons."""

    hidden: frozenset[str] = frozenset()
    names: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)
    roles: Mapping[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)


def content(
    title: str, day: dt.date, members: Sequence[Row], links: Sequence[Row], lookup: Lookup, *, note: str = ""
) -> Content:
    """The rows of network_members and network_links as nodes and links.

    Left out: every id in ``lookup.hidden`` with its links, and values that nothing is linked to any more. A dwelling is
    named by a number within its network, since its own id says where somebody lives.
    """
    homes = _homes(links)
    found = {node.key: node for row in members if (node := _node(row, homes, lookup))}
    shown = [row for row in _in_order(links) if not {row["source_id"], row["target_id"]} & lookup.hidden]
    ties = [_link(at, row, homes, lookup, day) for at, row in enumerate(shown, 1)]
    ties = [link for link in ties if link.source in found and link.target in found]
    linked = {end for link in ties for end in (link.source, link.target)}
    nodes = [node for key, node in sorted(found.items()) if node.role == "member" or key in linked]
    return Content(clean(title), day, tuple(nodes), tuple(ties), clean(note))


def clean(text: object) -> str:
    """One line of text that every format can hold."""
    return " ".join(_UNWRITABLE.sub(" ", str(text)).split())


def key_of(node_type: str, node_id: str) -> str:
    """A sole trader is one person, as a provider and as what others are linked to."""
    kind = "person" if node_type == "provider" and is_pseudonym(node_id) else node_type
    return f"{kind}:{clean(node_id)}"


def named_homes(links: Iterable[Row], word: str) -> dict[str, str]:
    """Dwellings of one network by the name they are shown by: the word and a number."""
    return {dwelling: f"{word} {name.rsplit('-', 1)[1]}" for (_, dwelling), name in _homes(links).items()}


def _homes(links: Iterable[Row]) -> dict[tuple[str, str], str]:
    """(network, dwelling) to the name it gets; an address that is also a company's is public and keeps its own."""
    types: dict[tuple[str, str], set[str]] = {}
    for row in links:
        if row["node_type"] == "address":
            types.setdefault((row["network_id"], row["target_id"]), set()).add(row["link_type"])
    dwellings: dict[str, list[str]] = {}
    for (network_id, dwelling), used in sorted(types.items()):
        if used == {"home"}:
            dwellings.setdefault(network_id, []).append(dwelling)
    return {
        (network_id, dwelling): f"{network_id}-home-{at}"
        for network_id, listed in dwellings.items()
        for at, dwelling in enumerate(listed, 1)
    }


def _node(row: Row, homes: Mapping[tuple[str, str], str], lookup: Lookup) -> Node | None:
    node_id, node_type = str(row["node_id"]), str(row["node_type"])
    if node_id in lookup.hidden:
        return None
    shown = homes.get((row["network_id"], node_id), node_id) if node_type == "address" else node_id
    label = node_id[:9] if is_pseudonym(node_id) else lookup.names.get(node_id, shown)
    return Node(
        key_of(node_type, shown), clean(shown), node_type, str(row["role"]), clean(label), str(row["network_id"])
    )


def _in_order(links: Iterable[Row]) -> list[Row]:
    names = ("network_id", "source_id", "node_type", "target_id", "link_type", "source_table")
    return sorted(links, key=lambda row: tuple(str(row[name]) for name in names))


def _link(at: int, row: Row, homes: Mapping[tuple[str, str], str], lookup: Lookup, day: dt.date) -> Link:
    source, target, link_type = str(row["source_id"]), str(row["target_id"]), str(row["link_type"])
    shown = homes.get((row["network_id"], target), target) if row["node_type"] == "address" else target
    last = _day(row["last_seen"])
    return Link(
        link_id=f"{row['network_id']}-{at}", source=key_of("provider", source),
        target=key_of(str(row["node_type"]), shown), link_type=link_type,
        label=clean(lookup.words.get(link_type, link_type)), nats=round(float(row["weight"] or 0), 4),
        p_value=_number(row["p_value"]), started=_day(row["first_seen"]), ended=last if last and last < day else None,
        used_by=int(row["used_by"]), discounted=_text(row["discounted"]),
        source_table=_text(row["source_table"]),
        source_rows=tuple(clean(each) for each in (row["source_rows"] if row["source_rows"] is not None else ())),
        roles=lookup.roles.get((source, target), ()) if link_type == "owner" else (),
    )  # fmt: skip


def _text(value: Any) -> str:
    return "" if value is None or value != value else str(value)  # noqa: PLR0124


def _number(value: Any) -> float | None:
    return None if value is None or value != value else float(value)  # noqa: PLR0124 - NaN differs from itself


def _day(value: Any) -> dt.date | None:
    """A date of a date or timestamp; NaT and None are no date."""
    if value is None or value != value:  # noqa: PLR0124
        return None
    return value.date() if isinstance(value, dt.datetime) else value
