"""report.html: one file, both languages, nothing shown of a person, every reason with its ordinary explanation."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from lxml import html

from valfardsbrott.domain import Manifest, Month
from valfardsbrott.features import feature_columns
from valfardsbrott.plots import peer_plot, trend
from valfardsbrott.settings import Settings
from valfardsbrott.stages import publish
from valfardsbrott.stages.language import language
from valfardsbrott.stages.result import shorten
from valfardsbrott.stages.workspace import Workspace

OCTOBER = Month(2026, 10)
OWNER = "p" + "0a" * 16


@pytest.fixture
def page(finished_store: Settings) -> Callable[..., html.HtmlElement]:
    def read(**changes: Any) -> html.HtmlElement:
        settings = finished_store.model_copy(update=changes)
        publish.run(OCTOBER, settings)
        return html.fromstring((settings.out / "2026-10" / "report.html").read_text("utf-8"))

    return read


def test_it_is_one_file_that_runs_nothing_and_fetches_nothing(page: Callable[..., html.HtmlElement]) -> None:
    tree = page()
    assert not tree.xpath("//script | //link | //iframe | //img | //object | //form")
    outside = [link for _, _, link, _ in tree.iterlinks() if not link.startswith("#")]
    assert outside == []
    assert "url(" not in tree.xpath("string(//style)")


@pytest.mark.parametrize(
    ("code", "title"), [("sv", "Att granska först: oktober 2026"), ("en", "To review first: October 2026")]
)
def test_it_is_in_the_readers_language(page: Callable[..., html.HtmlElement], code: str, title: str) -> None:
    tree = page(language=code)
    assert tree.get("lang") == code
    assert tree.xpath("string(//h1)") == title


def test_headings_descend_one_level_at_a_time_and_tables_have_scopes(page: Callable[..., html.HtmlElement]) -> None:
    tree = page()
    levels = [int(heading.tag[1]) for heading in tree.xpath("//h1|//h2|//h3|//h4|//h5")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(later - earlier <= 1 for earlier, later in pairwise(levels))
    assert all(cell.get("scope") in {"col", "row"} for cell in tree.xpath("//th"))
    targets = {link.get("href")[1:] for link in tree.xpath("//a")}
    assert targets <= set(tree.xpath("//@id"))


def test_a_flag_shows_value_peers_plot_months_and_its_ordinary_explanation(
    page: Callable[..., html.HtmlElement],
) -> None:
    flag = page(language="en").get_element_by_id("provider-0029000015")
    text = " ".join(flag.text_content().split())
    feature = next(feature for feature in feature_columns() if feature.name == "billed_over_performed")
    assert "1.38; the median of 10 comparable providers is 0.04." in text
    assert feature.label["en"] in text
    assert feature.innocent["en"] in text
    assert feature.check["en"] in text
    drawings = [drawing.get("aria-label") for drawing in flag.xpath(".//svg")]
    assert drawings[0] == "9 comparable providers between 0 and 0.08, median 0.04. This provider: 1.38."
    assert "by month: 0.05 in 2026-09, 1.38 in 2026-10." in drawings[1]
    assert "visit.csv:17" in text


def test_no_person_is_shown_and_the_control_arm_is_marked(page: Callable[..., html.HtmlElement]) -> None:
    tree = page()
    assert OWNER not in html.tostring(tree, encoding="unicode")
    assert "slumpkontroll" in tree.get_element_by_id("provider-0029000031").text_content()


def test_a_network_shows_its_ties_and_what_was_checked(page: Callable[..., html.HtmlElement]) -> None:
    network = page().get_element_by_id("network-N-7f3a").text_content()
    for told in (
        "Alma Omsorg AB",
        "Beda Hemtjänst AB",
        "betalkonto",
        "payment_account",
        "Samma koncern? Nej.",
        "2026-08: nytt, 2 leverantörer. Nya: Alma Omsorg AB, Beda Hemtjänst AB.",
        "45 dagar efter den månad (2026-08)",
        "payment_account payment_account.csv:3",
        "samma revisor",
    ):
        assert told in network


def test_blocks_of_people_who_moved_are_told_whether_or_not_a_network_is(page: Callable[..., html.HtmlElement]) -> None:
    moves = page(language="en").get_element_by_id("moves").text_content()
    for told in ("Carl", "Beda Hemtjänst AB", "2026-09", "new or tied company", "5 of 6 workers"):
        assert told in moves


def test_how_many_records_were_taken_for_another_is_told(page: Callable[..., html.HtmlElement]) -> None:
    text = " ".join(page(language="en").text_content().split())
    assert "Judged to be one and the same, with the evidence in entities.parquet: 0 addresses, 1 organisations" in text


@pytest.mark.parametrize(
    ("history", "line"),
    [
        ({"months": 3, "enough": False, "texts": []}, "cannot be judged yet: 3 months of history of 6"),
        ({"months": 12, "enough": True, "texts": []}, ""),
        ({"months": 12, "enough": True, "texts": [{}, {}]}, "The data has changed: 2 alarms"),
    ],
    ids=["too_short", "nothing_changed", "changed"],
)
def test_the_way_to_what_has_changed_in_the_data_is_there_where_there_is_something_to_say(
    finished_store: Settings, history: dict[str, Any], line: str
) -> None:
    settings = finished_store.model_copy(update={"language": "en"})
    Workspace(settings).record(Manifest("drift", str(OCTOBER), "drift-fingerprint", [], {"judged": 0} | history))
    publish.run(OCTOBER, settings)
    tree = html.fromstring((settings.out / "2026-10" / "report.html").read_text("utf-8"))
    ways = [way.text for way in tree.xpath("//a[@href='drift.html']")]
    assert len(ways) == bool(line)
    assert all(line in way for way in ways)
    assert (settings.out / "2026-10" / "drift.html").exists()


def test_what_could_not_be_computed_says_what_would_make_it_so(page: Callable[..., html.HtmlElement]) -> None:
    how = page(language="en").get_element_by_id("how").text_content()
    assert "claim_line" in how
    assert "No lines." in how


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("sv", "Samband som bygger på dessa uppgifter kunde inte sökas"),
        ("en", "Ties that rest on these data could not be looked for"),
    ],
)
def test_ties_that_could_not_be_looked_for_are_told(
    page: Callable[..., html.HtmlElement], code: str, told: str
) -> None:
    (said,) = page(language=code).xpath(f"//p[contains(., '{told}')]/text()")
    assert said.endswith(": staff.")


@pytest.mark.parametrize("code", ["sv", "en"])
def test_it_never_accuses(page: Callable[..., html.HtmlElement], code: str) -> None:
    text = page(language=code).text_content().lower()
    assert not re.search(r"bedräg|fuskar|misstänkt|skyldig\b|fraudster|guilty|suspect", text)


def test_both_languages_have_the_same_texts() -> None:
    def keys(texts: dict[str, Any], path: str = "") -> set[str]:
        return {
            key
            for name, value in texts.items()
            for key in (keys(value, f"{path}{name}.") if isinstance(value, dict) else {f"{path}{name}"})
        }

    assert keys(language("sv").texts) == keys(language("en").texts)


def test_every_unit_of_a_feature_has_its_words() -> None:
    for feature in feature_columns():
        for code in ("sv", "en"):
            assert language(code).value(0.5, feature.unit)


def test_plots_of_few_equal_or_no_peers_are_still_drawn_or_left_out() -> None:
    words = language("en")
    assert peer_plot([], 3.0, None, "count", words) == ""
    assert "1 comparable providers" in peer_plot([3.0], 3.0, 3.0, "count", words)
    assert trend([("2026-10", 1.0)], "count", "Visits", words) == ""
    gap = trend([("2026-08", 1.0), ("2026-09", None), ("2026-10", 2.0)], "count", "Visits", words)
    assert gap.count("M10") + gap.count("M250") == 3  # the axis, and a line that is broken in the middle


def test_a_name_that_is_markup_stays_text(finished_store: Settings, tmp_path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = finished_store.store_path / "matrix" / "2026-10" / "matrix.parquet"
    rows = pq.read_table(path)
    names = ["<script>alert(1)</script>", *rows["name"].to_pylist()[1:]]
    pq.write_table(rows.set_column(rows.column_names.index("name"), "name", pa.array(names)), path)
    publish.run(OCTOBER, finished_store)
    page = (finished_store.out / "2026-10" / "report.html").read_text("utf-8")
    assert "<script" not in page
    assert "&lt;script&gt;" in page


def test_a_very_long_name_of_several_lines_is_shown_on_one() -> None:
    assert shorten("Omsorg \n och\tmer  omsorg", 80) == "Omsorg och mer omsorg"
    assert shorten("x" * 30_000, 80) == "x" * 79 + "…"


def test_every_drawing_of_a_published_month_is_drawn(published_city: Path) -> None:
    pages = {path.name: path.read_text("utf-8") for path in published_city.glob("*.html")}
    assert {"report.html", "drift.html"} <= pages.keys()
    assert [name for name, text in pages.items() if "&lt;svg" in text] == [], "a drawing is written out as text"
    curve = pages["report.html"].partition('<section id="capacity"')[2].partition("</section>")[0]
    assert "<svg" in curve, "what a longer list would bring"
