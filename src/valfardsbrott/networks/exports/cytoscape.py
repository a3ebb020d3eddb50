"""Cytoscape JSON (``.cyjs``): opened by Cytoscape, and drawn by Cytoscape.js."""

from __future__ import annotations

import json

from valfardsbrott.networks.exports.content import Content
from valfardsbrott.networks.exports.graph import graph


def write(content: Content) -> str:
    """``elements`` with ``nodes`` and ``edges``; ``name`` is what is shown."""
    import networkx as nx

    found = nx.cytoscape_data(graph(content), name="label")
    found["data"] = {"name": content.title, "note": content.note}
    return json.dumps(found, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
