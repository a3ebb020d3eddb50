"""GraphML: read by Gephi, yEd, igraph, Cytoscape and most others."""

from __future__ import annotations

from valfardsbrott.networks.exports.content import Content
from valfardsbrott.networks.exports.graph import graph


def write(content: Content) -> str:
    """One graph with typed attributes; a missing attribute has no element."""
    import networkx as nx

    lines = nx.generate_graphml(graph(content), named_key_ids=True, edge_id_from_attribute="id")
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + "\n".join(lines) + "\n"
