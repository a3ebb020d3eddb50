"""On whom flags fall: shares against all, withheld groups, intervals; and that a city's groups are kept nowhere."""

from __future__ import annotations

import csv
import json
import logging
import re
from pathlib import Path
from typing import Any

import pytest

from valfardsbrott.audit.burden import Line, spread
from valfardsbrott.audit.files import FILES, audit
from valfardsbrott.domain import Failure, Month
from valfardsbrott.stages.workspace import Workspace

MONTH = Month(2026, 10)


def lines(found: Any, column: str) -> dict[str, Line]:
    return {line.group: line for line in found.lines if (line.population, line.column) == ("recipients", column)}


def test_shares_by_district_count_flagged_networks_and_not_the_control_arm(published: Any, tmp_path: Path) -> None:
    found = audit(MONTH, published.settings, tmp_path / "to", least=5)
    north, south = lines(found, "district")["Norr"], lines(found, "district")["Syd"]
    assert (north.persons, north.flagged, north.share) == (90, 90, 1.0)
    assert (south.persons, south.flagged, south.share) == (120, 0, 0.0)
    assert north.difference == pytest.approx(1 - 90 / 210)
    assert found.totals["recipients"]["flagged"] == 90
    assert found.totals["recipients"]["in_file"] is None


def test_the_one_worker_of_all_is_withheld(published: Any, tmp_path: Path) -> None:
    found = audit(MONTH, published.settings, tmp_path / "to")
    staff = [line for line in found.lines if line.population == "staff"]
    assert staff
    assert all(line.persons is None for line in staff)
    assert found.totals["staff"]["persons"] is None


def test_groups_of_the_file_and_those_who_are_not_in_it(published: Any, groups: Path, tmp_path: Path) -> None:
    only_sex = "\n".join(line.rpartition(";")[0] for line in groups.read_text("utf-8").splitlines())
    groups.write_text(only_sex, encoding="utf-8")
    found = lines(audit(MONTH, published.settings, tmp_path / "to", groups, least=5), "file:sex")
    assert (found["woman"].persons, found["man"].persons, found[""].persons) == (100, 100, 10)
    assert found["woman"].share == pytest.approx(45 / 100)


def test_groups_of_the_file_and_the_small_one_withheld(published: Any, groups: Path, tmp_path: Path) -> None:
    found = audit(MONTH, published.settings, tmp_path / "to", groups, least=5)
    origin = lines(found, "file:origin")
    assert origin["rare"].persons is None
    assert sum(line.persons is None for line in origin.values()) >= 2, "or it could be worked out"
    assert found.totals["recipients"]["in_file"] == 200


def test_intervals_draw_providers_and_hold_the_share(published: Any, groups: Path, tmp_path: Path) -> None:
    found = audit(MONTH, published.settings, tmp_path / "to", groups, least=5)
    woman = lines(found, "file:sex")["woman"]
    assert woman.share_low is not None
    assert woman.share_high is not None
    assert woman.share is not None
    assert woman.share_low <= woman.share <= woman.share_high
    assert woman.share_high - woman.share_low > 0.5, "three providers say little, however many persons they have"


def test_the_spread_is_metric_frames(published: Any, tmp_path: Path) -> None:
    told = spread(audit(MONTH, published.settings, tmp_path / "to", least=5).lines)
    assert told["recipients", "district"] == pytest.approx((1.0, 0.0))
    assert ("recipients", "size_class") not in told, "one group has nothing to be compared with"


def test_a_protected_person_is_not_counted(published: Any, tmp_path: Path) -> None:
    import pandas as pd

    store = Workspace(published.settings)
    visited = pd.read_parquet(store.table("visit", MONTH))["recipient_id"]
    place = store.table("person", MONTH)
    place.parent.mkdir(parents=True)
    pd.DataFrame({
        "person_id": visited[-20:], "dwelling_id": None, "secrecy_marked": True, "protected_registration": False,
    }).astype({"dwelling_id": "object"}).to_parquet(place)  # fmt: skip
    assert audit(MONTH, published.settings, tmp_path / "to").totals["recipients"]["persons"] == 190


def test_nothing_of_the_file_is_stored_or_logged(
    published: Any, groups: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    before = published.files
    with caplog.at_level(logging.DEBUG):
        audit(MONTH, published.settings, tmp_path / "to", groups, least=5)
    assert published.files == before, "the audit writes where it is told to and nowhere else"
    assert sorted(path.name for path in (tmp_path / "to").iterdir()) == sorted(FILES)
    written = " ".join((tmp_path / "to" / name).read_text("utf-8") for name in FILES) + caplog.text
    assert not any(each in written for each in published.people)
    assert not re.search(r"p[0-9a-f]{32}", written)


@pytest.mark.parametrize("code", ["sv", "en"])
def test_the_page_says_what_cannot_be_told(published: Any, groups: Path, tmp_path: Path, code: str) -> None:
    settings = published.settings.model_copy(update={"language": code})
    audit(MONTH, settings, tmp_path / "to", groups, least=5)
    page = (tmp_path / "to" / "burden.html").read_text("utf-8")
    assert f'<html lang="{code}">' in page
    assert {"sv": "Vad detta inte säger", "en": "What this does not say"}[code] in page
    assert {"sv": "Visas inte: färre än 5", "en": "Not shown: fewer than 5"}[code] in page


def test_csv_and_json_say_the_same_and_withhold_the_same(published: Any, groups: Path, tmp_path: Path) -> None:
    found = audit(MONTH, published.settings, tmp_path / "to", groups, least=5)
    told = json.loads((tmp_path / "to" / "burden.json").read_text("utf-8"))
    with (tmp_path / "to" / "burden.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len(told["lines"]) == len(found.lines)
    for row, line in zip(rows, told["lines"], strict=True):
        assert (row["persons"] == "") == (line["persons"] is None) == (row["share"] == "")


def test_the_same_month_gives_the_same_bytes(published: Any, groups: Path, tmp_path: Path) -> None:
    for to in ("one", "two"):
        audit(MONTH, published.settings, tmp_path / to, groups, least=5)
    assert all((tmp_path / "one" / n).read_bytes() == (tmp_path / "two" / n).read_bytes() for n in FILES)


def test_what_cannot_be_audited_says_why(published: Any, tmp_path: Path) -> None:
    with pytest.raises(Failure, match="is not published"):
        audit(Month(2026, 9), published.settings, tmp_path)
    with pytest.raises(Failure, match="fewer than 5 persons"):
        audit(MONTH, published.settings, tmp_path, least=2)
    Workspace(published.settings).table("visit", MONTH).unlink()
    with pytest.raises(Failure, match="disposal may have taken them"):
        audit(MONTH, published.settings, tmp_path)


def test_the_command_says_that_a_file_was_read_where_one_was(
    published: Any, groups: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from valfardsbrott.cli import main

    monkeypatch.setenv("VALFARDSBROTT_KEY", published.settings.key)
    words = ["audit", "burden", "--month", "2026-10", "--out", str(published.settings.out), "--language", "en"]
    for given, told in (([], False), (["--groups", str(groups)], True)):
        monkeypatch.setattr("sys.argv", ["valfardsbrott", *words, "--to", str(tmp_path / "to"), *given])
        assert main() == 0
        assert ("The city's file was read and not kept." in capsys.readouterr().out) is told
