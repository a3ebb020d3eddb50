"""The document's figures are those of the case database; it is the same bytes twice, and nobody is in it."""

from __future__ import annotations

import datetime as dt
import io
import json
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from valfardsbrott.domain import Failure
from valfardsbrott.measures import binomial_interval
from valfardsbrott.review.models import Case, Decision, PlanVersion, ProviderEvent, User
from valfardsbrott.review.situation import editions, forms, guard, plan
from valfardsbrott.review.situation.config import Config
from valfardsbrott.review.situation.figures import Limits
from valfardsbrott.review.situation.kinds import templates
from valfardsbrott.review.situation.period import Period
from valfardsbrott.review.situation.picture import Folders, publication, reckon
from valfardsbrott.web.words import words

YEAR, DAY = Period.of("2025-11", "2026-10"), dt.date(2026, 11, 22)


def document(db: Session, folders: Folders, config: Config | None = None, **order: Any) -> dict[str, Any]:
    made = editions.Order(order.pop("period", YEAR), order.pop("day", DAY), **order)
    return editions.make(db, made, folders, config or Config(), words("sv"))


def cells(made: dict[str, Any], key: str) -> dict[str, list[Any]]:
    block = next(one for one in made["blocks"] if one["is"] == "table" and one["key"] == key)
    return {row[0]: row[1:] for row in block["rows"]}


def test_figures_are_those_of_queries_on_the_case_database(db: Session, folders: Folders) -> None:
    made = document(db, folders)

    def decided(*where: Any) -> int:
        asked = select(func.count(func.distinct(Case.entity_id))).join(Decision, Decision.case_id == Case.id)
        return db.scalar(asked.where(*where)) or 0

    table = cells(made, "summary")
    assert table["Flaggade"] == [db.scalar(select(func.count(Case.id)))] == [30]
    assert table["Granskade"] == [decided()] == [24]
    assert table["Bekräftade"] == [decided(Decision.kind == "confirm")]
    assert table["Överlämnade"] == [decided(Decision.kind == "refer")]
    paid = db.scalar(text("select sum(amount_ore) from decision where kind = 'confirm'"))
    assert cells(made, "summary_amounts")["Bekräftat belopp, kr"] == [round(paid / 100_000) * 1000]
    by_board = cells(made, "by_board")
    for board, name in (("N01", "Norrstads nämnd"), ("N02", "Söderstads nämnd"), ("N03", "Västerstads nämnd")):
        shown, true = by_board[name][2], decided(Decision.kind == "confirm", Case.board_id == board)
        assert shown in {"..", true}
    assert [row[0] for row in by_board.values()].count("..") == 0


def test_prevalence_is_of_the_random_sample_alone(db: Session, folders: Folders) -> None:
    figures = reckon(db, YEAR, folders, DAY, Limits())
    checks = db.scalars(select(Decision.kind).where(Decision.arm == "control")).all()
    checked, confirmed = len(checks), [str(kind) for kind in checks].count("confirm")
    low, high = binomial_interval(confirmed, checked)
    assert figures["prevalence"] | {"share": confirmed / checked, "low": low, "high": high} == figures["prevalence"]
    few = reckon(db, YEAR, folders, DAY, Limits(providers=confirmed + 1))["prevalence"]
    assert (few["share"], few["low"]) == (None, 0.0)
    assert few["high"] == binomial_interval(confirmed, checked)[1]


def test_a_reversed_decision_and_one_after_the_day_are_not_counted(db: Session, folders: Folders) -> None:
    before = publication(reckon(db, YEAR, folders, DAY, Limits())).get("confirmed")
    first = db.scalars(select(Decision).where(Decision.kind == "confirm")).unique().first()
    assert first is not None
    first.status = "reversed"  # type: ignore[assignment]
    db.flush()
    assert publication(reckon(db, YEAR, folders, DAY, Limits())).get("confirmed") == (before or 0) - 1


def test_the_same_document_is_the_same_bytes_and_all_tables_are_there(db: Session, folders: Folders) -> None:
    one, two = document(db, folders), document(db, folders)
    assert one == two
    assert len(editions.editions(db)) == 1
    first, second = forms.files(one), forms.files(json.loads(json.dumps(two)))
    assert first == second
    assert {"by_board.csv", "by_district.json", "runs.csv"} <= {name.split("/")[-1] for name in first}
    assert first["lagesbild-2025-11-2026-10-1-tabeller/runs.csv"].decode("utf-8-sig").splitlines()[1] == (
        "2025-11;2025-11-abc"
    )


def test_the_pdf_is_tagged_and_in_swedish_and_the_word_file_has_headings(db: Session, folders: Folders) -> None:
    import docx
    import pypdf

    made = forms.files(document(db, folders, Config(city="Exempelstad")))
    name = "lagesbild-2025-11-2026-10-1"
    pdf = pypdf.PdfReader(io.BytesIO(made[f"{name}.pdf"]))
    root: Any = pdf.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "sv"
    assert b"pdfuaid:part" in root["/Metadata"].get_object().get_data()
    told = "".join(page.extract_text() for page in pdf.pages)
    assert "2026-10-abc" in told
    word = docx.Document(io.BytesIO(made[f"{name}.docx"]))
    headings = [one.text for one in word.paragraphs if one.style is not None and one.style.name == "Heading 1"]
    assert headings[:2] == ["Lägesbild", "Orsaksanalys"]
    assert all("w:tblHeader" in table.rows[0]._tr.xml for table in word.tables)
    assert next(iter(word.inline_shapes))._inline.docPr.get("descr").startswith("Staplar")


