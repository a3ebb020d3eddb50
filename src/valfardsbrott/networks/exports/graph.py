"""Networks as a networkx graph: what the formats that networkx writes are made from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from valfardsbrott.networks.exports.content import Content, Link, Node

if TYPE_CHECKING:
    import networkx as nx

#: Weight of a link that counts nothing: layouts need one above 0, or they lose the link.
LEAST_WEIGHT = 0.1

Attributes = dict[str, str | float | int]


def graph(content: Content) -> nx.MultiGraph:
    """Undirected, since a tie is what two have in common; several links between two nodes stay apart.

    Attributes that a link lacks are absent. ``start`` and ``end`` are ISO days; ``nats`` is what a link counts.
    """
    import networkx as nx

    made = nx.MultiGraph(name=content.title, note=content.note)
    for node in content.nodes:
        made.add_node(node.key, **_node(node))
    for link in content.links:
        made.add_edge(link.source, link.target, key=link.link_id, **_link(link))
    return made


def _node(node: Node) -> Attributes:
    return {
        "label": node.label, "node_type": node.node_type, "node_id": node.node_id, "role": node.role,
        "network_id": node.network_id,
    }  # fmt: skip


def _link(link: Link) -> Attributes:
    found: Attributes = {
        "id": link.link_id, "label": link.label, "link_type": link.link_type,
        "weight": max(link.nats, LEAST_WEIGHT), "nats": link.nats, "used_by": link.used_by,
        "source_table": link.source_table, "source_rows": "; ".join(link.source_rows),
    }  # fmt: skip
    if link.p_value is not None:
        found["p_value"] = link.p_value
    optional = {
        "start": link.started and link.started.isoformat(),
        "end": link.ended and link.ended.isoformat(),
        "discounted": link.discounted,
        "roles": "; ".join(link.roles),
    }
    return found | {name: text for name, text in optional.items() if text}
