"""The stage: what is written in several ways is one thing before anything is computed; the same bytes every time."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from valfardsbrott.domain import Failure, Manifest, Month
from valfardsbrott.identifiers import luhn_check_digit
from valfardsbrott.settings import Settings
from valfardsbrott.stages import entities, ingest
from valfardsbrott.stages.workspace import Workspace

PutTable = Callable[[Path, str, str, Sequence[Mapping[str, Any]]], Path]
OCTOBER = Month(2026, 10)
ALMA, ALMA_MISTYPED = "0029000015", "0029000115"


def neighbours(count: int = 40) -> list[dict[str, Any]]:
    made = []
    for at in range(count):
        nine = f"00310{at:04d}"
        made.append(
            {"org_number": nine + luhn_check_digit(nine), "name": f"Granne{at:02d} Vård", "street": f"Ekvägen {at + 1}",
             "postal_code": "11122", "city": "Lövhamn", "phone": f"09991{at:06d}", "email": f"a{at}@ek.se"}
        )  # fmt: skip
    return made


@pytest.fixture
def store(tmp_path: Path, put_table: PutTable) -> Path:
    """ALMA stands in the register twice, once under a mistyped number and on a misspelt street."""
    alma = {"name": "Alma Omsorg AB", "postal_code": "11122", "city": "Lövhamn", "email": "info@alma.se"}
    right = alma | {"org_number": ALMA, "street": "Storgatan 5", "phone": "08123456, 0701234567"}
    wrong = alma | {"org_number": ALMA_MISTYPED, "street": "Storgtan 5 lgh 1101", "phone": "0701234567"}
    put_table(tmp_path, "provider", "2026-10", [right, wrong, *neighbours()])
    homes = [{"person_id": f"p{at}", "street": f"Storgatan {at}", "postal_code": "11122"} for at in range(1, 9)]
    put_table(tmp_path, "person", "2026-10", homes)
    put_table(tmp_path, "payment_account", "2026-10", [
        {"org_number": ALMA_MISTYPED, "account_type": "iban", "account_number": "SE1795000000000000123414"},
    ])  # fmt: skip
    return tmp_path


def run(store: Path, month: Month = OCTOBER, **chosen: Any) -> Manifest:
    return entities.run(month, Settings(store=store, **{"threads": 1, **chosen}))


def rows(store: Path, kind: str, month: str = "2026-10") -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for row in pq.read_table(store / "entities" / month / "entity.parquet").to_pylist():
        if row["kind"] == kind:
            found.setdefault(row["raw"], []).append(row["canonical_id"])
    return found


def test_each_written_value_and_wrong_number_gets_its_one_name(store: Path) -> None:
    manifest = run(store)
    assert rows(store, "organisation") == {ALMA_MISTYPED: [ALMA]}
    address = rows(store, "address")
    assert address["Storgtan 5 lgh 1101|11122|Lövhamn"] == address["Storgatan 5|11122|Lövhamn"] == ["storgatan 5|11122"]
    assert rows(store, "phone")["08123456, 0701234567"] == ["0701234567", "08123456"]
    assert rows(store, "account") == {"SE1795000000000000123414": ["12341-4"]}
    kinds = manifest.stats["kinds"]
    assert kinds["organisation"] == {"values": 1, "spellings": 0, "doubtful": 1, "joined": 1, "left_apart": {}}
    assert (kinds["address"]["spellings"], kinds["address"]["joined"]) == (1, 1)


def test_a_payee_that_is_only_named_is_known_by_name_and_account(store: Path, put_table: PutTable) -> None:
    put_table(store, "payment_account", "2026-10", [
        {"org_number": ALMA, "account_type": "bankgiro", "account_number": "111-1111"},
    ])  # fmt: skip
    bill = {"org_number": neighbours()[0]["org_number"], "invoice_number": "1", "issue_date": "2026-10-05"}
    bill |= {"total_ore": 1, "source": "peppol", "account_number": "111-1111", "invoice_id": "i"}
    put_table(store, "invoice", "2026-10", [
        bill | {"payee_name": "ALMA OMSORG Aktiebolag"}, bill | {"payee_name": "Alma Bygg AB", "account_number": None},
    ])  # fmt: skip
    run(store)
    found = rows(store, "organisation")
    assert found["ALMA OMSORG Aktiebolag"] == [ALMA]
    assert found["Alma Bygg AB"] == ["Alma Bygg AB"]


def test_what_is_published_says_why(store: Path) -> None:
    run(store)
    found = {row["kind"]: row for row in pq.read_table(store / "entities/2026-10/joined.parquet").to_pylist()}
    assert set(found) == {"address", "organisation"}
    one = found["organisation"]
    assert (one["raw"], one["canonical_id"]) == (ALMA_MISTYPED, ALMA)
    assert sum(each["bits"] for each in json.loads(one["compared"])) == pytest.approx(one["match_weight"], abs=0.05)
    assert "Storgtan 5 lgh 1101, 11122" in found["address"]["text_en"]
    assert "bitar" in found["address"]["text_sv"]


def test_the_same_bytes_whatever_the_threads_and_the_run(store: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    def made(threads: int) -> dict[str, bytes]:
        for manifest in store.glob("manifests/entities/*.json"):
            manifest.unlink()
        for judged in store.glob("entities/*/judged-*.json"):
            judged.unlink()
        run(store, threads=threads)
        return {path.name: path.read_bytes() for path in (store / "entities" / "2026-10").iterdir()}

    assert made(1) == made(4) == made(2)


def test_a_month_whose_registers_have_not_changed_is_not_judged_again(
    store: Path, put_table: PutTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(store)
    assert run(store).cached
    for name in ("provider", "person", "payment_account"):
        again = pq.read_table(store / "tables" / name / "2026-10.parquet").to_pylist()
        put_table(store, name, "2026-11", again)

    def never(*_: object) -> None:
        raise AssertionError("judged again")

    monkeypatch.setattr(entities, "judge", never)
    run(store, Month(2026, 11))
    assert rows(store, "organisation", "2026-11") == {ALMA_MISTYPED: [ALMA]}


def test_a_sole_traders_home_is_normalised_and_never_judged(tmp_path: Path, put_table: PutTable) -> None:
    homes = [{"person_id": f"p{at}", "street": f"Storgatan {at}", "postal_code": "11122"} for at in range(1, 9)]
    put_table(tmp_path, "person", "2026-10", homes)
    trader = {"org_number": "p" + "e0" * 16, "name": "Eva Ek", "street": "STORGTAN 5", "postal_code": "11122"}
    put_table(tmp_path, "provider", "2026-10", [trader])
    manifest = run(tmp_path)
    assert rows(tmp_path, "address") == {"STORGTAN 5|11122|": ["storgtan 5|11122"]}
    assert manifest.stats["kinds"]["address"]["doubtful"] == 0
    assert "organisation" not in manifest.stats["kinds"]


def test_a_mistyped_worker_is_known_by_employer_and_visits_but_a_protected_one_never(
    tmp_path: Path, put_table: PutTable
) -> None:
    anna, wrong, hidden, veiled = ("p" + f"{each}" * 32 for each in "abcd")
    visits = [
        {"visit_id": str(at), "org_number": ALMA, "staff_id": who, "recipient_id": "prut", "service_code": "home_care",
         "started_at": f"2026-10-0{at} 08:00", "ended_at": f"2026-10-0{at} 09:00"}
        for at, who in enumerate((anna, wrong, hidden, veiled), 1)
    ]  # fmt: skip
    put_table(tmp_path, "visit", "2026-10", visits)
    place = tmp_path / "ingest" / "2026-10"
    place.mkdir(parents=True)
    near = pa.table({"person_id": [wrong, veiled], "near": [[anna], [hidden]]})
    pq.write_table(near, place / "doubtful.parquet")
    pq.write_table(pa.table({"person_id": [hidden]}), place / "protected.parquet")
    run(tmp_path)
    assert rows(tmp_path, "person") == {wrong: [anna]}


def test_wrong_person_numbers_are_kept_as_pseudonyms_with_their_neighbours(tmp_path: Path) -> None:
    folder = tmp_path / "deliveries" / "2026-10"
    folder.mkdir(parents=True)
    right, wrong = "198001019986", "198001019987"
    lines = "".join(f"{who},0029000015,2020-01-01\n" for who in (right, wrong, "198502029984"))
    (folder / "staff.csv").write_text("staff_id,org_number,employed_from\n" + lines, encoding="utf-8")
    settings = Settings(deliveries=tmp_path / "deliveries", store=tmp_path / "store", key="11" * 32)
    ingest.run(OCTOBER, settings)
    path = Workspace(settings).stage("ingest", OCTOBER, "doubtful.parquet")
    found = pq.read_table(path).to_pylist()
    staff = pq.read_table(Workspace(settings).table("staff", OCTOBER))["staff_id"].to_pylist()
    by_number = dict(zip((right, wrong), staff, strict=False))
    assert found == [{"person_id": by_number[wrong], "near": [by_number[right]]}]
    assert b"19800101" not in path.read_bytes()


def test_without_a_delivery_there_is_nothing_to_resolve(tmp_path: Path) -> None:
    with pytest.raises(Failure, match="no delivery for 2026-10"):
        run(tmp_path)
