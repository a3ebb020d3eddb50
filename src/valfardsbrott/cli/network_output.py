"""What the commands about networks print."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from valfardsbrott.stages.language import Language
    from valfardsbrott.stages.link_list import Listed
    from valfardsbrott.stages.paths import Entity, Evidence, Paths, Step

#: Source rows shown of each link; --json has all that the link keeps.
_ROWS = 3


def show_exported(network_id: str, files: Sequence[Path], words: Language) -> None:
    typer.echo(words.text("export.done", id=network_id, files=", ".join(map(str, files))))


def show_paths(found: Paths, words: Language) -> None:
    """Each way step by step: the two ends, what joins them, since when, and the rows that say so."""
    ends = {"start": _entity(found.start, words), "goal": _entity(found.goal, words), "month": found.month}
    if found.start == found.goal:
        typer.echo(words.text("path.same", **ends))
        return
    typer.echo(words.text("path.headline" if found.ways else "path.none", **ends))
    for number, way in enumerate(found.ways, 1):
        typer.echo(f"\n{words.text('path.way', number=number, steps=len(way))}")
        for step in way:
            _step(step, words)
    if found.ways:
        typer.echo(f"\n{words.text('path.remember')}")


def show_link_list(found: Listed, words: Language) -> None:
    counts = {"links": found.links, "sources": found.sources, "month": found.month}
    typer.echo(words.text("link_list.done", **counts, networks=found.networks, pairs=found.pairs))
    if found.left_out:
        typer.echo(words.text("link_list.left_out", count=found.left_out))
    typer.echo(words.text("link_list.files", files=", ".join(map(str, found.files))))
    typer.echo(words.text("link_list.remember"))


def _step(step: Step, words: Language) -> None:
    kinds = ", ".join(dict.fromkeys(words.word("link_type", link.link_type) for link in step.links))
    ends = {"source": _entity(step.start, words), "target": _entity(step.goal, words)}
    typer.echo(f"  {words.text('path.step', type=kinds, **ends)}")
    for link in step.links:
        typer.echo(f"      {_evidence(link, words)}")


def _evidence(link: Evidence, words: Language) -> str:
    unknown = words.text("path.unknown")
    days = words.text("path.days", first=link.first_seen or unknown, last=link.last_seen or unknown)
    rows = ", ".join(link.source_rows[:_ROWS]) + (" ..." if link.rows > _ROWS else "")
    return f"{words.word('link_type', link.link_type)}: {days}; {link.source_table} {rows}".rstrip()


def _entity(entity: Entity, words: Language) -> str:
    if entity.name:
        return f"{entity.name} ({entity.entity_id})"
    return f"{words.word('node_type', entity.entity_type)} {entity.entity_id}"
