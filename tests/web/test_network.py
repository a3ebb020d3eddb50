"""The network page: table and card without script, people of other boards held back, files, layouts and notes."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from fastapi import FastAPI
from sqlalchemy import select

from valfardsbrott.review.models import AuditEntry, GraphLayout, GraphNote
from valfardsbrott.review.settings import ReviewSettings

Visitor = Any
NETWORK = "n-2026-10-00000001"
PAGE = f"/networks/{NETWORK}"
GRANSBO, EKDAL = "0029000015", "0029000031"
WORKER, PHONE = "p" + "0a" * 16, "0850000001"


def link(org: str, target: str, kind: str, node: str, nats: float = 3.0) -> dict[str, Any]:
    return {
        "network_id": NETWORK, "source_id": org, "target_id": target, "link_type": kind, "weight": nats,
        "p_value": 0.01, "first_seen": dt.date(2026, 3, 1), "last_seen": dt.date(2026, 10, 31),
        "source_table": "visit" if node == "person" else "provider", "node_type": node, "n_rows": 1, "used_by": 2,
        "source_rows": ["visit.csv:5"] if node == "person" else ["provider.csv:2"], "discounted": None,
    }  # fmt: skip


def drawing(page: str) -> dict[str, Any]:
    """What the page gives the map to draw."""
    data = re.search(r'<script type="application/json" id="network-data">(.*?)</script>', page, re.DOTALL)
    assert data
    made: dict[str, Any] = json.loads(data[1])
    return made


def ties(visitor: Visitor) -> list[tuple[str, str, str]]:
    """Kind, source and id of every tie on the map."""
    data = drawing(visitor.get(PAGE).text)
    return [
        (data["kinds"][kind][0], data["nodes"][source][0], f"{data['prefix']}{at}")
        for at, source, _, kind, *_ in data["ties"]
    ]


@pytest.fixture(autouse=True)
def published_network(settings: ReviewSettings, app: FastAPI) -> None:
    """Gransbo (N01) and Ekdal (N02) share a phone and a worker."""
    folder = settings.out / "2026-10"
    said = json.dumps([{"text_sv": "Samma telefon hos båda.", "text_en": "One phone in both."}])
    row = {"network_id": NETWORK, "n_providers": 2, "reasons": said, "discounts": "[]", "checks": "[]", "changes": "[]"}
    pq.write_table(pa.Table.from_pylist([row]), folder / "networks.parquet")
    members = [(GRANSBO, "provider", "member"), (EKDAL, "provider", "member")]
    members += [(WORKER, "person", "shared_staff"), (PHONE, "phone", "shared_phone")]
    rows = [{"network_id": NETWORK, "node_type": kind, "node_id": node, "role": role} for node, kind, role in members]
    pq.write_table(pa.Table.from_pylist(rows), folder / "network_members.parquet")
    links = [link(org, PHONE, "phone", "phone") for org in (GRANSBO, EKDAL)]
    links += [link(org, WORKER, "staff", "person", 1.0) for org in (GRANSBO, EKDAL)]
    pq.write_table(pa.Table.from_pylist(links), folder / "network_links.parquet")
    store = settings.out / ".store" / "tables" / "visit"
    store.mkdir(parents=True)
    visits = [{"visit_id": f"B{at}", "org_number": GRANSBO, "staff_id": WORKER, "source_row": at} for at in range(9)]
    pq.write_table(pa.Table.from_pylist(visits), store / "2026-10.parquet")


def test_card_and_table_need_no_script(anna: Visitor) -> None:
    page = anna.get(PAGE).text
    assert "Samma telefon hos båda." in page
    assert "4 samband" in page
    assert PHONE in page
    assert 'href="/providers/0029000031"' in page
    assert f">{WORKER}" not in page, "people are shown by the beginning of a pseudonym"
    assert "2 samband" in anna.get(PAGE, kind="phone").text


def test_people_of_providers_of_other_boards_are_held_back(visitor: Callable[[str], Visitor]) -> None:
    norr = visitor("demo:norr")
    assert "1 samband med personer" in norr.get(PAGE).text
    assert sorted((kind, source.endswith(GRANSBO)) for kind, source, _ in ties(norr)) == [
        ("phone", False), ("phone", True), ("staff", True),
    ]  # fmt: skip
    assert norr.get(f"{PAGE}/links/{NETWORK}-4").status_code == 404


def test_a_link_opens_its_source_rows_and_that_is_logged(app: FastAPI, anna: Visitor) -> None:
    ids = {kind: link_id for kind, _, link_id in ties(anna)}
    page = anna.get(f"{PAGE}/links/{ids['staff']}").text
    assert "B5" in page
    assert "B6" not in page
    assert "finns inte i arbetslagret" in anna.get(f"{PAGE}/links/{ids['phone']}").text
    with app.state.make() as db:
        (read,) = db.scalars(select(AuditEntry).where(AuditEntry.action == "read_rows"))
    assert (read.object_id, read.detail["rows"]) == (NETWORK, 1)


@pytest.mark.parametrize("form", ["graphml", "gexf", "ftm", "cytoscape", "i2-entities", "i2-links"])
def test_every_file_for_other_tools_is_given_as_an_attachment(visitor: Callable[[str], Visitor], form: str) -> None:
    answer = visitor("demo:anna").get(f"{PAGE}/files/{form}")
    assert answer.headers["content-disposition"].startswith("attachment")
    assert PHONE in answer.text


def test_the_picture_is_drawn_here(anna: Visitor) -> None:
    answer = anna.get(f"{PAGE}/picture")
    assert answer.headers["content-type"] == "image/svg+xml"
    assert "Gransbo" in answer.text
    assert "style=" not in answer.text


def test_a_layout_is_kept_for_its_user_alone_until_it_is_arranged_anew(
    app: FastAPI, visitor: Callable[[str], Visitor]
) -> None:
    def phone(user: Visitor) -> tuple[float, float, int]:
        (found,) = (node for node in drawing(user.get(PAGE).text)["nodes"] if node[0] == f"phone:{PHONE}")
        return tuple(found[5:])

    anna, bo = visitor("demo:anna"), visitor("demo:bo")
    common = phone(anna)
    for places in ([1, 2], [3, 4, 1]):
        assert anna.post(f"{PAGE}/layout", positions=json.dumps({f"phone:{PHONE}": places})).status_code == 200
    assert phone(anna) == (3, 4, 1)
    assert phone(bo) == common
    with app.state.make() as db:
        assert len(db.scalars(select(GraphLayout)).all()) == 1
    anna.post(f"{PAGE}/layout", positions="{}")
    assert phone(anna) == common


@pytest.mark.parametrize("text", ["", "[[1]]", '{"a": 1}', '{"a": [1, NaN]}', '{"a": ["x", 2]}', "[" * 9999])
def test_a_layout_that_is_none_is_refused(anna: Visitor, text: str) -> None:
    anna.get(PAGE)
    assert anna.post(f"{PAGE}/layout", positions=text).status_code == 409


def test_notes_are_seen_by_all_and_taken_away_by_their_writer(app: FastAPI, visitor: Callable[[str], Visitor]) -> None:
    anna, bo = visitor("demo:anna"), visitor("demo:bo")
    anna.get(PAGE)
    assert anna.post(f"{PAGE}/notes", target=f"phone:{PHONE}", text="<b>Växel</b>").status_code == 200
    assert "&lt;b&gt;Växel" in bo.get(PAGE).text
    assert bo.post(f"{PAGE}/notes/1/remove").status_code == 409
    assert anna.post(f"{PAGE}/notes", target="phone:0", text="Ingen nod").status_code == 409
    assert "Växel" not in anna.post(f"{PAGE}/notes/1/remove").text
    with app.state.make() as db:
        assert db.scalars(select(GraphNote)).one().removed_at is not None


def test_the_map_has_the_same_places_each_time_and_nothing_on_top_of_anything(anna: Visitor) -> None:
    nodes = drawing(anna.get(PAGE).text)["nodes"]
    places = [tuple(node[5:7]) for node in nodes]
    assert len({(round(x / 26), round(y / 26)) for x, y in places}) == len(nodes)
    assert drawing(anna.get(PAGE).text)["nodes"] == nodes
