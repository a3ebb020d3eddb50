"""CSV files of many dialects give the same rows; what is wrong is told with file and line."""

from __future__ import annotations

import csv
import gzip
import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from valfardsbrott.domain import Failure
from valfardsbrott.sources import csv_scan, opening
from valfardsbrott.sources.csv_dialect import Dialect
from valfardsbrott.sources.csv_rows import read
from valfardsbrott.sources.raw import Finding

WANTED = ("org_number", "name", "city")
Row = tuple[str | None, ...]


def rows_of(path: Path, dialect: Dialect = Dialect()) -> tuple[list[Row], list[int], list[Finding]]:  # noqa: B008
    rows: list[Row] = []
    lines: list[int] = []
    findings: list[Finding] = []
    for batch, found in read(path, path.name, "provider", WANTED, dialect):
        names = [name for name in WANTED if name in batch.columns]
        rows += list(zip(*(batch.columns[name].to_pylist() for name in names), strict=True))
        lines += batch.lines.to_pylist()
        findings += found
    return rows, lines, findings


@pytest.fixture
def put(tmp_path: Path) -> Callable[..., Path]:
    def write(text: str | bytes, name: str = "provider.csv", encoding: str = "utf-8") -> Path:
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
        return path

    return write


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_dialects_are_told_apart_by_content(put: Callable[..., Path], delimiter: str, encoding: str, end: str) -> None:
    text = end.join(["Org-Number;NAME ;city", '0021000146;"Vård; åt alla";Älvsjö', "0022000251;Östra;Hägersten", ""])
    path = put(text.replace(";", delimiter), encoding=encoding)
    rows, lines, findings = rows_of(path)
    assert rows == [("0021000146", f"Vård{delimiter} åt alla", "Älvsjö"), ("0022000251", "Östra", "Hägersten")]
    assert lines == [2, 3]
    assert findings == []


FIELD = st.text(
    st.one_of(st.sampled_from(list('"\n,;\t\rå')), st.characters(codec="cp1252", exclude_characters="\x00")), max_size=8
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(st.tuples(FIELD, FIELD, FIELD), min_size=1, max_size=6),
    delimiter=st.sampled_from([",", ";", "\t"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "cp1252"]),
    end=st.sampled_from(["\n", "\r\n"]),
    piece=st.sampled_from([1, 7, 64, csv_scan.CHUNK]),
)
def test_any_rows_come_back_whatever_the_dialect(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows: list[tuple[str, str, str]], delimiter: str, encoding: str,
    end: str, piece: int,
) -> None:  # fmt: skip
    monkeypatch.setattr(csv_scan, "CHUNK", piece)
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator=end, quoting=csv.QUOTE_ALL)
    writer.writerows([WANTED, *rows])
    data = out.getvalue().encode(encoding)
    if encoding == "cp1252" and csv_scan._SWEDISH_UTF8.search(data):
        return  # reads as UTF-8 pasted into cp1252, which is refused on purpose
    path = tmp_path / "provider.csv"
    path.write_bytes(data)
    found, lines, findings = rows_of(path)
    if encoding == "cp1252":
        rows = [tuple(field.encode("cp1252").decode(_as_read(data)) for field in row) for row in rows]  # type: ignore[misc]
    assert found == rows
    assert findings == []
    assert lines == _lines(rows)


def _as_read(data: bytes) -> str:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def _lines(rows: list[tuple[str, str, str]]) -> list[int]:
    """The line that each row begins on: a line end inside a value counts, be it \\n, \\r or both."""
    lines, line = [], 2
    for row in rows:
        lines.append(line)
        text = "|".join(row)
        line += 1 + text.count("\n") + text.count("\r") - text.count("\r\n")
    return lines


def test_lines_are_exact_with_line_ends_in_values_blank_lines_and_ragged_rows(put: Callable[..., Path]) -> None:
    path = put('\n\norg_number,name,city\nO1,"two\nlines",A\n\nO2,B\nO3,C,D,E\n\r\nO4,D,E\n')
    rows, lines, findings = rows_of(path)
    assert [(row[0], line) for row, line in zip(rows, lines, strict=True)] == [("O1", 4), ("O4", 10)]
    assert [(one.line, one.rule, one.value) for one in findings] == [
        (7, "ragged_row", "2 values, header has 3"), (8, "ragged_row", "4 values, header has 3"),
    ]  # fmt: skip


