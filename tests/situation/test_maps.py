"""Maps: any GeoJSON, joined by name or code; what is held back is hatched and is in no number of the drawing."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from valfardsbrott.domain import Failure
from valfardsbrott.review.situation import maps
from valfardsbrott.review.situation.config import MapConfig, load

WORDS = {"hidden": "visas inte", "outside": "ingår inte"}


def square(name: str, x: float, y: float, wide: float = 1.0, **more: Any) -> dict[str, Any]:
    ring = [[x, y], [x + wide, y], [x + wide, y + wide], [x, y + wide], [x, y]]
    return {
        "type": "Feature",
        "properties": {"name": name, **more},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }


def geojson(folder: Path, *features: dict[str, Any]) -> Path:
    path = folder / "districts.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    return path


def fills(svg: str) -> list[str]:
    """Fill of each area, in the order of the areas' names."""
    root = etree.fromstring(svg.encode())
    return [path.get("fill", "") for path in root.iterfind("{*}path")]


def test_districts_are_joined_by_name_whatever_the_case_and_shaded_by_value(tmp_path: Path) -> None:
    file = geojson(
        tmp_path, square("NORRSTAD", 18, 59), square("Söderstads stadsdelsområde", 19, 59), square("Ön", 20, 59)
    )
    config = MapConfig(file=file)
    drawn = maps.draw(maps.read(config), {"Norrstad": 9, "Söderstad": None}, config, "Karta", WORDS)
    assert fills(drawn.svg) == [maps.SHADES[1], "url(#hatch)", "#ffffff"]
    assert drawn.unmatched == ()
    assert "visas inte" in drawn.svg
    assert "ingår inte" in drawn.svg


def test_areas_are_joined_by_a_code_and_several_to_one_district(tmp_path: Path) -> None:
    file = geojson(
        tmp_path, square("a", 18, 59, kod="01"), square("b", 19, 59, kod="02"), square("c", 20, 59, kod="03")
    )
    config = MapConfig(file=file, property="kod", areas={"Norrstad": ["01", "03"], "Söderstad": ["99"]})
    drawn = maps.draw(maps.read(config), {"Norrstad": 0, "Söderstad": 4}, config, "Karta", WORDS)
    assert fills(drawn.svg) == [maps.SHADES[0], "#ffffff", maps.SHADES[0]]
    assert drawn.unmatched == ("Söderstad",)


def test_degrees_are_narrower_in_the_north_and_metres_are_not(tmp_path: Path) -> None:
    def shape(x: float, y: float, wide: float) -> float:
        config = MapConfig(file=geojson(tmp_path, square("a", x, y, wide)))
        path = re.search(
            r'<path d="M([0-9. L]+)Z" fill="#eef3f8"', maps.draw(maps.read(config), {"a": 0}, config, "", WORDS).svg
        )
        assert path
        points = [tuple(map(float, point.split())) for point in path[1].split("L")]
        xs, ys = [x for x, _ in points], [y for _, y in points]
        return (max(xs) - min(xs)) / (max(ys) - min(ys))

    assert shape(18, 59.5, 1) == pytest.approx(0.5, abs=0.01)  # cos 60
    assert shape(674_000, 6_580_000, 1000) == pytest.approx(1, abs=0.01)  # SWEREF 99


@pytest.mark.parametrize("text", ["{", "[]", '{"features": []}', '{"features": [{"properties": {"x": 1}}]}'])
def test_what_is_no_map_is_told_in_one_line(tmp_path: Path, text: str) -> None:
    file = tmp_path / "districts.geojson"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(Failure, match=r"is no map|no polygons"):
        maps.read(MapConfig(file=file))


def test_a_name_cannot_put_markup_into_the_drawing(tmp_path: Path) -> None:
    file = geojson(tmp_path, square("<script>", 18, 59))
    config = MapConfig(file=file)
    drawn = maps.draw(maps.read(config), {"<script>": 3}, config, "<b>&", WORDS)
    assert "<script>" not in drawn.svg
    assert etree.fromstring(drawn.svg.encode()).get("aria-label") == "<b>&"


def test_the_districts_of_stockholm(shared_data: Callable[[str], Path]) -> None:
    config = MapConfig(
        file=shared_data("stockholm") / "stadsdelar.geo.json", areas={"Rinkeby-Kista": ["RINKEBY", "KISTA"]}
    )
    areas = maps.read(config)
    assert len(areas) == 117
    values = {"Rinkeby-Kista": 12, "Södermalm": None, "Farsta": 3, "Bagarmossen": 0}
    drawn = maps.draw(areas, values, config, "Karta", WORDS)
    assert drawn.unmatched == ()
    shades = fills(drawn.svg)
    assert len(shades) == 117
    assert shades.count("url(#hatch)") == 1
    assert shades.count(maps.SHADES[2]) == 2
    assert len(drawn.svg) < 150_000
    assert drawn == maps.draw(areas, values, config, "Karta", WORDS)


def test_a_wrong_field_of_the_configuration_is_named(tmp_path: Path) -> None:
    file = tmp_path / "situation.yaml"
    for text, told in (("stad: X", "stad"), ("least_providers: 1", "least_providers"), ("[", "cannot be read")):
        file.write_text(text, encoding="utf-8")
        with pytest.raises(Failure, match=told):
            load(file)
    file.write_text("city: Exempelstad\nmap: {file: d.geojson}", encoding="utf-8")
    made = load(file)
    assert (made.city, made.map.file if made.map else None) == ("Exempelstad", tmp_path.resolve() / "d.geojson")
