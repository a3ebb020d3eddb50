"""The networks stage on a small store: months, what was not delivered, and who never appears."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from itertools import combinations
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from valfardsbrott.domain import Failure, Manifest, Month
from valfardsbrott.features import upstream
from valfardsbrott.networks.exports import EXPORTS
from valfardsbrott.networks.exports.content import Lookup, content
from valfardsbrott.networks.layout import draw
from valfardsbrott.networks.tables import SCHEMAS
from valfardsbrott.settings import Settings
from valfardsbrott.stages import entities, networks
from valfardsbrott.stages.hidden import hidden
from valfardsbrott.stages.paths import paths
from valfardsbrott.stages.views import Deliveries, MonthOfViews
from valfardsbrott.stages.workspace import Workspace

PutTable = Callable[[Path, str, str, Iterable[Mapping[str, Any]]], Path]
PUBLISHED = ("networks", "members", "links", "nodes")
CROWD = [f"002{number:07d}" for number in range(200)]
TRIO = ("adams", "bolt", "cura")


def run(store: Path, month: str, **chosen: Any) -> Manifest:
    """The views that the stage reads, then the stage."""
    chosen = {"permutations": 5, "threads": 1, **chosen}
    settings = Settings(store=store, **chosen)
    entities.run(Month.parse(month), settings)
    deliveries = Deliveries(Workspace(settings))
    for each in deliveries.months:
        with MonthOfViews(each, deliveries) as work:
            for view in upstream(["provider_link", "provider_spine", "provider_movement", "provider_people"]):
                work.compute(view)
    return networks.run(Month.parse(month), settings)


def read(store: Path, name: str, month: str = "2026-10") -> pd.DataFrame:
    frame: pd.DataFrame = pq.read_table(store / "networks" / month / f"{name}.parquet").to_pandas()
    return frame


def put_ring(put: PutTable, store: Path, month: str, trio: Iterable[str] = TRIO, owner: str = "peva") -> None:
    """Three providers that share an owner, a phone and an account, in a crowd with values of their own."""
    members, everyone = list(trio), [*CROWD, *trio]
    own = {org: f"{at:04d}" for at, org in enumerate(everyone)}
    phones = {org: "08-55 55 55" if org in members else f"08-44 {own[org]}" for org in everyone}
    owners = {org: owner if org in members else f"powner{own[org]}" for org in everyone}
    accounts = {org: "111-1111" if org in members else f"222-{own[org]}" for org in everyone}
    put(store, "provider", month, [{"org_number": org, "name": org, "phone": phones[org]} for org in everyone])
    put(
        store,
        "provider_role",
        month,
        [{"org_number": org, "person_id": owners[org], "role": "ceo"} for org in everyone],
    )
    listed = [{"org_number": org, "account_type": "bankgiro", "account_number": accounts[org]} for org in everyone]
    put(store, "payment_account", month, listed)


def test_a_ring_in_the_registers_is_found(tmp_path: Path, put_table: PutTable) -> None:
    put_ring(put_table, tmp_path, "2026-10")
    manifest = run(tmp_path, "2026-10")
    assert manifest.stats["networks"] == 1
    assert manifest.stats["not_delivered"] == [
        "person",
        "staff",
        "certificate",
        "invoice",
        "claim_line",
        "visit",
        "corporate_group",
        "business_transfer",
    ]
    assert set(read(tmp_path, "members").query("role == 'member'")["node_id"]) == set(TRIO)
    links = read(tmp_path, "links")
    assert set(links["link_type"]) == {"owner", "phone", "account"}
    rows = {(link["link_type"], link["source_rows"][0].split(":")[0]) for link in links.to_dict("records")}
    assert rows == {("owner", "provider_role.csv"), ("phone", "provider.csv"), ("account", "payment_account.csv")}


def test_without_any_table_the_outputs_are_empty_and_typed(tmp_path: Path, put_table: PutTable) -> None:
    put_table(
        tmp_path, "known_case", "2026-10", [{"org_number": "acme", "decided_on": "2026-10-01", "outcome": "confirmed"}]
    )
    run(tmp_path, "2026-10")
    for name, schema in SCHEMAS.items():
        table = pq.read_table(tmp_path / "networks" / "2026-10" / f"{name}.parquet")
        assert table.num_rows == 0
        assert table.schema.equals(schema)


def test_a_month_that_was_not_delivered(tmp_path: Path, put_table: PutTable) -> None:
    put_ring(put_table, tmp_path, "2026-09")
    with pytest.raises(Failure, match="no delivery for 2026-10"):
        run(tmp_path, "2026-10")


def test_features_come_first(tmp_path: Path, put_table: PutTable) -> None:
    put_ring(put_table, tmp_path, "2026-10")
    with pytest.raises(Failure, match="features of 2026-10 are not computed"):
        networks.run(Month.parse("2026-10"), Settings(store=tmp_path))


def test_a_network_keeps_its_id_and_remembers_what_registers_forget(tmp_path: Path, put_table: PutTable) -> None:
    put_ring(put_table, tmp_path, "2026-09")
    put_table(tmp_path, "provider", "2026-10", [{"org_number": org, "name": org} for org in (*CROWD, *TRIO)])
    run(tmp_path, "2026-10")
    before, now = (read(tmp_path, "networks", month) for month in ("2026-09", "2026-10"))
    assert now["network_id"].tolist() == before["network_id"].tolist()
    assert now["change"].tolist() == ["unchanged"]
    assert now["first_seen_month"].tolist() == ["2026-09"]
    phone = read(tmp_path, "links").query("link_type == 'phone'").iloc[0]
    assert str(phone["last_seen"]) == "2026-09-30"
    assert phone["source_rows"][0].startswith("2026-09/provider.csv:")
    assert phone["weight"] < read(tmp_path, "links", "2026-09").query("link_type == 'phone'")["weight"].iloc[0]


def test_a_registered_group_and_a_transfer_are_no_network(tmp_path: Path, put_table: PutTable) -> None:
    put_ring(put_table, tmp_path, "2026-10")
    put_table(tmp_path, "corporate_group", "2026-10", [{"org_number": org, "group_id": "koncern"} for org in TRIO[:2]])
    transfers = [
        {"from_org_number": org, "to_org_number": "cura", "date": "2026-01-01", "kind": "merger"} for org in TRIO[:2]
    ]
    put_table(tmp_path, "business_transfer", "2026-10", transfers)
    run(tmp_path, "2026-10")
    assert read(tmp_path, "networks").empty


def test_sole_traders_stay_out_unless_the_city_says_so(tmp_path: Path, put_table: PutTable) -> None:
    trader = "p" + "a" * 32
    put_ring(put_table, tmp_path, "2026-10", ("adams", "bolt", trader))
    assert run(tmp_path, "2026-10").stats["sole_traders_left_out"] == 1
    assert trader not in str([read(tmp_path, name).to_dict() for name in PUBLISHED])
    run(tmp_path, "2026-10", rank_sole_traders=True, sole_trader_legal_basis="decision 1")
    assert trader in set(read(tmp_path, "members")["node_id"])


def test_the_same_bytes_from_two_runs_and_any_number_of_threads(tmp_path: Path, put_table: PutTable) -> None:
    for store, threads in ((tmp_path / "one", 1), (tmp_path / "two", 2)):
        put_ring(put_table, store, "2026-10")
        run(store, "2026-10", threads=threads)
    for name in SCHEMAS:
        one, two = (
            (tmp_path / side / "networks" / "2026-10" / f"{name}.parquet").read_bytes() for side in ("one", "two")
        )
        assert one == two


def test_a_month_that_is_done_is_not_done_again(tmp_path: Path, put_table: PutTable) -> None:
    put_ring(put_table, tmp_path, "2026-10")
    assert not run(tmp_path, "2026-10").cached
    assert run(tmp_path, "2026-10").cached
    assert not run(tmp_path, "2026-10", seed=7).cached


def put_block(put: PutTable, store: Path, month: str, orgs: Iterable[str]) -> None:
    """A hundred providers with two workers each, and ten workers of one of ``orgs``."""
    (org,) = orgs
    at_home = [(each, f"p{each}{number}") for each in CROWD[:100] for number in range(2)]
    rows = [
        {"visit_id": f"{month}{worker}", "org_number": each, "staff_id": worker, "service_code": "care"}
        for each, worker in [*at_home, *((org, f"pblock{number}") for number in range(10))]
    ]
    hours = {"started_at": "08:00", "ended_at": "09:00", "started_at_utc": "06:00", "ended_at_utc": "07:00"}
    times = {name: f"{month}-05 {hour}" for name, hour in hours.items()}
    put(store, "visit", month, [row | times | {"recipient_id": f"r{row['staff_id']}"} for row in rows])


def test_workers_who_left_together_are_shown_in_the_network(tmp_path: Path, put_table: PutTable) -> None:
    put_ring(put_table, tmp_path, "2026-09")
    put_block(put_table, tmp_path, "2026-09", ["adams"])
    put_block(put_table, tmp_path, "2026-10", ["bolt"])
    run(tmp_path, "2026-10")
    (moved,) = read(tmp_path, "migrations").to_dict("records")
    assert (moved["from_org_number"], moved["to_org_number"], moved["staff_moved"]) == ("adams", "bolt", 10)
    assert (list(moved["ties"]), moved["outcome"]) == (["account", "owner", "phone"], "successor")
    (link,) = read(tmp_path, "links").query("link_type == 'migration'").to_dict("records")
    assert (link["source_id"], link["target_id"], link["n_rows"]) == ("adams", "bolt", 20)
    assert "network_migration" in read(tmp_path, "networks")["reasons"].iloc[0]
    nodes = read(tmp_path, "nodes").set_index("org_number")["block_migration"]
    assert nodes["adams"] == nodes["bolt"] > 0
    assert read(tmp_path, "nodes", "2026-09")["block_migration"].isna().all()


def test_a_registered_transfer_explains_the_move(tmp_path: Path, put_table: PutTable) -> None:
    put_ring(put_table, tmp_path, "2026-10", ("cura", "duva", "elan"))
    put_block(put_table, tmp_path, "2026-09", ["adams"])
    put_block(put_table, tmp_path, "2026-10", ["bolt"])
    row = {"from_org_number": "adams", "to_org_number": "bolt", "date": "2026-10-01", "kind": "acquisition"}
    put_table(tmp_path, "business_transfer", "2026-10", [row])
    run(tmp_path, "2026-10")
    assert read(tmp_path, "migrations")["outcome"].tolist() == ["explained"]
    assert (read(tmp_path, "nodes")["block_migration"] == 0).all()


def test_months_cases_and_money_are_told(tmp_path: Path, put_table: PutTable) -> None:
    put_ring(put_table, tmp_path, "2026-08")
    put_ring(put_table, tmp_path, "2026-09", ("adams", "bolt", "cura", "duva"))
    case = {"org_number": "duva", "outcome": "confirmed", "decided_on": "2026-10-10"}
    put_table(tmp_path, "known_case", "2026-10", [case, case | {"org_number": "bolt", "decided_on": "2026-11-10"}])
    run(tmp_path, "2026-10")
    line = read(tmp_path, "timeline")
    assert line["event"].tolist() == ["new", "grown", "unchanged"]
    assert read(tmp_path, "lead_times")[["org_number", "lead_days"]].to_numpy().tolist() == [["duva", 10]]
    network = read(tmp_path, "networks").iloc[0]
    assert network["confirmed_members"] == 1
    assert network["amount_at_risk_sek"] == 0
    assert network["stability"] == 1
    nodes = read(tmp_path, "nodes").set_index("org_number")["exposure"]
    assert nodes["adams"] > 0 == nodes["duva"]
    assert pd.isna(read(tmp_path, "networks", "2026-09")["confirmed_members"].iloc[0])


def test_more_permutations_only_add_to_those_made(tmp_path: Path, put_table: PutTable) -> None:
    put_ring(put_table, tmp_path, "2026-10")
    run(tmp_path, "2026-10", permutations=3)
    kept = (tmp_path / "networks" / "2026-10" / "null-within.npz").stat().st_size
    run(tmp_path, "2026-10", permutations=6)
    assert (tmp_path / "networks" / "2026-10" / "null-within.npz").stat().st_size >= kept
    assert read(tmp_path, "networks")["permutations"].tolist() == [6]


PEOPLE = [f"p{name}" for name in ("anna", "berit", "cilla", "david")]


def put_people(put: PutTable, store: Path, month: str, marked: set[str], column: str) -> None:
    """Everybody works at, is cared for and is paid by the whole trio; rows are as ingest leaves them."""
    persons = [{"person_id": each, "dwelling_id": None if each in marked else f"home-{each}"} for each in PEOPLE]
    put(store, "person", month, [row | {column: row["person_id"] in marked} for row in persons])
    pairs = [(org, at) for org in TRIO for at in range(len(PEOPLE))]
    ids = [{"visit_id": f"{org}{at}", "org_number": org, "service_code": "care"} for org, at in pairs]
    people = [{"staff_id": PEOPLE[at], "recipient_id": PEOPLE[at - 1]} for _, at in pairs]
    hours = {"started_at": "08:00", "ended_at": "09:00", "started_at_utc": "06:00", "ended_at_utc": "07:00"}
    times = {name: f"{month}-05 {hour}" for name, hour in hours.items()}
    put(store, "visit", month, [one | other | times for one, other in zip(ids, people, strict=True)])
    bill = {"invoice_number": "1", "issue_date": f"{month}-28", "total_ore": 1, "source": "ledger"}
    payees = [{"invoice_id": f"{month}{org}", "org_number": org, "payee_org_number": PEOPLE[1]} for org in TRIO]
    put(store, "invoice", month, [row | bill for row in payees])


def rows_of(store: Path, name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = pq.read_table(store / "networks" / "2026-10" / f"{name}.parquet").to_pylist()
    return found


def pictures(store: Path) -> str:
    """Every network of October as a drawing, in both languages."""
    drawn = []
    for each in sorted({row["network_id"] for row in rows_of(store, "members")}):
        own, tied = (
            [row for row in rows_of(store, name) if row["network_id"] == each] for name in ("members", "links")
        )
        drawn += [draw(own, tied, {}, "sv"), draw(own, tied, {}, "en")]
    return "".join(drawn)


def files(store: Path) -> str:
    """Every network of October in every format."""
    lookup = Lookup(hidden=hidden(Workspace(Settings(store=store))))
    day = dt.date(2026, 10, 31)
    made = content("networks", day, rows_of(store, "members"), rows_of(store, "links"), lookup)
    assert {export.name for export in EXPORTS} == {"graphml", "gexf", "cytoscape", "ftm", "i2"}
    return "".join(str(write(made)) for export in EXPORTS for write in export.files.values())


def ways(store: Path) -> str:
    """The ways between every two of the trio."""
    found = [paths(one, other, Settings(store=store), Month.parse("2026-10")) for one, other in combinations(TRIO, 2)]
    assert all(each.ways for each in found)
    return str([each.as_json() for each in found])


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    protected=st.sets(st.sampled_from(PEOPLE), min_size=1),
    when=st.sampled_from(["2026-09", "2026-10"]),
    column=st.sampled_from(["secrecy_marked", "protected_registration"]),
    left=st.booleans(),
)
def test_a_protected_person_never_appears(
    protected: set[str],
    when: str,
    column: str,
    left: bool,
    tmp_path_factory: pytest.TempPathFactory,
    put_table: PutTable,
) -> None:
    """Protected in any delivery: not as owner (now or before), worker, recipient, payee, nor by their home; in no
    table, card, month of the history, tie, export, way or picture. A picture names no person at all."""
    store = tmp_path_factory.mktemp("city")
    for month in ("2026-09", "2026-10"):
        put_ring(put_table, store, month, owner=PEOPLE[3] if left and month == "2026-10" else PEOPLE[0])
        put_people(put_table, store, month, {each for each in protected if month >= when}, column)
    manifest = run(store, "2026-10")
    told = str([read(store, name).to_dict() for name in SCHEMAS])
    told += files(store) + ways(store)
    assert all(each not in told for each in protected)
    assert all(each not in pictures(store) for each in PEOPLE)
    assert manifest.stats["protected_persons_left_out"] == len(protected)
    assert manifest.stats["networks"] == 1
