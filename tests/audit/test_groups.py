"""The city's file of groups: what is wrong is told by file, line and column, and never by what stands there."""

from __future__ import annotations

from pathlib import Path

import pytest

from valfardsbrott.audit.groups import read
from valfardsbrott.domain import Failure
from valfardsbrott.identifiers import luhn_check_digit


def valid(number: str) -> str:
    """With its check digit, as nobody has it: birth numbers 980 to 989."""
    ten = number.replace("-", "")[2:11]
    return f"19{ten[:6]}-{ten[6:]}{luhn_check_digit(ten)}"


ADA, BEA = valid("19800101-980"), valid("19800101-981")


def written(tmp_path: Path, text: str, encoding: str = "utf-8") -> Path:
    path = tmp_path / "groups.csv"
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_a_file_as_a_city_writes_it(tmp_path: Path, delimiter: str, encoding: str) -> None:
    lines = [["person_id", "kön"], [ADA, "kvinna"], [], [BEA, ""]]
    path = written(tmp_path, "\r\n".join(delimiter.join(line) for line in lines), encoding)
    found = read(path, lambda canonical: f"p{canonical}")
    assert found.columns == ("kön",)
    assert found.of == {f"p{ADA.replace('-', '')}": ("kvinna",), f"p{BEA.replace('-', '')}": ("",)}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "column person_id: there is no such column"),
        ("id;sex\n1;x\n", "line 1, column person_id: there is no such column"),
        ("person_id\n1\n", "no column of groups"),
        ("person_id;sex;sex\n", "column sex: a column's name is empty or there twice"),
        ("person_id;sex\n", "holds no person"),
        (f"person_id;sex\n{ADA};w\n19800101-1234;m\n", "line 3, column person_id: it is no person number"),
        (f"person_id;sex\n{ADA};w\n\n{ADA};m\n", "line 4, column person_id: the person is in the file already"),
        (f"person_id;sex\n{ADA};w;x\n", "line 2: the line has 3 cells and the header 2"),
    ],
)
def test_what_is_wrong_is_told_by_place(tmp_path: Path, text: str, told: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(Failure) as failure:
        read(path, str)
    message = str(failure.value)
    assert str(path) in message
    assert told in message
    assert not any(number in message for number in (ADA, BEA, ADA.replace("-", ""), "19800101-1234"))


def test_a_column_of_as_many_groups_as_persons_is_no_grouping(tmp_path: Path) -> None:
    numbers = [valid(f"{1930 + at}0101-98{at % 10}") for at in range(40)]
    rows = "\n".join(f"{number};street {at}" for at, number in enumerate(numbers))
    with pytest.raises(Failure, match="column address: it has more than 30 groups"):
        read(written(tmp_path, f"person_id;address\n{rows}\n"), str)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(Failure, match="cannot be read"):
        read(tmp_path / "none.csv", str)


def test_the_groups_have_no_representation(tmp_path: Path) -> None:
    found = read(written(tmp_path, f"person_id;sex\n{ADA};woman\n"), str)
    assert "woman" not in repr(found)
    assert ADA.replace("-", "") not in repr(found)
