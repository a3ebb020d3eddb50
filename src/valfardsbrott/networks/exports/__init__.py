"""Networks in the formats of the tools that investigators have: one file a format, listed in EXPORTS."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from valfardsbrott.networks.exports import cytoscape, ftm, gexf, graphml, i2
from valfardsbrott.networks.exports.content import Content

#: Text as it is to be written, or a table that becomes CSV.
File = str | i2.Table


@dataclass(frozen=True)
class Export:
    """``files``: what each file is called after the name that was asked for ("" is that name itself), and its maker."""

    name: str
    files: Mapping[str, Callable[[Content], File]]


EXPORTS: tuple[Export, ...] = (
    Export("graphml", {"": graphml.write}),
    Export("gexf", {"": gexf.write}),
    Export("cytoscape", {"": cytoscape.write}),
    Export("ftm", {"": ftm.write}),
    Export("i2", {"-entities": i2.entities, "-links": i2.links}),
)
