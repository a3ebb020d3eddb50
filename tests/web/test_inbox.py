"""The inbox: blind, filtered, taken by one, given out, put off; what others do in between is not overwritten."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

pytestmark = pytest.mark.parametrize("engine", ["sqlite", "postgresql"], indirect=True)


def names(page: Any) -> list[str]:
    """The cases' names down the list."""
    return re.findall(r'<th scope="row".*?</th>\s*<td>(.*?)</td>', page.text, re.DOTALL)


def test_the_list_shows_every_hit_and_not_how_it_was_selected(anna: Any) -> None:
    page = anna.get("/inbox")
    assert sorted(names(page)) == [
        "Ekdal Stöd",
        "Gransbo Hemtjänst",
        "Nätverk: Gransbo Hemtjänst och 1 till",
        "Tallvik Omsorg",
    ]
    table = page.text[page.text.index("<tbody>") :]
    assert not re.search(r"control|risk|slump", table)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"board": "N02"}, {"Ekdal Stöd"}),
        ({"district": "Norrstad", "text": "gran"}, {"Gransbo Hemtjänst", "Nätverk: Gransbo Hemtjänst och 1 till"}),
        ({"text": "0029000031"}, {"Ekdal Stöd"}),
        ({"text": "%"}, set()),
        ({"state": "closed"}, set()),
        ({"assignee": "me"}, set()),
        ({"month": "2026-09"}, set()),
        ({"order": "amount", "page": "9", "unknown": "x"}, {"Ekdal Stöd", "Gransbo Hemtjänst", "Tallvik Omsorg"}),
    ],
)
def test_it_is_filtered(anna: Any, query: dict[str, str], expected: set[str]) -> None:
    found = set(names(anna.get("/inbox", **query)))
    assert found - {"Nätverk: Gransbo Hemtjänst och 1 till"} == expected - {"Nätverk: Gransbo Hemtjänst och 1 till"}


def test_the_largest_amount_comes_first_if_asked_for(anna: Any) -> None:
    assert names(anna.get("/inbox", order="amount"))[0] == "Tallvik Omsorg"


def test_two_who_take_the_next_get_two_cases(visitor: Callable[[str], Any]) -> None:
    taken = [visitor(who).post("/inbox/take").url.path for who in ("demo:anna", "demo:bo")]
    assert len(set(taken)) == 2
    assert all(re.fullmatch(r"/cases/\d+/open", path) for path in taken)


def test_there_is_nothing_left_when_all_are_taken(anna: Any) -> None:
    for _ in range(4):
        anna.post("/inbox/take")
    page = anna.post("/inbox/take")
    assert page.url.path == "/inbox"
    assert "inget otaget ärende" in page.text


def test_ticked_cases_are_given_to_somebody_all_or_none(visitor: Callable[[str], Any], user_id: Any) -> None:
    lena = visitor("demo:lena")
    lena.get("/inbox")
    page = lena.post("/inbox/bulk", action="assign", case=["2", "4"], assignee=str(user_id("demo:bo")))
    assert page.text.count("<td>Bo (demo)</td>") == 2
    refused = lena.post("/inbox/bulk", action="assign", case=["2", "3"], assignee=str(user_id("demo:norr")))
    assert refused.status_code == 409
    assert lena.get("/inbox").text.count("<td>Bo (demo)</td>") == 2


def test_a_case_put_off_is_not_the_next(anna: Any) -> None:
    anna.get("/inbox")
    anna.post("/inbox/bulk", action="snooze", case=["1", "2", "3"], until="2999-01-01")
    assert anna.post("/inbox/take").url.path == "/cases/4/open"
    assert len(names(anna.get("/inbox", state="snoozed"))) == 3


def test_a_filter_is_saved_used_and_deleted(anna: Any) -> None:
    anna.get("/inbox")
    page = anna.post("/inbox/filters", name="<b>Mina</b>", query="board=N02&order=amount")
    assert 'href="/inbox?board=N02&amp;order=amount">&lt;b&gt;Mina&lt;/b&gt;' in page.text
    assert "Mina" not in anna.post("/inbox/filters/1/delete").text


def test_who_saves_an_old_page_is_told_so(visitor: Callable[[str], Any]) -> None:
    anna, bo = visitor("demo:anna"), visitor("demo:bo")
    old = anna.open(2).text
    version = re.search(r'name="version" value="(\d+)"', old)
    assert version
    bo.open(2)
    bo.post("/cases/2/deadline", version=version[1], on="2027-01-31")
    refused = anna.post("/cases/2/deadline", version=version[1], on="2027-02-28")
    assert refused.status_code == 409
    assert "ändrades medan du hade sidan öppen" in refused.text
    assert "2027-01-31" in anna.get("/cases/2").text


def test_a_locked_case_is_its_takers_alone(visitor: Callable[[str], Any]) -> None:
    anna, bo, lena = (visitor(each) for each in ("demo:anna", "demo:bo", "demo:lena"))
    path = anna.post("/inbox/take").url.path.removesuffix("/open")
    case_id = int(path.rsplit("/", 1)[1])
    bo.open(case_id)
    assert "Anna (demo) arbetar med ärendet" in bo.post(f"{path}/release").text
    lena.open(case_id)
    assert lena.post(f"{path}/release").status_code == 200


def test_what_changed_since_last_month(anna: Any) -> None:
    page = anna.get("/changes").text
    assert "oktober 2026 är den första månaden" in page
    assert page.count("/cases/") == 4
