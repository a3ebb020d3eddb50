"""A map of districts as SVG: shades for values, hatching for what is held back; any GeoJSON, joined by name or code."""

from __future__ import annotations

import json
import math
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from valfardsbrott.domain import EXIT_USAGE, Failure
from valfardsbrott.review.situation.config import MapConfig

WIDTH = 640
#: From light to dark, one hue: told apart by people who see colours differently, and in black and white.
SHADES = ("#eef3f8", "#c6dbef", "#6baed6", "#2171b5", "#08306b")
_NAMES = ("name", "namn", "NAMN", "district", "stadsdel", "code", "kod")
#: Points nearer to one another than this many pixels are drawn as one.
_NEAR = 0.7

Ring = list[tuple[float, float]]


@dataclass(frozen=True)
class Area:
    """An area of the map and its rings, in the file's coordinates."""

    name: str
    rings: list[Ring]


@dataclass(frozen=True)
class Drawn:
    """``svg``; ``unmatched``: districts that are not on the map."""

    svg: str
    unmatched: tuple[str, ...]


def read(config: MapConfig) -> list[Area]:
    """The areas of a GeoJSON file of polygons. Failure where it holds none, or no property names them."""
    try:
        features = json.loads(config.file.read_text(encoding="utf-8"))["features"]
        named = config.property or next(name for name in _NAMES if all(name in _of(one) for one in features))
        areas = [Area(str(_of(one)[named]), _rings(one.get("geometry") or {})) for one in features]
    except (OSError, ValueError, KeyError, TypeError, StopIteration) as error:
        raise Failure(
            f"{config.file} is no map ({type(error).__name__})",
            "A GeoJSON FeatureCollection of polygons, with a property that names each; set map.property",
            EXIT_USAGE,
        ) from None
    if not any(area.rings for area in areas):
        raise Failure(f"{config.file} holds no polygons", "Choose the file with the districts' areas", EXIT_USAGE)
    return areas


def draw(
    areas: Sequence[Area], values: Mapping[str, int | None], config: MapConfig, title: str, words: Mapping[str, str]
) -> Drawn:
    """Areas shaded by the value of their district; None is held back. ``words``: hidden, outside.

    A district with several areas on the map shades them all alike.
    """
    known = {_plain(area.name) for area in areas}
    of: dict[str, str] = {}
    for district in values:
        for name in config.areas.get(district, [district]):
            of[_plain(name)] = district
    unmatched = tuple(sorted(one for one in values if not {k for k, v in of.items() if v == one} & known))
    bounds = _breaks([value for value in values.values() if value])
    x0, y0, scale, height = _frame(areas)
    squeeze = _squeeze(areas)

    def at(x: float, y: float) -> tuple[float, float]:
        return (x * squeeze - x0) * scale + 8, height - (y - y0) * scale - 8

    shapes = []
    for area in sorted(areas, key=lambda one: one.name):
        name = _plain(area.name)
        fill = _fill(values[of[name]], bounds) if name in of else "#ffffff"
        shapes.append(f'<path d="{_path(area.rings, at)}" fill="{fill}" stroke="#5b6875" stroke-width="0.6"/>')
    key, deep = _legend(bounds, height, words, hidden=None in values.values(), outside=len(of) < len(areas))
    size = f'viewBox="0 0 {WIDTH} {deep:.0f}" width="{WIDTH}" height="{deep:.0f}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-label="{escape(title, quote=True)}">'
    return Drawn(f"{head}{_HATCH}{''.join(shapes)}{key}</svg>", unmatched)


_HATCH = (
    '<defs><pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse">'
    '<rect width="6" height="6" fill="#ffffff"/>'
    '<path d="M0 6L6 0M-1 1L1 -1M5 7L7 5" stroke="#3b4650"/>'
    "</pattern></defs>"
)


def _of(feature: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = feature.get("properties") or {}
    return found


def _rings(geometry: dict[str, Any]) -> list[Ring]:
    kind, coordinates = geometry.get("type"), geometry.get("coordinates", [])
    polygons = [coordinates] if kind == "Polygon" else coordinates if kind == "MultiPolygon" else []
    return [[(float(point[0]), float(point[1])) for point in ring] for polygon in polygons for ring in polygon]


def _plain(name: str) -> str:
    """A name as it is joined by: case, accents of other languages and the word for district do not count.

    >>> _plain("SÖDERMALMS stadsdelsområde") == _plain("Södermalm")
    True
    """
    folded = unicodedata.normalize("NFC", " ".join(name.casefold().split()))
    for ending in (" stadsdelsområde", " stadsdelsnämnd", " stadsdel"):
        if folded.endswith(ending):
            folded = folded.removesuffix(ending).removesuffix("s")
    return folded


def _points(areas: Sequence[Area]) -> list[tuple[float, float]]:
    return [point for area in areas for ring in area.rings for point in ring]


def _squeeze(areas: Sequence[Area]) -> float:
    """Degrees of longitude are shorter in the north: an equirectangular map true at its own middle. Metres stay."""
    points = _points(areas)
    if any(abs(x) > 180 or abs(y) > 90 for x, y in points):
        return 1.0
    return math.cos(math.radians((min(y for _, y in points) + max(y for _, y in points)) / 2))


def _frame(areas: Sequence[Area]) -> tuple[float, float, float, float]:
    points, squeeze = _points(areas), _squeeze(areas)
    xs, ys = [x * squeeze for x, _ in points], [y for _, y in points]
    wide, tall = (max(xs) - min(xs)) or 1.0, (max(ys) - min(ys)) or 1.0
    scale = min((WIDTH - 16) / wide, 620 / tall)
    return min(xs), min(ys), scale, tall * scale + 16


def _path(rings: Sequence[Ring], at: Any) -> str:
    pieces = []
    for ring in rings:
        kept: list[tuple[float, float]] = []
        for point in (at(x, y) for x, y in ring):
            if not kept or math.dist(kept[-1], point) >= _NEAR:
                kept.append(point)
        if len(kept) > 2:
            pieces.append("M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in kept) + "Z")
    return "".join(pieces)


def _breaks(values: Sequence[int]) -> list[int]:
    """Upper bounds of the shades above nought, about as many districts in each."""
    if not values:
        return []
    ordered, shades = sorted(values), len(SHADES) - 1
    return sorted({ordered[math.ceil(len(ordered) * at / shades) - 1] for at in range(1, shades + 1)})


def _fill(value: int | None, bounds: Sequence[int]) -> str:
    if value is None:
        return "url(#hatch)"
    return SHADES[next((at for at, bound in enumerate(bounds, 1) if value <= bound), len(bounds)) if value else 0]


def _legend(
    bounds: Sequence[int], top: float, words: Mapping[str, str], *, hidden: bool, outside: bool
) -> tuple[str, float]:
    rows, low = [(SHADES[0], "0")], 1
    for at, bound in enumerate(bounds, 1):
        rows.append((SHADES[at], str(bound) if bound == low else f"{low}–{bound}"))
        low = bound + 1
    rows += [("url(#hatch)", words["hidden"])] if hidden else []
    rows += [("#ffffff", words["outside"])] if outside else []
    drawn, y = [], top + 10
    for fill, told in rows:
        drawn.append(
            f'<rect x="8" y="{y:.0f}" width="26" height="15" fill="{fill}" stroke="#5b6875" stroke-width="0.6"/>'
            f'<text x="42" y="{y + 12:.0f}" font-size="13" font-family="Libertinus Serif">{escape(told)}</text>'
        )
        y += 21
    return "".join(drawn), y + 4
