"""What the members of a ring share, from its month on and not before; and the phoenix's move."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from valfardsbrott.synthetic import registers
from valfardsbrott.synthetic.build import build
from valfardsbrott.synthetic.columns import Table
from valfardsbrott.synthetic.companies import HOME_CARE, Companies
from valfardsbrott.synthetic.delivery import visits_of
from valfardsbrott.synthetic.planting import LINKS, Link, Plant, Planting, Ring, plant
from valfardsbrott.synthetic.sizes import SIZES, Size
from valfardsbrott.synthetic.timeline import ANCHOR, MONTHS
from valfardsbrott.synthetic.world import City

MONTH = ANCHOR - 5
SIZE = Size("T", 60, 1500, 1, 2, 2, 1, (3, 3))


@pytest.fixture(scope="module")
def city() -> City:
    """Three neighbours share everything that can be shared."""

    def choose(firms: Companies) -> Planting:
        able = np.flatnonzero(
            (firms.kind == HOME_CARE) & (firms.start == 0) & (firms.exit >= MONTHS) & (firms.district == 0)
        )
        able = able[firms.form[able] != "E"]
        members = tuple(int(firm) for firm in able[np.argsort(-firms.weight[able])][:3])
        links = tuple(Link(kind, members) for kind in LINKS)
        plants = tuple(Plant(firm, "S20", "network", MONTH, 0.5, "RING-01") for firm in members)
        return Planting("easy", plants, (Ring("RING-01", "S20", members, MONTH, links),))

    return build(SIZE, 4, choose)[0]


def _members(city: City) -> list[str]:
    return [str(city.firms.org[firm]) for firm in city.planting.rings[0].members]


def _frame(table: Table) -> pd.DataFrame:
    return pd.DataFrame({name: column.to_pylist() for name, column in table.items()})


@pytest.mark.parametrize("column", ["phone", "email", "street"])
def test_company_register_shows_one_value_for_all(city: City, column: str) -> None:
    def values(month: int) -> int:
        table = _frame(registers.provider(city, month)).set_index("org_number")
        return int(table.loc[_members(city), column].nunique())

    assert values(ANCHOR) == 1
    assert values(MONTH - 2) == 3


def test_all_are_paid_to_one_account(city: City) -> None:
    table = _frame(registers.payment_account(city, ANCHOR))
    live = table[table["org_number"].isin(_members(city)) & table["to_date"].isna()]
    assert live["account_number"].nunique() == 1


def test_a_person_sits_on_all_boards(city: City) -> None:
    table = _frame(registers.provider_role(city, ANCHOR))
    table = table[table["org_number"].isin(_members(city)) & table["to_date"].isna()]
    assert table.groupby("person_id")["org_number"].nunique().max() == 3


def test_owners_live_together(city: City) -> None:
    homes = city.persons.dwelling_at(20_750)
    assert len({int(homes[city.owners.first[firm]]) for firm in city.planting.rings[0].members}) == 1


def test_workers_are_logged_at_two_members_at_once(city: City) -> None:
    rows = visits_of(city, ANCHOR)
    table = pd.DataFrame({"firm": rows.provider, "staff": rows.staff, "start": rows.start, "end": rows.end})
    members = city.planting.rings[0].members
    table = table[table["firm"].isin(members) & rows.done & (rows.minutes > 0)].sort_values(["staff", "start"])
    before = table.groupby("staff")[["firm", "end"]].shift()
    assert ((before["end"] > table["start"]) & (before["firm"] != table["firm"])).sum() > 20


def test_a_device_and_recipients_are_shared(city: City) -> None:
    rows = visits_of(city, ANCHOR)
    inside = np.isin(rows.provider, city.planting.rings[0].members)
    table = pd.DataFrame({"firm": rows.provider, "device": rows.device, "recipient": rows.recipient})[inside]
    assert table.groupby("device")["firm"].nunique().max() == 3
    assert (table.groupby("recipient")["firm"].nunique() > 1).sum() > 5
    outside = pd.DataFrame({"firm": rows.provider, "recipient": rows.recipient})[~inside]
    assert 0 < (outside.groupby("recipient")["firm"].nunique() > 1).mean() < 0.1  # honest ones share a few


def test_a_phoenix_takes_over_clients_and_staff() -> None:
    size = SIZES["S"]
    for seed in range(1, 40):
        city, _ = build(size, seed, lambda firms, seed=seed: plant(size, firms, seed, "medium", 0.04))  # type: ignore[misc]
        ring = city.planting.rings[0]
        if ring.scheme == "S14":
            break
    assert ring.old is not None
    assert ring.new is not None
    cases, staff = city.cases, city.staff
    before = set(cases.recipient[(cases.provider == ring.old) & (cases.end == ring.month)].tolist())
    after = set(cases.recipient[(cases.provider == ring.new) & (cases.start == ring.month)].tolist())
    assert len(before & after) >= 0.5 * len(before) > 0
    assert set(staff.person[staff.provider == ring.old]) & set(staff.person[staff.provider == ring.new])
    assert not any(row[0] == ring.old for row in city.transfers)
    assert city.firms.registered[ring.new] > city.firms.registered.mean()


@pytest.mark.parametrize(("difficulty", "kinds"), [("easy", 6), ("medium", 4)])
def test_harder_rings_share_less(difficulty: str, kinds: int) -> None:
    links = [ring.links for ring in _planting(difficulty).rings]
    assert all(len(link) == kinds for link in links)


def test_hard_rings_hang_together_by_pairs() -> None:
    for ring in _planting("hard").rings:
        joined = {ring.members[0]}
        for link in sorted(ring.links[: len(ring.members) - 1], key=lambda link: ring.members.index(link.members[0])):
            assert joined & set(link.members)
            joined |= set(link.members)
        assert joined == set(ring.members)
        assert max(len(link.members) for link in ring.links) == 2


def _planting(difficulty: str) -> Planting:
    from valfardsbrott.synthetic.companies import companies
    from valfardsbrott.synthetic.population import geography

    size = SIZES["N"]
    firms = companies(size, geography(size.districts, 8000, 1), 1)
    return plant(size, firms, 1, difficulty, 0.04)
