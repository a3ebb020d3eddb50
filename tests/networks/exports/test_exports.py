"""Every format on one small network: what is in it, who is not, and the same bytes twice."""

from __future__ import annotations

import csv
import datetime as dt
import json
import subprocess
import sys
from io import BytesIO
from typing import Any

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from valfardsbrott.networks.exports import EXPORTS, i2
from valfardsbrott.networks.exports.content import Content, Lookup, content
from valfardsbrott.networks.exports.cytoscape import write as cytoscape
from valfardsbrott.networks.exports.ftm import write as ftm
from valfardsbrott.networks.exports.gexf import write as gexf
from valfardsbrott.networks.exports.graphml import write as graphml

OCTOBER = dt.date(2026, 10, 31)
ALMA, BEDA = "0029000015", "0029000023"
EVA, TINA = "p" + "e0" * 16, "p" + "70" * 16  # an owner, and a sole trader
KINDS = {"owner": "person", "staff": "person", "home": "address"}
LOOKUP = Lookup(
    names={ALMA: "Alma Omsorg AB"}, words={"owner": "ägare"}, roles={(ALMA, EVA): ("beneficial_owner", "ceo")}
)
TIES = [
    (ALMA, "owner", EVA), (BEDA, "owner", EVA), (ALMA, "phone", "08-1"), (BEDA, "phone", "08-1"),
    (TINA, "phone", "08-1"),
    (ALMA, "account", "5050-1055"), (BEDA, "account", "5050-1055"), (ALMA, "home", "1201"), (BEDA, "home", "1201"),
    (ALMA, "staff", TINA), (BEDA, "staff", TINA),
]  # fmt: skip


def network(ties: list[tuple[str, str, str]] = TIES, lookup: Lookup = LOOKUP) -> Content:
    links: list[dict[str, Any]] = [
        {
            "network_id": "ring", "source_id": org, "target_id": node, "link_type": kind,
            "node_type": KINDS.get(kind, kind), "weight": 9.5 if kind != "home" else 0.0, "p_value": 0.01,
            "first_seen": dt.date(2025, 3, 1), "last_seen": dt.date(2026, 5, 2) if kind == "staff" else OCTOBER,
            "used_by": 2, "discounted": "same_owner" if kind == "home" else None, "source_table": "register",
            "source_rows": [f"register.csv:{at}"],
        }
        for at, (org, kind, node) in enumerate(ties, 2)
    ]  # fmt: skip
    own = {(row["node_type"], row["target_id"], f"shared_{row['link_type']}") for row in links}
    own |= {("provider", row["source_id"], "member") for row in links}
    names = ("node_type", "node_id", "role")
    members = [{"network_id": "ring", **dict(zip(names, each, strict=True))} for each in sorted(own)]
    return content("ring 2026-10", OCTOBER, members, links, lookup, note="A flag is a reason to look.")


def everything(made: Content) -> str:
    return str([maker(made) for export in EXPORTS for maker in export.files.values()])


def test_graphml_is_read_back_by_networkx() -> None:
    found = nx.parse_graphml(graphml(network()), force_multigraph=True)
    assert found.nodes[f"provider:{ALMA}"]["label"] == "Alma Omsorg AB"
    assert found.nodes[f"person:{EVA}"]["label"] == EVA[:9]
    (owner,) = found.get_edge_data(f"provider:{ALMA}", f"person:{EVA}").values()
    assert (owner["label"], owner["start"], owner["roles"]) == ("ägare", "2025-03-01", "beneficial_owner; ceo")
    assert owner["source_rows"] == "register.csv:2"
    assert "end" not in owner


def test_gexf_is_read_back_and_dated_by_its_month() -> None:
    text = gexf(network())
    assert '<meta lastmodifieddate="2026-10-31">' in text
    assert dt.date.today().isoformat() not in text
    found = nx.read_gexf(BytesIO(text.encode()))
    assert set(found.nodes) == {node.key for node in network().nodes}
    assert 'timeformat="date"' in text


