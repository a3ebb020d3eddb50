"""Small cities of links: rows are (provider, link type, value), ids are names."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import pandas as pd
import pytest

from valfardsbrott.networks.links import City, build

Row = tuple[str, str, str]
MONTH = pd.Timestamp("2026-10-31")
_NODE_TYPE = {
    "owner": "person", "accountant": "person", "staff": "person", "recipient": "person", "overlap": "person",
    "address": "address", "home": "address", "account": "account", "payee": "account", "phone": "phone",
    "email": "email", "device": "device",
}  # fmt: skip


@pytest.fixture
def month_end() -> pd.Timestamp:
    return MONTH


@pytest.fixture
def link_table() -> Callable[[Iterable[Row]], pd.DataFrame]:
    """A table of links, all in force, from (provider, type, value) rows."""

    def table(rows: Iterable[Row]) -> pd.DataFrame:
        listed = list(rows)
        frame = pd.DataFrame(listed, columns=["org_number", "link_type", "node_id"], dtype="str")
        return frame.assign(
            node_type=frame["link_type"].map(_NODE_TYPE).astype("str"),
            first_seen=pd.Timestamp("2026-01-01"),
            last_seen=MONTH,
            n_rows=1,
            source_table="made_up",
            source_rows=pd.Series([[f"made_up.csv:{at}"] for at in range(len(listed))], dtype=object),
        )

    return table


@pytest.fixture
def crowd() -> Callable[[int], list[str]]:
    """Names of providers that share nothing: a city in which coincidences can be judged."""
    return lambda count: [f"firm{number:03d}" for number in range(count)]


@pytest.fixture
def city_of(link_table: Callable[[Iterable[Row]], pd.DataFrame]) -> Callable[..., City]:
    """``city_of(rows, everyone, groups=[("acme", "bolt")])``: all providers in one district."""

    def city(rows: Iterable[Row], everyone: Sequence[str], groups: Sequence[tuple[str, str]] = ()) -> City:
        providers = pd.DataFrame({"org_number": list(everyone), "district": "city"})
        exempt = pd.DataFrame(list(groups), columns=["org_a", "org_b"], dtype="str")
        return build(link_table(rows), providers, exempt, MONTH)

    return city