def test_figures_stay_when_the_database_goes_on_and_periods_do_not_overlap(db: Session, folders: Folders) -> None:
    before = cells(document(db, folders), "summary")
    for one in db.scalars(select(Decision)).unique():
        one.status = "reversed"  # type: ignore[assignment]
    approve(db, "measure", {**templates()["invoice_rules"], "ends": "2027-01-01", "progress": "planned"})
    after = document(db, folders)
    assert (after["number"], cells(after, "summary")) == (2, before)
    with pytest.raises(Failure, match="overlaps"):
        document(db, folders, period=Period.of("2026-02", "2026-10"))
    assert document(db, folders, draft=True, day=dt.date(2026, 12, 1))["number"] == 2  # nothing new to draft


def test_a_later_period_is_shown_beside_the_earlier_as_it_was_published(db: Session, folders: Folders) -> None:
    first = document(db, folders, period=Period.of("2025-11", "2026-04"), day=dt.date(2026, 5, 2))
    second = document(db, folders, period=Period.of("2026-05", "2026-10"))
    rows = cells(second, "history")
    assert list(rows) == ["2025-11–2026-04", "2026-05–2026-10"]
    for made, row in zip((first, second), rows.values(), strict=True):
        assert row[:4] == [value for (value,) in cells(made, "summary").values()]


def test_a_period_that_has_not_ended_or_has_no_run_is_refused(db: Session, folders: Folders) -> None:
    for period, told in ((Period.of("2026-10", "2026-12"), "not ended"), (Period.of("2020-01", "2020-12"), "no month")):
        with pytest.raises(Failure, match=told):
            document(db, folders, period=period)


def test_nothing_is_made_that_names_a_provider_or_a_person(db: Session, folders: Folders) -> None:
    for foreword in ("Tack till Utförare Nummer7 AB.", "Ring 001234-5678."):
        with pytest.raises(Failure, match="would name"):
            document(db, folders, Config(foreword=[foreword]))
    made = json.dumps(document(db, folders), ensure_ascii=False)
    assert "Utförare Nummer" not in made
    assert not guard.numbers_in(made.replace("<svg", " <svg"))


def test_each_board_answers_for_itself_and_who_has_not_is_named(db: Session, folders: Folders) -> None:
    trained = {"title": "Utbildade", "definition": "Andel utbildade.", "unit": "share", "better": "higher"}
    approve(db, "indicator", trained)
    approve(db, "target", {"indicator": "Utbildade", "year": "2026", "target": "0,8", "partly": "0,6"})
    for board, value in (("N01", "0,8"), ("N02", "0.65")):
        approve(db, "outcome", {"indicator": "Utbildade", "year": "2026", "value": value, "source": "HR"}, board)
    made = document(db, folders)
    answers = cells(made, "indicator_utbildade_2026")
    assert [row[2] for row in answers.values()] == ["helt", "delvis", "ej svarat", "delvis"]
    assert "Har inte svarat: Västerstads nämnd." in [block.get("text") for block in made["blocks"]]


def test_money_that_nobody_follows_up_is_reckoned_from_what_was_paid(db: Session, folders: Folders) -> None:
    approve(db, "indicator", {
        "title": "Uppföljt", "definition": "Andel.", "unit": "share", "better": "higher", "computed": "followed_share",
    })  # fmt: skip
    approve(db, "target", {"indicator": "Uppföljt", "year": "2026", "target": "0,5"})
    visited = db.scalar(select(func.count(func.distinct(ProviderEvent.org_number))))
    made = document(db, folders)
    city = cells(made, "indicator_uppföljt_2026")["Hela staden"]
    assert (city[1], city[2]) == ("20 %".replace(" ", "\u202f"), "inte")
    assert visited == 6
    assert cells(made, "boards_money")["Hela staden"][3:5] == [6, 3]


def test_what_was_handed_over_comes_from_the_disclosure_records(db: Session, folders: Folders) -> None:
    made = document(db, folders)
    sent = db.scalar(text("select count(*) from disclosure"))
    assert cells(made, "by_recipient")["Polismyndigheten"] == [sent, sent]
    assert "Median från överlämnande till svar: 20 dagar." in [block.get("text") for block in made["blocks"]]


def approve(db: Session, kind: str, given: dict[str, Any], board: str | None = None) -> PlanVersion:
    people = {one.subject: one for one in db.scalars(select(User))}
    made = plan.propose(db, people["demo:anna"], kind, given, board)
    return plan.decide(db, people["demo:lena"], made.entry, "Stämmer.", approve=True)
