"""Legal grounds: what each opens, what it asks for, and that data of individuals stay where the law keeps them."""

from __future__ import annotations

import datetime as dt

import pytest

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
    assert set(statute.recipients) <= {"police", "ivo", "fk", "skv", "utbm", "board"}
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
