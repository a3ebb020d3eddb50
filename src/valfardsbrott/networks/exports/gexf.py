"""GEXF 1.2, Gephi's own: links have their first and last day, so that its timeline works."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

from valfardsbrott.networks.exports.content import Content
from valfardsbrott.networks.exports.graph import graph


def write(content: Content) -> str:
    """One graph. The file is dated the last of its month: the writer's own date, today, would change the bytes."""
    import networkx as nx

    made = graph(content)
    made.graph["mode"] = "dynamic"
    writer: Any = nx.readwrite.gexf.GEXFWriter(made)
    meta = writer.xml.find("meta")
    meta.set("lastmodifieddate", content.day.isoformat())
    meta.find("creator").text = "valfardsbrott"
    ElementTree.SubElement(meta, "description").text = content.note
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{writer}\n'
