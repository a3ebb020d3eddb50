"""networks LINKS.csv: any list of links through the pipeline, with its own column names and types."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import networkx as nx
import pytest

from valfardsbrott.domain import Failure, Month
from valfardsbrott.networks.link_list import SLOTS, slots
from valfardsbrott.settings import Settings
from valfardsbrott.sources.link_list import Columns
from valfardsbrott.stages.link_list import FILES, Listed, find

HEADER = "source,target,type,from,to"
TRIO = ("adams", "bolt", "cura")
CROWD = [f"firm{at:03d},{kind} {at},{kind},," for at in range(200) for kind in ("holds", "sits at")]
RING = [
    f"{org},{target},{kind},2024-02-01," for org in TRIO for target, kind in (("eva", "holds"), ("mill", "sits at"))
]


@pytest.fixture
def run(tmp_path: Path) -> Any:
    def over(*lines: str, columns: Columns = Columns(), force: bool = False, **chosen: Any) -> Listed:  # noqa: B008
        path = tmp_path / "links.csv"
        path.write_text("\n".join(lines), encoding="utf-8")
        settings = Settings(out=tmp_path / "found", permutations=5, threads=1, key="ab" * 32)
        return find(path, columns, settings, chosen.get("month"), force=force)

    return over


def table(found: Listed, name: str) -> list[dict[str, str]]:
    path = next(path for path in found.files if path.name == name)
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_a_ring_is_found_by_types_that_nobody_has_heard_of(run: Any) -> None:
    found = run(HEADER, *CROWD, *RING)
    assert (found.networks, found.pairs, found.sources, found.month) == (1, 0, 203, "2024-02")
    roles = {row["node_id"]: row["role"] for row in table(found, "members.csv")}
    assert roles == dict.fromkeys(TRIO, "member") | {"eva": "shared_holds", "mill": "shared_sits at"}
    links = table(found, "links.csv")
    assert {(row["source_id"], row["link_type"], row["target_id"]) for row in links} >= {("adams", "holds", "eva")}
    assert next(row["source_rows"] for row in links if row["source_id"] == "adams") == "links.csv:402"
    graph = nx.read_graphml(found.files[-1])
    assert {data["label"] for _, data in graph.nodes(data=True)} == {*TRIO, "eva", "mill"}


def test_a_target_that_is_a_source_too_joins_directly(run: Any) -> None:
    chain = [
        "bolt,adams,holds,,",
        "cura,adams,holds,,",
        "bolt,adams,sits at,,",
        "cura,adams,sits at,,",
        "adams,mill,holds,,",
    ]
    found = run(HEADER, *CROWD, *chain)
    members = {row["node_id"] for row in table(found, "members.csv") if row["role"] == "member"}
    assert members == set(TRIO)
    assert all(row["source_id"] != row["target_id"] for row in table(found, "links.csv"))


def test_other_columns_semicolons_and_no_types_or_days(run: Any) -> None:
    lines = [f"{who};{what}" for line in (*CROWD, *RING) for who, what in [line.split(",")[:2]]]
    found = run("Firma;Innehavare", *lines, columns=Columns("firma", "innehavare"), month=Month(2025, 1))
    assert found.month == "2025-01"
    assert {row["link_type"] for row in table(found, "links.csv")} <= {"link"}


def test_person_numbers_become_pseudonyms_and_sentinels_join_nobody(run: Any) -> None:
    person = ["{org},19800101-9802,holds,,", "{org},0,sits at,,", "{org},,phone,,"]
    lines = [line.format(org=org) for org in TRIO for line in person]
    found = run(HEADER, *CROWD, *RING, *lines)
    assert found.left_out == 6
    text = "".join(path.read_text("utf-8") for path in found.files)
    assert "9802" not in text
    assert [row["node_id"] for row in table(found, "members.csv") if row["node_id"].startswith("p")]


def test_the_same_bytes_in_any_order_of_lines(run: Any) -> None:
    one = run(HEADER, *CROWD, *RING)
    before = [path.read_bytes() for path in one.files[:2]]
    again = run(HEADER, *reversed([*CROWD, *RING]), force=True)
    assert [path.read_bytes() for path in again.files[:2]] == before


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (("source,kind", "a,b"), "links.csv, line 1: the column target is missing"),
        (("firm,owner", "a,b"), "links.csv, line 1: none of the columns is known"),
        ((HEADER, "a,b,c,,", "a,b,c,,2024-13-01"), "links.csv, line 3, column to: not a day"),
        ((HEADER, "a,b,c,,", "a,b"), "links.csv, line 3: 2 values, header has 5"),
        ((HEADER, "a,,c,,"), "links.csv holds no link"),
        ((HEADER,), "links.csv holds no link"),
    ],
)
def test_errors_name_file_line_and_column(lines: tuple[str, ...], told: str, run: Any, tmp_path: Path) -> None:
    with pytest.raises(Failure) as failure:
        run(*lines)
    assert failure.value.message.startswith(told)
    assert not (tmp_path / "found").exists()


def test_files_that_are_there_are_kept_unless_replaced(run: Any, tmp_path: Path) -> None:
    (tmp_path / "found").mkdir()
    (tmp_path / "found" / FILES[1]).write_text("mine")
    with pytest.raises(Failure, match=r"members\.csv is there already"):
        run(HEADER, *CROWD, *RING)


def test_known_types_keep_their_rules_and_others_get_what_is_free() -> None:
    assert slots(["owner", "staff", "holds"]) == {"owner": "owner", "staff": "staff", "holds": "account"}
    many = slots([f"type{at}" for at in range(9)])
    assert [many[f"type{at}"] for at in range(9)] == [*SLOTS, *[SLOTS[-1]] * 3]
