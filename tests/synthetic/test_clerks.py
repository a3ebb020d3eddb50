"""What clerks write: the truth says what each record is, and nothing else in the city moves for it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from valfardsbrott.entities.addresses import parse
from valfardsbrott.entities.names import parse as name_of
from valfardsbrott.identifiers import normalise
from valfardsbrott.synthetic.entity_dirt import slip, wrong
from valfardsbrott.synthetic.numbers import org_numbers

OCTOBER = "2026-10"


@pytest.fixture
def truth(small_city: Path) -> pd.DataFrame:
    return pd.read_csv(small_city / "truth" / "entities.csv", dtype=str, keep_default_na=False)


@pytest.fixture
def register(small_city: Path) -> pd.DataFrame:
    path = small_city / "deliveries" / OCTOBER / "provider.csv"
    return pd.read_csv(path, sep=";", encoding="cp1252", dtype=str, keep_default_na=False)


def test_every_wrong_number_of_the_register_is_in_the_truth(truth: pd.DataFrame, register: pd.DataFrame) -> None:
    told = truth[truth["kind"] == "organisation"].set_index("record")
    wrong_ones = [org for org in register["org_number"] if normalise(org, "org").kind == "org" and not valid(org)]
    assert wrong_ones
    assert set(wrong_ones) <= set(told.index)
    for org, row in told.iterrows():
        assert not valid(str(org))
        assert (row["entity"] != "") == (row["how"] in {"alias", "payee"})
        assert not row["entity"] or valid(row["entity"])


def test_an_alias_has_the_companys_name_and_a_sister_has_another(truth: pd.DataFrame, register: pd.DataFrame) -> None:
    names = {org: name_of(name).core for org, name in zip(register["org_number"], register["name"], strict=True)}
    for row in truth[truth["how"].isin(["alias", "sister"])].itertuples():
        if row.record in names and row.entity in names:
            assert abs(len(names[row.record]) - len(names[row.entity])) <= 1
        if row.how == "sister" and row.record in names:
            assert names[row.record] not in {name for org, name in names.items() if org != row.record}


def test_most_addresses_are_what_they_are_meant_to_be(truth: pd.DataFrame) -> None:
    rows = truth[truth["kind"] == "address"]
    keys = [parse(*record.split("|")).key for record in rows["record"]]
    meant = [parse(*entity.rsplit("|", 1)).key for entity in rows["entity"]]
    assert np.mean([one == other for one, other in zip(keys, meant, strict=True)]) > 0.8
    assert np.mean([record.startswith(entity) for record, entity in rows[["record", "entity"]].to_numpy()]) < 0.9


def test_workers_who_are_nobody_elses_have_wrong_numbers(truth: pd.DataFrame) -> None:
    numbers = truth.loc[truth["kind"] == "person", "record"]
    assert len(numbers) >= 1
    assert not any(normalise(number, "person").valid for number in numbers)
    assert numbers.str[8:11].astype(int).between(980, 999).all()


def test_slips_change_one_street_and_wrong_numbers_one_keystroke() -> None:
    rng = np.random.default_rng(4)
    for street in ("Ekvägen 12", "Norra Lomgränd 3"):
        for _ in range(40):
            made = slip(street, rng)
            assert made != street
            assert made.split()[-1] == street.split()[-1]
            assert made[0] == street[0]
    for org in _numbers():
        made = wrong(org, rng)
        assert not valid(made)
        assert sum(a != b for a, b in zip(org, made, strict=True)) <= 2


def _numbers() -> Iterator[str]:
    yield from map(str, org_numbers(40, np.random.default_rng(3)))


def valid(org: str) -> bool:
    return normalise(org, "org").valid
