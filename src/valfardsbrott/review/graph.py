"""A published network as a visitor may see it, and what users keep about it: layouts, notes on nodes and links."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from valfardsbrott.domain import Month
from valfardsbrott.networks.exports.content import Content, Link, Lookup, content
from valfardsbrott.networks.hidden import hidden_in
from valfardsbrott.review.cases import Refused
from valfardsbrott.review.models import GraphLayout, GraphNote, NetworkProvider, Provider, User, utc_now
from valfardsbrott.review.published import Row, published_months
from valfardsbrott.review.settings import ReviewSettings
from valfardsbrott.review.visibility import seen_of
from valfardsbrott.wording import Language

#: A layout has a place for each of so many nodes at most.
MOST_PLACES = 5000


@dataclass(frozen=True)
class Network:
    """A network of a month. ``members`` and ``links`` are the rows that may be shown, ``content`` the same as nodes and
    links; ``held_back`` counts links to people of providers whose boards are not the visitor's.
    """

    month: str
    row: Row
    members: tuple[Row, ...]
    links: tuple[Row, ...]
    content: Content
    held_back: int

    def said(self, column: str, code: str) -> list[str]:
        """The card's reasons, discounts, checks or changes, in a language."""
        return [str(each[f"text_{code}"]) for each in json.loads(self.row.get(column) or "[]")]

    def link(self, link_id: str) -> Link | None:
        """A link as it may be shown; None where there is no such link to be seen."""
        return next((link for link in self.content.links if link.link_id == link_id), None)


def network(db: Session, settings: ReviewSettings, network_id: str, user: User, words: Language) -> Network | None:
    """The network in the newest month that has it; None where no published month has it any more."""
    for month in reversed(_months(db, network_id)):
        source = _Source(settings.out / month, settings.store_folder)
        there = month in published_months(settings.out)
        found = _rows(source.folder / "networks.parquet", network_id) if there else []
        if found:
            return _network(db, source, found[0], user, words)
    return None


@dataclass(frozen=True)
class _Source:
    """A published month, and the working store that says who is protected today."""

    folder: Path
    store: Path


def _network(db: Session, source: _Source, row: Row, user: User, words: Language) -> Network:
    folder = source.folder
    network_id, month = str(row["network_id"]), folder.name
    members = _rows(folder / "network_members.parquet", network_id)
    links = _rows(folder / "network_links.parquet", network_id)
    seen = seen_of(db, {str(link["source_id"]) for link in links}, user)
    allowed = [link for link in links if link["node_type"] != "person" or link["source_id"] in seen]
    hidden = hidden_in(source.store)
    allowed = [link for link in allowed if not {link["source_id"], link["target_id"]} & hidden]
    used = {link["target_id"] for link in allowed} | {link["source_id"] for link in allowed}
    shown = [each for each in members if each["node_id"] in used or each["role"] == "member"]
    shown = [each for each in shown if each["node_id"] not in hidden]
    among = {str(each["node_id"]) for each in shown} | {str(link["source_id"]) for link in allowed}
    named = select(Provider.org_number, Provider.name).where(Provider.org_number.in_(sorted(among)))
    names = {row.org_number: row.name for row in db.execute(named)} if shown else {}
    kinds = {str(link["link_type"]) for link in allowed}
    lookup = Lookup(hidden, names, {kind: words.word("link_type", kind) for kind in kinds})
    made = content(
        f"{network_id} {month}", Month.parse(month).last, shown, allowed, lookup, note=words.text("page.reminder")
    )
    return Network(month, row, tuple(shown), tuple(allowed), made, len(links) - len(allowed))


def layout(db: Session, network_id: str, user: User) -> GraphLayout | None:
    """The visitor's own layout of a network."""
    of = select(GraphLayout).where(GraphLayout.user_id == user.id, GraphLayout.network_id == network_id)
    return db.scalar(of)


def save_layout(db: Session, network_id: str, user: User, text: str) -> None:
    """Keep where nodes stand: ``text`` is JSON, node to [x, y] or [x, y, pinned]; none: back to the common layout.

    Refused where it is anything else.
    """
    try:
        given = json.loads(text)
        places = {str(node): [float(x), float(y), *map(bool, pin[:1])] for node, (x, y, *pin) in given.items()}
    except (ValueError, TypeError, AttributeError, RecursionError):
        raise Refused("layout") from None
    if len(places) > MOST_PLACES or not all(math.isfinite(each) for pair in places.values() for each in pair):
        raise Refused("layout")
    kept = layout(db, network_id, user)
    if kept is None:
        kept = GraphLayout(user_id=user.id, network_id=network_id, name="own")
        db.add(kept)
    kept.positions, kept.at = places, utc_now()


def notes(db: Session, network_id: str) -> list[GraphNote]:
    """What has been noted on a network and not taken away, oldest first."""
    of = select(GraphNote).where(GraphNote.network_id == network_id, GraphNote.removed_at.is_(None))
    return list(db.scalars(of.order_by(GraphNote.id)).unique())


def add_note(db: Session, found: Network, user: User, target_id: str, text: str) -> None:
    """Note something on a node or link that the visitor sees."""
    nodes, links = ({each.key for each in found.content.nodes}, {each.link_id for each in found.content.links})
    if not text.strip() or target_id not in nodes | links:
        raise Refused("note")
    db.add(
        GraphNote(
            network_id=str(found.row["network_id"]), target="node" if target_id in nodes else "link",
            target_id=target_id, text=text.strip(), user_id=user.id, at=utc_now(),
        )
    )  # fmt: skip


def remove_note(note: GraphNote, user: User) -> None:
    """Take a note of one's own away; that it was there stays on record."""
    if note.user_id != user.id or note.removed_at is not None:
        raise Refused("note_owner")
    note.removed_at, note.removed_by_id = utc_now(), user.id


def _months(db: Session, network_id: str) -> list[str]:
    of = select(NetworkProvider.month).where(NetworkProvider.network_id == network_id).distinct()
    return sorted(db.scalars(of))


def _rows(path: Path, network_id: str) -> list[Row]:
    import pyarrow.parquet as pq

    if not path.is_file():
        return []
    with pq.ParquetFile(path) as file:
        if "network_id" not in file.schema_arrow.names:
            return []
    rows: list[Row] = pq.read_table(path, filters=[("network_id", "=", network_id)]).to_pylist()
    return rows
