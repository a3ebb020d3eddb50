"""A foreign file becomes the tables of the data model, and a mapping in error says on which line and why."""

from __future__ import annotations

import re
from pathlib import Path
from textwrap import dedent
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from valfardsbrott.domain import Failure
from valfardsbrott.sources.mapping import load
from valfardsbrott.sources.mapping_rows import read

ROOT = Path(__file__).resolve().parents[2]
CARE = """
    Id;Firm;Kund;Beslutade timmar;Start;Typ
    1;0021000146;197506159818;12,5;01/02/2026;H
    2;0021000146;198001019986;;02/02/2026;L
    3;0022000251;197506159818;1;31/02/2026;X
    """
MAPPING = """
    version: 1
    files:
      - file: "care*.csv"
        dialect: {delimiter: ";", nulls: ["NA"]}
        tables:
          - table: care_decision
            where: {Typ: [H, L]}
            columns:
              decision_id: {template: "D{Id}-{row}"}
              recipient_id: kund
              board_id: {constant: B1}
              law: {from: Typ, values: {H: SoL}, default: LSS}
              service_code: {constant: home_care}
              granted_minutes_month: {from: Beslutade Timmar, unit: hours, empty: "0"}
              valid_from: {from: Start, format: "%d/%m/%Y"}
              org_number: Firm
          - table: provider
            distinct: true
            columns: {org_number: Firm, name: {template: "Firm {Firm}"}}
    """


