"""Legal grounds: what each opens, what it asks for, and that data of individuals stay where the law keeps them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml

from valfardsbrott.catalogue import tables
from valfardsbrott.domain import Failure
from valfardsbrott.networks.links import DISCOUNTED_TYPES, LINK_TYPES
from valfardsbrott.review import statutes

TODAY = dt.date(2026, 11, 2)
ALL = tuple(statutes.load().categories)


@pytest.mark.parametrize("statute", statutes.load().statutes, ids=lambda one: one.id)
def test_each_ground_says_what_it_is(statute: statutes.Statute) -> None:
    for words in (statute.law, statute.sums, *(one.text for one in statute.conditions)):
        assert words.keys() == {"sv", "en"}
        assert all(words.values())
    assert statute.conditions
    assert statute.kind in {"referral", "notification", "police_report"}
    assert statute.checked in {"text", "secondary", "knowledge"}
    assert set(statute.recipients) <= statutes.RECIPIENTS
    assert statute.excluded | statute.penalty_for <= set(ALL)


def test_every_table_of_a_delivery_has_a_category_or_never_goes() -> None:
    never = {"known_case"}
    assert set(statutes.load().table_category) == set(tables()) - never


def test_every_kind_of_link_has_a_category() -> None:
    assert set(statutes.load().link_category) == {*LINK_TYPES, *DISCOUNTED_TYPES}


@pytest.mark.parametrize(
    ("statute_id", "penalty", "opens_social_services"),
    [
        ("osl-10-15a", None, True),
        ("us-2024-307", None, False),
        ("us-2025-170", None, False),
        ("osl-10-23", None, False),
        ("osl-10-23", 5, False),
        ("osl-10-23", 6, True),
        ("us-2008-206", None, False),
    ],
)
def test_social_services_data_go_only_where_the_law_lets_them(
    statute_id: str, penalty: int | None, opens_social_services: bool
) -> None:
    assert ("social_services" in statutes.get(statute_id, TODAY).opens(penalty)) is opens_social_services


def test_a_ground_counts_from_its_day() -> None:
    assert statutes.get("osl-10-15a", dt.date(2025, 12, 1)).version == "2025:934"
    with pytest.raises(Failure, match="no legal ground osl-10-15a was in force on 2025-11-30"):
        statutes.get("osl-10-15a", dt.date(2025, 11, 30))


def test_the_police_have_no_ground_for_supervision() -> None:
    assert "lss-15-11" not in {one.id for one in statutes.in_force(TODAY, "police")}
    assert "lss-15-11" in {one.id for one in statutes.in_force(TODAY, "ivo")}


WHOLE = statutes.Proposal(
    "osl-10-15a", "fk", "wrong_payment", {"need": "Ersättning söks åter.", "case": "2026-0001"}, "Behovet väger över.",
    ("company", "money"),
)  # fmt: skip


@pytest.mark.parametrize(
    ("change", "objection"),
    [
        ({}, ()),
        ({"recipient": "a_neighbour"}, ("recipient",)),
        ({"purpose": "supervision"}, ("purpose",)),
        ({"conditions": {"need": "Ersättning söks åter.", "case": "  "}}, ("condition:case",)),
        ({"balancing": ""}, ("balancing",)),
        ({"categories": ()}, ("categories",)),
        ({"statute_id": "us-2024-307", "categories": ("money", "social_services")}, ("category:social_services",)),
    ],
)
def test_what_stands_against_a_proposal(change: dict[str, object], objection: tuple[str, ...]) -> None:
    assert statutes.objections(statutes.Proposal(**(vars(WHOLE) | change)), TODAY) == objection


COLUMNS = ("line_id", "org_number", "recipient_id", "amount_ore", "granted_minutes", "source_table", "source_row_id")


@pytest.mark.parametrize(
    ("table", "categories", "columns"),
    [
        ("claim_line", ALL, COLUMNS),
        ("claim_line", ("company", "money"), ("line_id", "org_number", "amount_ore", "source_table", "source_row_id")),
        ("claim_line", ("company",), ()),
        ("visit", ("company", "money", "staff"), ()),
        ("known_case", ALL, ()),
        ("no_such_table", ALL, ()),
    ],
)
def test_columns_that_name_or_describe_a_recipient_stay(
    table: str, categories: tuple[str, ...], columns: tuple[str, ...]
) -> None:
    assert statutes.allowed_columns(table, COLUMNS, categories) == columns


def test_a_link_to_a_recipient_goes_only_with_social_services() -> None:
    assert not statutes.link_goes("recipient", "claim_line", ("company", "money"))
    assert statutes.link_goes("recipient", "claim_line", ("money", "social_services"))
    assert not statutes.link_goes("unheard_of", "claim_line", ALL)


@pytest.fixture
def city(tmp_path: Path) -> Iterator[Callable[..., Path]]:
    """A folder with the city's own version of the ground us-2008-206, changed as told; forgotten afterwards."""

    def folder(**changes: object) -> Path:
        shipped = yaml.safe_load(statutes.FILE.read_text("utf-8"))["statutes"]
        (one,) = (each for each in shipped if each["id"] == "us-2008-206")
        kept = {key: value for key, value in (one | changes).items() if value is not None}
        (tmp_path / "own.yaml").write_text(yaml.safe_dump({"statutes": [kept]}, allow_unicode=True), "utf-8")
        return tmp_path

    yield folder
    statutes.use(None)


def test_a_city_puts_its_own_version_in_place_of_ours(city: Callable[..., Path]) -> None:
    before = len(statutes.load().statutes)
    statutes.use(city(version="2026-A", recipients=["fk"]))
    assert statutes.get("us-2008-206", TODAY).version == "2026-A"
    assert len(statutes.load().statutes) == before
    statutes.use(None)
    assert statutes.get("us-2008-206", TODAY).version != "2026-A"


def test_a_city_adds_a_ground(city: Callable[..., Path]) -> None:
    statutes.use(city(id="own-1"))
    assert {"own-1", "us-2008-206"} <= {one.id for one in statutes.in_force(TODAY)}


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"excluded": ["horoscopes"]}, "us-2008-206: unknown: horoscopes"),
        ({"recipients": ["neighbours"]}, "us-2008-206: unknown: neighbours"),
        ({"balancing": None}, "statute 1 has no balancing"),
        ({"in_force_from": "soon"}, "in_force_from is no day"),
    ],
)
def test_a_file_that_cannot_be_used_changes_nothing(
    city: Callable[..., Path], changes: dict[str, object], told: str
) -> None:
    with pytest.raises(Failure, match=told):
        statutes.use(city(**changes))
    assert statutes.get("us-2008-206", TODAY).recipients


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(Failure, match="no folder"):
        statutes.use(tmp_path / "nowhere")
    (tmp_path / "own.yaml").write_text("statutes", "utf-8")
    with pytest.raises(Failure, match="holds no statutes"):
        statutes.use(tmp_path)
