"""A flagged network as a drawing: node kinds differ by shape, letter and colour, so they hold in grey print as well."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any, Literal

import networkx as nx

from valfardsbrott.networks.links import COUNT_TYPES

Rows = Sequence[Mapping[str, Any]]
Language = Literal["sv", "en"]
Point = tuple[float, float]

#: Shared workers and recipients are drawn as one line with their number; more values than this are left to the table.
MOST_VALUES = 40
#: Letters stand out from the lines that they cross.
_HALO = 'paint-order="stroke" stroke="#fff" stroke-width="3"'
_WIDTH, _HEIGHT, _MARGIN, _LEGEND = 720, 460, 60, 40
#: Colour (told apart by the colour-blind, light enough for black letters), letter, corners (0: round; -3: on a point).
_KINDS: dict[str, tuple[str, str, int]] = {
    "provider": ("#56b4e9", "", 4), "person": ("#ffffff", "P", 0), "address": ("#e69f00", "A", 3),
    "account": ("#f0e442", "K", 4), "phone": ("#cc79a7", "T", 6), "email": ("#d0d0d0", "E", 5),
    "device": ("#5ec9a8", "M", 8), "payee": ("#f5b08a", "B", 4), "certificate": ("#a6bddb", "C", -3),
}  # fmt: skip
_WORDS: dict[str, dict[str, str]] = {
    "sv": {
        "provider": "leverantör", "person": "person", "address": "adress", "account": "konto", "phone": "telefon",
        "email": "e-post", "device": "enhet", "payee": "mottagare", "certificate": "intyg", "staff": "anställda",
        "recipient": "brukare",
        "staff_1": "anställd", "recipient_1": "brukare",
        "title": "Nätverk med {providers} leverantörer och {values} gemensamma uppgifter",
        "dashed": "streckad linje: räknas inte",
    },
    "en": {
        "provider": "provider", "person": "person", "address": "address", "account": "account", "phone": "phone",
        "email": "e-mail", "device": "device", "payee": "payee", "certificate": "certificate", "staff": "workers",
        "recipient": "recipients",
        "staff_1": "worker", "recipient_1": "recipient",
        "title": "Network of {providers} providers and {values} things in common",
        "dashed": "dashed line: not counted",
    },
}  # fmt: skip


def draw(members: Rows, links: Rows, names: Mapping[str, str], language: Language = "sv") -> str:
    """One network as an SVG element (text), the same bytes for the same rows whatever their order.

    ``members`` and ``links`` are the network's rows of network_members and network_links; ``names`` are shown for its
    providers, by org_number (else the number). Persons have no name and no pseudonym in the drawing. Line width grows
    with evidence; what counts nothing is dashed. Shared workers and recipients are a line between two providers with
    their number.
    """
    kinds = _nodes(members, links)
    graph = _graph(kinds, links)
    places = _places(graph, kinds)
    words = _WORDS[language]
    providers = [node for node, kind in kinds.items() if kind == "provider"]
    title = words["title"].format(providers=len(providers), values=len(kinds) - len(providers))
    lines = [_line(graph.edges[a, b], places[a], places[b], words) for a, b in graph.edges]
    parts = [line for line, _ in lines] + [label for _, label in lines]
    parts += [_mark(kind, places[node], names.get(node, node)) for node, kind in kinds.items()]
    box = f'viewBox="0 0 {_WIDTH} {_HEIGHT + _LEGEND}" width="{_WIDTH}" height="{_HEIGHT + _LEGEND}"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {box} role="img" aria-label="{escape(title)}" font-size="12">'
        f"<title>{escape(title)}</title>{''.join(parts)}{_legend(kinds, links, words)}</svg>"
    )


def _nodes(members: Rows, links: Rows) -> dict[str, str]:
    """Kind by node id: providers, then the values drawn, strongest first while there is room."""
    providers = sorted(row["node_id"] for row in members if row["role"] == "member")
    evidence: Counter[str] = Counter()
    kinds: dict[str, str] = {}
    for row in links:
        if row["link_type"] not in COUNT_TYPES and row["target_id"] not in providers:
            evidence[row["target_id"]] += row["weight"]
            kinds[row["target_id"]] = "payee" if row["node_type"] == "provider" else row["node_type"]
    strongest = sorted(evidence, key=lambda node: (-evidence[node], node))[:MOST_VALUES]
    return dict.fromkeys(providers, "provider") | {node: kinds[node] for node in sorted(strongest)}


def _graph(kinds: Mapping[str, str], links: Rows) -> nx.Graph:
    graph = nx.Graph()
    graph.add_nodes_from(kinds)
    for row in sorted(
        links, key=lambda row: (row["source_id"], row["target_id"], row["link_type"], row["source_table"])
    ):
        if row["source_id"] in kinds and row["target_id"] in kinds and row["source_id"] != row["target_id"]:
            edge = graph.edges.get((row["source_id"], row["target_id"]), {"weight": 0.0})
            weight = max(edge["weight"], float(row["weight"]))
            graph.add_edge(row["source_id"], row["target_id"], weight=weight, people={})
    for (a, b), people in _people(links).items():
        if a in kinds and b in kinds:
            graph.add_edge(a, b, weight=6.0, people=people)
    return graph


def _people(links: Rows) -> dict[tuple[str, str], dict[str, int]]:
    """Number of shared workers and recipients for each pair of providers that share any."""
    users: dict[tuple[str, str], set[str]] = {}
    for row in links:
        if row["link_type"] in COUNT_TYPES:
            users.setdefault((row["link_type"], row["target_id"]), set()).add(row["source_id"])
    pairs: dict[tuple[str, str], Counter[str]] = {}
    for (link_type, _), orgs in users.items():
        ordered = sorted(orgs)
        for at, a in enumerate(ordered):
            for b in ordered[at + 1 :]:
                pairs.setdefault((a, b), Counter())[link_type] += 1
    return {pair: dict(sorted(counts.items())) for pair, counts in sorted(pairs.items())}


def _places(graph: nx.Graph, kinds: Mapping[str, str]) -> dict[str, Point]:
    """Where each node stands, in whole pixels: no seed, no clock, and no digits that differ between machines.

    Providers stand on an ellipse, next to those that they share most with; what they share stands between its users,
    never on top of anything, so that no name is hidden.
    """
    ring = _in_turn(graph, [node for node, kind in kinds.items() if kind == "provider"])
    places: dict[str, Point] = {}
    for turn, node in enumerate(ring):
        angle = math.pi * (1 + 2 * turn / len(ring))
        reach = (_WIDTH / 2 - 100, _HEIGHT / 2 - 60) if len(ring) > 1 else (0, 0)
        places[node] = (round(_WIDTH / 2 + reach[0] * math.cos(angle)), round(_HEIGHT / 2 + reach[1] * math.sin(angle)))
    for node in kinds:
        if node not in places:
            places[node] = _free(_between([places[org] for org in sorted(graph[node]) if org in ring]), places)
    return places


def _in_turn(graph: nx.Graph, providers: list[str]) -> list[str]:
    """Each provider beside the one, of those left, that shares most with it; ties by id."""
    left, ring = sorted(providers), list[str]()
    while left:
        last = set(graph[ring[-1]]) if ring else set()
        ring.append(min(left, key=lambda node: (-len(last & set(graph[node])), node)))
        left.remove(ring[-1])
    return ring


def _between(users: Sequence[Point]) -> Point:
    """The middle of the users; of one user, a place further in."""
    if not users:
        return (_WIDTH / 2, _HEIGHT / 2)
    x, y = (sum(point[axis] for point in users) / len(users) for axis in (0, 1))
    return ((x + _WIDTH / 2) / 2, (y + _HEIGHT / 2) / 2) if len(users) == 1 else (x, y)


def _free(wanted: Point, taken: Mapping[str, Point]) -> Point:
    """The first place on a spiral from the one wanted that is clear of all others, their names and the middle."""
    for step in range(1, 400):
        angle, reach = step * 2.4, 15 * math.sqrt(step)
        x = round(min(max(wanted[0] + reach * math.cos(angle), _MARGIN / 2), _WIDTH - _MARGIN / 2))
        y = round(min(max(wanted[1] + reach * math.sin(angle), _MARGIN / 2), _HEIGHT - _MARGIN / 2))
        if all(abs(x - a) >= 34 or abs(y - b) >= 34 for a, b in taken.values()):
            return (x, y)
    return wanted


def _line(edge: Mapping[str, Any], a: Point, b: Point, words: Mapping[str, str]) -> tuple[str, str]:
    """The line, and its label to be drawn above all lines."""
    dashed = ' stroke-dasharray="4 4"' if edge["weight"] <= 0 else ""
    width = round(1 + min(edge["weight"], 18) / 6, 1)
    line = f'<line x1="{a[0]}" y1="{a[1]}" x2="{b[0]}" y2="{b[1]}" stroke="#555" stroke-width="{width}"{dashed}/>'
    told = ", ".join(f"{count} {words[name if count > 1 else f'{name}_1']}" for name, count in edge["people"].items())
    middle = f'x="{(a[0] + b[0]) / 2:g}" y="{(a[1] + b[1]) / 2 - 4:g}"'
    return line, f'<text {middle} text-anchor="middle" font-size="11" {_HALO}>{escape(told)}</text>' if told else ""


def _mark(kind: str, at: Point, name: str) -> str:
    shape = _shape(kind, at)
    x, y = at
    letter = _KINDS[kind][1]
    if kind != "provider":
        return f'{shape}<text x="{x:g}" y="{y + 4:g}" text-anchor="middle" font-size="11">{letter}</text>'
    label = name if len(name) <= 24 else name[:23] + "…"
    return (
        f'{shape}<text x="{x:g}" y="{y + 26:g}" text-anchor="middle" font-weight="bold" {_HALO}>{escape(label)}</text>'
    )


def _shape(kind: str, at: Point) -> str:
    colour, _, corners = _KINDS[kind]
    style = f'fill="{colour}" stroke="#222" stroke-width="{2 if kind == "provider" else 1}"'
    x, y = at
    if kind == "provider":
        return f'<rect x="{x - 13:g}" y="{y - 13:g}" width="26" height="26" rx="3" {style}/>'
    if corners == 0:
        return f'<circle cx="{x:g}" cy="{y:g}" r="10" {style}/>'
    points = " ".join(f"{x + dx:g},{y + dy:g}" for dx, dy in _CORNERS[corners])
    return f'<polygon points="{points}" {style}/>'


_CORNERS: dict[int, tuple[tuple[int, int], ...]] = {
    3: ((0, -13), (12, 9), (-12, 9)),
    -3: ((0, 13), (12, -9), (-12, -9)),
    4: ((0, -12), (12, 0), (0, 12), (-12, 0)),
    5: ((0, -12), (12, -3), (7, 10), (-7, 10), (-12, -3)),
    6: ((-6, -11), (6, -11), (12, 0), (6, 11), (-6, 11), (-12, 0)),
    8: ((-5, -11), (5, -11), (11, -5), (11, 5), (5, 11), (-5, 11), (-11, 5), (-11, -5)),
}


def _legend(kinds: Mapping[str, str], links: Rows, words: Mapping[str, str]) -> str:
    used = [kind for kind in _KINDS if kind in set(kinds.values())]
    parts, y = [], _HEIGHT + _LEGEND / 2
    for place, kind in enumerate(used):
        x = round(20 + place * min(95, (_WIDTH - 20) / len(used)))
        parts.append(_shape(kind, (x, y)))
        letter = _KINDS[kind][1]
        parts.append(
            f'<text x="{x}" y="{y + 4:g}" text-anchor="middle" font-size="11">{letter}</text>' if letter else ""
        )
        parts.append(f'<text x="{x + 18}" y="{y + 4:g}">{words[kind]}</text>')
    if any(row["weight"] <= 0 for row in links):
        parts.append(f'<text x="{_WIDTH - 10}" y="{_HEIGHT - 6}" text-anchor="end">{words["dashed"]}</text>')
    return "".join(parts)