def put(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(dedent(text).lstrip("\n"), encoding="utf-8")
    return path


def rows_of(path: Path, mapping: Path, *only: str) -> list[dict[str, Any]]:
    rule = load(mapping).rule_for(path.name)
    assert rule is not None
    found = []
    for rows, findings in read(path, path.name, rule, only):
        assert findings == []
        found += pa.table(rows.columns).append_column("line", rows.lines).to_pylist()
    return found


def test_rename_constant_values_unit_format_and_template(tmp_path: Path) -> None:
    mapping, path = put(tmp_path, "mapping.yaml", MAPPING), put(tmp_path, "care_2026.csv", CARE)
    first, second = rows_of(path, mapping, "care_decision")  # the third is no decision: where
    assert first == {
        "decision_id": "D1-1", "recipient_id": "197506159818", "board_id": "B1", "law": "SoL",
        "service_code": "home_care", "granted_minutes_month": "750", "valid_from": "2026-02-01T00:00:00",
        "org_number": "0021000146", "line": 2,
    }  # fmt: skip
    assert (second["law"], second["granted_minutes_month"], second["line"]) == ("LSS", "0", 3)


def test_one_file_to_several_tables_and_each_firm_once(tmp_path: Path) -> None:
    mapping, path = put(tmp_path, "mapping.yaml", MAPPING), put(tmp_path, "care_2026.csv", CARE)
    found = rows_of(path, mapping, "provider")
    assert [(row["org_number"], row["name"], row["line"]) for row in found] == [
        ("0021000146", "Firm 0021000146", 2), ("0022000251", "Firm 0022000251", 4),
    ]  # fmt: skip
    assert len(rows_of(path, mapping, "provider", "care_decision")) == 4


def test_several_columns_of_a_row_become_rows_of_one_register(tmp_path: Path) -> None:
    mapping = put(tmp_path, "mapping.yaml", """
        files:
          - file: claims.csv
            tables:
              - table: staff
                distinct: true
                where: {Doctor: {empty: false}}
                columns: {staff_id: Doctor, org_number: Firm, employed_from: {constant: "2026-01-01"}}
              - table: staff
                distinct: true
                where: {Helper: {empty: false}}
                columns: {staff_id: Helper, org_number: Firm, employed_from: {constant: "2026-01-01"}}
        """)  # fmt: skip
    path = put(tmp_path, "claims.csv", "Firm,Doctor,Helper\nF1,D1,D2\nF1,D2,\nF1,,D1\nF2,D1,D1\n")
    found = rows_of(path, mapping, "staff")
    assert sorted((row["org_number"], row["staff_id"]) for row in found) == [("F1", "D1"), ("F1", "D2"), ("F2", "D1")]


def test_money_is_converted_exactly(tmp_path: Path) -> None:
    mapping = put(tmp_path, "mapping.yaml", """
        files:
          - file: paid.csv
            tables:
              - table: invoice
                columns:
                  invoice_id: Id
                  org_number: {constant: "0021000146"}
                  invoice_number: Id
                  issue_date: {constant: "2026-10-01"}
                  total_sek: {from: Amount, currency: EUR, rate: 11.4567}
                  source: {constant: ledger}
        """)  # fmt: skip
    path = put(tmp_path, "paid.csv", 'Id,Amount\n1,"1 000,10"\n2,0.005\n3,free\n4,\n')
    assert [row["total_sek"] for row in rows_of(path, mapping, "invoice")] == ["11457.85", "0.06", "free", None]


def test_what_does_not_have_the_form_stays_for_its_finding(tmp_path: Path) -> None:
    text = MAPPING.replace("[H, L]", "[X]")
    mapping, path = put(tmp_path, "mapping.yaml", text), put(tmp_path, "care_2026.csv", CARE)
    assert [row["valid_from"] for row in rows_of(path, mapping, "care_decision")] == ["31/02/2026"]


def test_parquet_is_mapped_as_well(tmp_path: Path) -> None:
    mapping = put(tmp_path, "mapping.yaml", MAPPING.replace("care*.csv", "care.parquet"))
    path = tmp_path / "care.parquet"
    pq.write_table(pa.table({"ID": [7], "Firm": ["F"], "kund": ["K"], "Beslutade timmar": [0.5], "start": [None],
                             "Typ": ["H"]}, schema=None), path)  # fmt: skip
    (row,) = rows_of(path, mapping, "care_decision")
    assert (row["decision_id"], row["granted_minutes_month"], row["valid_from"], row["line"]) == ("D7-1", "30", None, 1)


def test_a_column_that_the_file_lacks_is_named(tmp_path: Path) -> None:
    mapping = put(tmp_path, "mapping.yaml", MAPPING)
    path = put(tmp_path, "care.csv", "Id;Firm;Kund;Start;Typ\n1;F;K;01/02/2026;H\n")
    with pytest.raises(Failure, match=r"care\.csv: the mapping needs the column beslutade_timmar"):
        rows_of(path, mapping, "care_decision")


def test_a_ragged_row_is_one_finding_however_many_tables(tmp_path: Path) -> None:
    mapping = load(put(tmp_path, "mapping.yaml", MAPPING))
    path = put(tmp_path, "care.csv", CARE + "    4;F\n")
    rule = mapping.rule_for("care.csv")
    assert rule is not None
    found = [one for _, findings in read(path, "care.csv", rule, ("provider", "care_decision")) for one in findings]
    assert [(one.table, one.line, one.rule) for one in found] == [("care_decision", 5, "ragged_row")]
    assert [one for _, findings in read(path, "care.csv", rule, ("provider",)) for one in findings] == []


@pytest.mark.parametrize(
    ("wrong", "right", "line", "message"),
    [
        ("table: provider", "table: firm", 17, "there is no table 'firm'"),
        ("recipient_id: kund", "recipient: kund", 10, "care_decision has no column 'recipient'"),
        ("board_id: {constant: B1}", "decided_on: Start", 9, "care_decision needs board_id"),
        ("distinct: true", "distinct: often", 18, "true or false"),
        ("distinct: true", "unique: true", 18, "'unique' is not known here"),
        ("{constant: B1}", "{constant: B1, from: Typ}", 11, "board_id needs one of from, constant and template"),
        ("{constant: B1}", "{}", 11, "board_id needs one of"),
        ("unit: hours", "unit: weeks", 14, "'weeks' is not one of"),
        ("unit: hours", "factor: many", 14, "a number is needed here"),
        ("unit: hours", "unit: hours, factor: 2", 14, "unit and factor do not go together"),
        ("unit: hours", "currency: EUR", 14, "a currency needs a 'rate'"),
        ("%d/%m/%Y", "%d/%B/%Y", 15, "a format is made of"),
        ('delimiter: ";"', 'delimiter: "|"', 4, "'|' is not one of"),
        ("where: {Typ: [H, L]}", "where: [H]", 7, "names with values"),
        ("version: 1", "version: 1\n    version: 2", 2, "'version' is there twice"),
        ("version: 1", "shell: rm", 1, "'shell' is not known here"),
    ],
)
def test_errors_name_line_and_remedy(tmp_path: Path, wrong: str, right: str, line: int, message: str) -> None:
    path = put(tmp_path, "mapping.yaml", MAPPING.replace(wrong, right, 1))
    with pytest.raises(Failure) as failure:
        load(path)
    assert str(failure.value).startswith(f"mapping.yaml, line {line}: ")
    assert message in str(failure.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty"), ("files: [", "line 1: not YAML"), ("- a", "line 1: names with values"),
        ("version: 1", "line 1: there is no 'files'"), ("files: {}", "line 1: files is a list"),
        ("files: [{file: a.csv}]", "'tables' is missing"),
        ("files: !!python/object/apply:os.getcwd []", "files is empty"),
    ],
)  # fmt: skip
def test_what_is_no_mapping_is_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(Failure, match=message):
        load(put(tmp_path, "mapping.yaml", text))


def test_the_guide_shows_mappings_that_are_right(tmp_path: Path) -> None:
    guide = (ROOT / "docs" / "deliveries.md").read_text(encoding="utf-8")
    examples = re.findall(r"```yaml\n(.*?)```", guide, re.DOTALL)
    made = [load(put(tmp_path, "mapping.yaml", example)) for example in examples]
    assert [[rule.table.name for rule in one.files[0].tables] for one in made] == [
        ["care_decision"],
        ["provider", "staff", "staff"],
    ]


def test_the_published_examples_are_right() -> None:
    examples = sorted((ROOT / "docs" / "mappings").glob("*.yaml"))
    assert [load(path).files[0].pattern for path in examples] == ["payments.csv", "*Inpatientdata*.csv*"]
