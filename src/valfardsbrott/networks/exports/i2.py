"""Two tables for the import of i2 Analyst's Notebook: entities, and links between them."""

from __future__ import annotations

from valfardsbrott.networks.exports.content import DIRECTED, Content, Link

Table = list[list[str | float | int]]

#: Node types by the names of the notebook's standard entity types.
TYPES = {
    "provider": "Organization", "person": "Person", "address": "Address", "account": "Account", "phone": "Telephone",
    "email": "E-mail", "device": "Device", "certificate": "Document",
}  # fmt: skip
ENTITY_COLUMNS = ("entity_id", "type", "label", "identifier", "role", "network_id")
LINK_COLUMNS = (
    "link_id", "end1_id", "end2_id", "type", "label", "direction", "strength", "start_date", "end_date", "nats",
    "p_value", "used_by", "discounted", "roles", "source_table", "source_rows",
)  # fmt: skip


def entities(content: Content) -> Table:
    """A row for each node under a header; ``entity_id`` is what the links' ends name."""
    rows: Table = [list(ENTITY_COLUMNS)]
    for node in content.nodes:
        kind = TYPES.get(node.node_type, node.node_type)
        rows.append([node.key, kind, node.label, node.node_id, node.role, node.network_id])
    return rows


def links(content: Content) -> Table:
    """A row for each link under a header. ``strength`` is what the notebook draws: Confirmed (a full line) for a link
    that counts, Tentative (a dotted one) for one that is discounted. It says how much a link counts, not that any of
    it is wrong.
    """
    return [list(LINK_COLUMNS), *(_link(link) for link in content.links)]


def _link(link: Link) -> list[str | float | int]:
    strength = "Tentative" if link.discounted else "Confirmed"
    return [
        link.link_id, link.source, link.target, link.link_type, link.label, _direction(link), strength,
        link.started.isoformat() if link.started else "", link.ended.isoformat() if link.ended else "", link.nats,
        "" if link.p_value is None else link.p_value, link.used_by, link.discounted, "; ".join(link.roles),
        link.source_table, "; ".join(link.source_rows),
    ]  # fmt: skip


def _direction(link: Link) -> str:
    onward = DIRECTED.get(link.link_type)
    return "none" if onward is None else "end1_to_end2" if onward else "end2_to_end1"
