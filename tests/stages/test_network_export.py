"""export: a published network becomes files, complete or absent, without whoever is protected today."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest

from valfardsbrott.domain import EXIT_USAGE, Failure, Month
from valfardsbrott.networks.exports import EXPORTS
from valfardsbrott.settings import Settings
from valfardsbrott.stages import publish
from valfardsbrott.stages.hidden import hidden
from valfardsbrott.stages.network_export import export_network
from valfardsbrott.stages.workspace import Workspace

PutTable = Callable[[Path, str, str, Iterable[Mapping[str, Any]]], Path]
NETWORK, OWNER, ALMA = "N-7f3a", "p" + "0a" * 16, "0029000015"


@pytest.fixture
def result(finished_store: Settings) -> Settings:
    publish.run(Month(2026, 10), finished_store)
    return finished_store.model_copy(update={"language": "en"})


@pytest.mark.parametrize("name", [export.name for export in EXPORTS])
def test_a_protected_person_of_any_month_is_in_no_file(
    name: str, result: Settings, put_table: PutTable, tmp_path: Path
) -> None:
    before = export_network(NETWORK, name, tmp_path / "before.x", result)
    assert OWNER[1:] in "".join(path.read_text("utf-8") for path in before) or name == "ftm"
    row = {"person_id": OWNER, "dwelling_id": "1201", "protected_registration": True}
    put_table(result.store_path, "person", "2026-12", [row])
    after = export_network(NETWORK, name, tmp_path / "after.x", result)
    text = "".join(path.read_text("utf-8") for path in after)
    assert OWNER not in text
    assert OWNER[:9] not in text
    assert ALMA in text


def test_the_dwellings_of_protected_persons_are_hidden_too(tmp_path: Path, put_table: PutTable) -> None:
    put_table(tmp_path, "person", "2026-09", [{"person_id": "eva", "dwelling_id": "1201"}, {"person_id": "bo"}])
    put_table(tmp_path, "person", "2026-10", [{"person_id": "eva", "secrecy_marked": True}, {"person_id": "bo"}])
    assert hidden(Workspace(Settings(store=tmp_path))) == {"eva", "1201"}
    assert hidden(Workspace(Settings(store=tmp_path / "empty"))) == frozenset()


def test_names_words_and_roles_come_from_the_run(result: Settings, put_table: PutTable, tmp_path: Path) -> None:
    roles = [{"org_number": ALMA, "person_id": OWNER, "role": role} for role in ("ceo", "beneficial_owner")]
    put_table(result.store_path, "provider_role", "2026-10", roles)
    (path,) = export_network(NETWORK, "cytoscape", tmp_path / "ring.cyjs", result)
    found = json.loads(path.read_text("utf-8"))
    assert "Alma Omsorg AB" in [node["data"]["name"] for node in found["elements"]["nodes"]]
    edges = [edge["data"] for edge in found["elements"]["edges"]]
    assert ("owner or officer", "beneficial_owner; ceo") in [(edge["label"], edge.get("roles")) for edge in edges]


def test_i2_makes_two_tables_that_spreadsheets_read(result: Settings, tmp_path: Path) -> None:
    files = export_network(NETWORK, "i2", tmp_path / "ring.csv", result)
    assert [path.name for path in files] == ["ring-entities.csv", "ring-links.csv"]
    assert files[0].read_bytes().startswith(b"\xef\xbb\xbfentity_id,type,label")


def test_nothing_is_overwritten_unless_asked(result: Settings, tmp_path: Path) -> None:
    (tmp_path / "ring-links.csv").write_text("mine")
    with pytest.raises(Failure, match=r"ring-links\.csv is there already") as told:
        export_network(NETWORK, "i2", tmp_path / "ring.csv", result)
    assert told.value.exit_code == EXIT_USAGE
    assert sorted(path.name for path in tmp_path.glob("*ring*")) == ["ring-links.csv"]
    export_network(NETWORK, "i2", tmp_path / "ring.csv", result, force=True)
    assert (tmp_path / "ring-links.csv").read_text("utf-8") != "mine"


@pytest.mark.parametrize(
    ("network", "name", "month", "told"),
    [
        (NETWORK, "visio", None, "there is no format 'visio'. Choose one of graphml, gexf, cytoscape, ftm, i2"),
        ("N-0", "gexf", None, "there is no network N-0 in any published month .* Published months: 2026-10"),
        (NETWORK, "gexf", Month(2026, 9), "there is no network N-7f3a in the result of 2026-09"),
    ],
)
def test_what_is_not_there_is_said(
    network: str, name: str, month: Month | None, told: str, result: Settings, tmp_path: Path
) -> None:
    with pytest.raises(Failure) as failure:
        export_network(network, name, tmp_path / "x", result, month)
    assert failure.match(told)
    assert not list(tmp_path.glob("x*"))