def test_cytoscape_has_elements_with_names() -> None:
    found = json.loads(cytoscape(network()))
    names = {node["data"]["id"]: node["data"]["name"] for node in found["elements"]["nodes"]}
    assert names[f"provider:{ALMA}"] == "Alma Omsorg AB"
    assert len(found["elements"]["edges"]) == len(TIES)
    assert found["data"]["note"] == "A flag is a reason to look."


def test_i2_has_ends_direction_and_strength() -> None:
    entities, links = i2.entities(network()), i2.links(network())
    rows = [dict(zip(links[0], row, strict=True)) for row in links[1:]]
    assert {row["end1_id"] for row in rows} | {row["end2_id"] for row in rows} == {row[0] for row in entities[1:]}
    told = {row["type"]: (row["direction"], row["strength"], row["end_date"]) for row in rows}
    assert told["owner"] == ("end2_to_end1", "Confirmed", "")
    assert told["staff"] == ("end2_to_end1", "Confirmed", "2026-05-02")
    assert told["home"] == ("none", "Tentative", "")
    assert ["person:" + EVA, "Person", EVA[:9], EVA, "shared_owner", "ring"] in entities


def test_a_sole_trader_is_one_person_everywhere() -> None:
    assert [node.role for node in network().nodes if node.node_id == TINA] == ["member"]
    assert not any(node.key == f"provider:{TINA}" for node in network().nodes)


def test_a_dwelling_is_a_number_unless_it_is_a_companys_address() -> None:
    assert "1201" not in everything(network())
    assert "ring-home-1" in everything(network())
    public = [*TIES, (ALMA, "address", "1201")]
    assert "address:1201" in everything(network(public))


@given(st.sets(st.sampled_from(sorted({end for org, _, node in TIES for end in (org, node)}))))
def test_whoever_is_hidden_is_in_no_format(hidden: set[str]) -> None:
    made = network(lookup=Lookup(hidden=frozenset(hidden), names=LOOKUP.names, roles=LOOKUP.roles))
    text = everything(made)
    assert not [each for each in hidden if each in text]
    keys = {node.key for node in made.nodes}
    assert all({link.source, link.target} <= keys for link in made.links)


@given(st.text(min_size=1, max_size=12), st.text(max_size=8))
def test_any_text_is_written_and_read_back(name: str, value: str) -> None:
    made = network([(ALMA, "phone", value), (BEDA, "phone", value)], Lookup(names={ALMA: name}))
    assert nx.parse_graphml(graphml(made)).number_of_nodes() == 3
    assert nx.read_gexf(BytesIO(gexf(made).encode())).number_of_nodes() == 3
    assert all(json.loads(line) for line in ftm(made).splitlines())
    assert len(list(csv.reader(str(row) for row in i2.entities(made)))) == 4


def test_the_same_bytes_in_another_process() -> None:
    script = (
        "import importlib.util, sys, hashlib; spec = importlib.util.spec_from_file_location('t', sys.argv[1]);"
        "t = importlib.util.module_from_spec(spec); spec.loader.exec_module(t);"
        "print(hashlib.sha256(t.everything(t.network()).encode()).hexdigest())"
    )
    runs = [
        subprocess.run(
            [sys.executable, "-c", script, __file__], env={"PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in ("1", "2")
    ]
    assert runs[0] == runs[1]


def test_a_network_of_which_all_is_hidden_is_empty_and_written() -> None:
    hidden = frozenset(end for org, _, node in TIES for end in (org, node))
    made = network(lookup=Lookup(hidden=hidden))
    assert (made.nodes, made.links) == ((), ())
    assert everything(made)


@pytest.mark.parametrize("export", EXPORTS, ids=lambda export: export.name)
def test_the_page_lists_every_format(export: Any) -> None:
    from pathlib import Path

    page = Path(__file__).resolve().parents[3] / "docs" / "networks.md"
    assert f"| `{export.name}` |" in page.read_text("utf-8")
