"""A network: the graph, the same as a table, its card, each link's source rows, notes, files for other tools."""

from __future__ import annotations

import csv
import io
from typing import Annotated

from fastapi import APIRouter, Form, Query
from fastapi.responses import Response

from valfardsbrott.domain import cell
from valfardsbrott.networks.exports import EXPORTS
from valfardsbrott.review import graph, profile, rows
from valfardsbrott.review.graph_drawing import drawing
from valfardsbrott.review.models import GraphNote
from valfardsbrott.web.problems import Problem
from valfardsbrott.web.visit import In, Visit

router = APIRouter(prefix="/networks/{network_id}")
PAGE = 100
#: What can be taken home: name in the address -> format, which of its files, ending, media type.
FILES: dict[str, tuple[str, str, str, str]] = {
    "graphml": ("graphml", "", "graphml", "application/xml"),
    "gexf": ("gexf", "", "gexf", "application/xml"),
    "ftm": ("ftm", "", "ftm.json", "application/x-ndjson"),
    "cytoscape": ("cytoscape", "", "cyjs", "application/json"),
    "i2-entities": ("i2", "-entities", "csv", "text/csv; charset=utf-8"),
    "i2-links": ("i2", "-links", "csv", "text/csv; charset=utf-8"),
}


@router.get("", name="network")
def show(visit: In, network_id: str, kind: str = "", page: Annotated[int, Query(ge=1)] = 1) -> Response:
    found = _network(visit, network_id)
    links = [link for link in found.content.links if not kind or link.link_type == kind]
    links.sort(key=lambda link: (-link.nats, link.link_id))
    pages = max(1, -(-len(links) // PAGE))
    at = min(page, pages)
    notes, kept = graph.notes(visit.db, network_id), graph.layout(visit.db, network_id, visit.user)
    return visit.page(
        "network.html.j2", network=found, id=network_id, labels={each.key: each.label for each in found.content.nodes},
        links=links[(at - 1) * PAGE : at * PAGE], matching=len(links), page=at, pages=pages, kind=kind,
        kinds=sorted({(link.link_type, link.label) for link in found.content.links}),
        node_kinds=sorted({each.node_type for each in found.content.nodes}),
        notes=notes, files=FILES, card=("reasons", "discounts", "checks", "changes"),
        members=profile.members(visit.db, network_id, visit.user),
        drawing=drawing(found, notes, kept.positions if kept else {}, visit.words),
    )  # fmt: skip


@router.get("/picture", name="network_picture")
def picture(visit: In, network_id: str) -> Response:
    """The drawing as SVG, made here: the same for everybody who may see the same."""
    from valfardsbrott.networks.layout import draw

    found = _network(visit, network_id)
    names = {each.node_id: each.label for each in found.content.nodes if each.node_type == "provider"}
    drawn = draw(found.members, found.links, names, "en" if visit.language == "en" else "sv")
    return Response(drawn, media_type="image/svg+xml")


@router.get("/files/{form}", name="network_file")
def file(visit: In, network_id: str, form: str) -> Response:
    if form not in FILES:
        raise Problem(404, "missing")
    name, part, ending, media = FILES[form]
    export = next(each for each in EXPORTS if each.name == name)
    made = export.files[part](_network(visit, network_id).content)
    headers = {"content-disposition": f'attachment; filename="network{part}.{ending}"'}
    visit.log("export_network", "network", network_id, format=form)
    return Response(made if isinstance(made, str) else _csv(made), media_type=media, headers=headers)


@router.get("/links/{link_id}", name="network_link")
def link(
    visit: In, network_id: str, link_id: str, sort: str = "", find: str = "", page: Annotated[int, Query(ge=1)] = 1
) -> Response:
    """What stands behind one link: days, how surprising it is, and its source rows."""
    found = _network(visit, network_id)
    shown = found.link(link_id)
    if shown is None:
        raise Problem(404, "missing")
    behind = rows.of_link(visit.settings.store_folder, found.month, shown.source_table, shown.source_rows, visit.user)
    if behind:
        visit.log("read_rows", "network", network_id, link=link_id, month=found.month, rows=behind[0].num_rows)
    return visit.page(
        "network_link.html.j2", network=found, id=network_id, link=shown, sort=sort, find=find,
        labels={each.key: each.label for each in found.content.nodes},
        rows=rows.page(*behind, rows.View(sort, find, page)) if behind else None,
    )  # fmt: skip


@router.post("/layout", name="network_layout")
def keep_layout(visit: In, network_id: str, positions: Annotated[str, Form()] = "") -> Response:
    graph.save_layout(visit.db, network_id, visit.user, positions)
    visit.flash("network.layout_kept")
    return visit.to("network", network_id=network_id)


@router.post("/notes", name="network_note")
def note(
    visit: In, network_id: str, target: Annotated[str, Form()] = "", text: Annotated[str, Form()] = ""
) -> Response:
    graph.add_note(visit.db, _network(visit, network_id), visit.user, target, text)
    return visit.on(visit.url("network", network_id=network_id) + "#notes")


@router.post("/notes/{note_id}/remove", name="network_note_remove")
def remove_note(visit: In, network_id: str, note_id: int) -> Response:
    found = visit.db.get(GraphNote, note_id)
    if found is None or found.network_id != network_id:
        raise Problem(404, "missing")
    graph.remove_note(found, visit.user)
    return visit.on(visit.url("network", network_id=network_id) + "#notes")


def _network(visit: Visit, network_id: str) -> graph.Network:
    found = graph.network(visit.db, visit.settings, network_id, visit.user, visit.words)
    if found is None:
        raise Problem(404, "network_gone")
    return found


def _csv(table: list[list[str | float | int]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows([cell(value) for value in row] for row in table)
    return f"\ufeff{text.getvalue()}"