def test_a_quote_inside_an_unquoted_value_is_only_a_quote(put: Callable[..., Path]) -> None:
    path = put('org_number,name,city\nO1,Vård 5" AB,A\n\nO2,"B ""x""",C\n')
    rows, lines, _ = rows_of(path)
    assert rows == [("O1", 'Vård 5" AB', "A"), ("O2", 'B "x"', "C")]
    assert lines == [2, 4]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('org_number,name\nO1,A\nO2,"B\nO3,C\n', 3),  # to the end of the file
        ('org_number,name\nO1,A\nO2,"B\nO3,"C"\n', 3),  # to the next quote
    ],
)
def test_broken_quoting_is_refused_where_it_begins(put: Callable[..., Path], text: str, line: int) -> None:
    with pytest.raises(Failure, match=rf"provider.csv, line {line}: broken quoting"):
        rows_of(put(text))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"org_number,name\nO1,\x81\n", "line 2: the text is neither UTF-8 nor cp1252"),
        ("org_number,name\nO1,Å\n".encode() + "O2,Ö\n".encode("cp1252"), "line 3: the text mixes UTF-8 and cp1252"),
        (b"org_number,name\nO1,A\nO2,\x00\n", "line 3: NUL byte"),
        ("org_number,name\nO1,A\n".encode("utf-16"), "is UTF-16"),
        (b"", "is empty"),
        (b"\n \n", "is empty"),
        (b"colour,shape\nred,round\n", "line 1: none of the columns is known"),
        (b"org_number,name,NAME\nO1,A,B\n", "line 1: the column name is there twice"),
    ],
)
def test_what_is_no_readable_table_is_refused_with_its_place(
    put: Callable[..., Path], data: bytes, message: str
) -> None:
    with pytest.raises(Failure, match=message):
        rows_of(put(data))


def test_a_value_too_long_to_be_one_is_refused(put: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("valfardsbrott.sources.csv_rows._BLOCK", 1024)
    with pytest.raises(Failure, match="a value is longer than"):
        rows_of(put("org_number,name\nO1," + "x" * 5000 + "\n"))


def test_unknown_columns_are_told_once_and_ignored(put: Callable[..., Path]) -> None:
    _, _, findings = rows_of(put("org_number,colour\nO1,red\nO2,blue\n"))
    assert [(one.column, one.rule, one.level) for one in findings] == [("colour", "unknown_column", "warning")]


def test_nulls_of_a_mapping_are_empty_and_others_are_text(put: Callable[..., Path]) -> None:
    path = put('org_number,name\n"NA",NA\nO2,"N/A"\n')
    assert rows_of(path, Dialect(nulls=("NA",)))[0] == [(None, None), ("O2", "N/A")]
    assert rows_of(path)[0] == [("NA", "NA"), ("O2", "N/A")]


def test_a_header_alone_is_an_empty_table(put: Callable[..., Path]) -> None:
    assert rows_of(put("org_number;name\n"))[:2] == ([], [])


@pytest.mark.parametrize("suffix", [".gz", ".zip"])
def test_packed_files_are_read_as_they_are(tmp_path: Path, suffix: str) -> None:
    data, path = b"org_number,name\nO1,A\n", tmp_path / f"provider.csv{suffix}"
    if suffix == ".gz":
        path.write_bytes(gzip.compress(data))
    else:
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("anything.csv", data)
    assert rows_of(path)[0] == [("O1", "A")]


def test_packed_files_are_refused_when_damaged_several_or_bombs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = gzip.compress(b"org_number,name\n" + b"O1,A\n" * 50_000)
    path = tmp_path / "provider.csv.gz"
    path.write_bytes(whole[:-30])
    with pytest.raises(Failure, match=r"provider.csv.gz is damaged or cut short"):
        rows_of(path)
    path.write_bytes(whole)
    monkeypatch.setattr(opening, "RATIO_FROM", 1000)
    with pytest.raises(Failure, match="unpacks to far more"):
        rows_of(path)
    two = tmp_path / "two.csv.zip"
    with zipfile.ZipFile(two, "w") as archive:
        archive.writestr("a.csv", "x")
        archive.writestr("b.csv", "y")
    with pytest.raises(Failure, match=r"two.csv.zip holds 2 files"):
        rows_of(two)
