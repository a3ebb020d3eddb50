"""How clerks write what they know: other spellings, slips of the hand, two telephones in one box, a mistyped number.

And who only looks like somebody else: a sister company that is in no register, a stranger whose wrong number lies near
another's, a street with nearly the name of the next. The same in every month, since nobody mends a register; drawn
from streams of its own, so nothing else in the city moves.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa

from valfardsbrott.synthetic.arrays import Random, stream
from valfardsbrott.synthetic.columns import Table, rows_of
from valfardsbrott.synthetic.names import CITY, company_names, street_names
from valfardsbrott.synthetic.numbers import luhn_digit, org_numbers, person_numbers, phone_numbers
from valfardsbrott.synthetic.world import City

#: Share of the companies in the register whose address, or telephone, is written so.
SPELLED, SLIPPED, BARE, WRONG_AREA, NEW_STREET, TWO_PHONES, FOREIGN_FORM = 0.25, 0.03, 0.02, 0.01, 0.005, 0.03, 0.2
#: Further rows of the register under a number that fails its check, as a share of the companies, and what they are.
FURTHER = 0.05
KINDS = ("alias", "sister", "stranger", "near_number", "same_name")
KIND_SHARE = (0.6, 0.15, 0.1, 0.075, 0.075)
#: Share of payees that an invoice names by a mistyped number; share of workers who are somebody's unknown relative.
PAYEE, RELATIVE = 0.04, 0.002

_LETTERS = "abdefgiklmnoprstuv"


@dataclass(frozen=True)
class Writing:
    """How one company's address and telephone are written; the truth is what it means."""

    street: str
    postal_code: str
    phone: str | None
    meant: str  # street|postal code
    phones: tuple[str, ...]


@dataclass(frozen=True)
class Further:
    """A row of the register under the wrong ``number``; ``of`` is the company it copies or is like."""

    number: str
    kind: str
    of: int
    name: str
    street: str
    postal_code: str
    moves_account: bool


class Clerks:
    """What the clerks of a city write, by company."""

    def __init__(self, city: City) -> None:
        self._city = city

    def write(self, name: str, table: Table, month: int) -> Table:
        """The table as clerks hand it over, after all other dirt."""
        if name == "provider":
            return self._provider(table, month)
        if name == "payment_account":
            return self._accounts(table)
        if name == "invoice":
            return self._payees(table, month)
        return self._relatives(table) if name == "staff" and rows_of(table) else table

    def truth(self) -> Iterator[tuple[str, str, str, str]]:
        """kind, record as delivered, what it is (empty: nobody else), and how it came about."""
        for org, writing in sorted(self.writings.items()):
            yield "address", f"{writing.street}|{writing.postal_code}|{CITY}", writing.meant, org
            if writing.phone:
                yield "phone", writing.phone, " ".join(writing.phones), org
        for row in self.further:
            alias = str(self._city.firms.org[row.of]) if row.kind == "alias" else ""
            yield "organisation", row.number, alias, row.kind
        for wrong, right in sorted(self._wrong_payees.items()):
            yield "organisation", wrong, right, "payee"
        for number in self._kin_numbers:
            yield "person", number, "", "relative"

    # --- addresses and telephones ------------------------------------------------------------------------------------

    @cached_property
    def writings(self) -> dict[str, Writing]:
        """By organisation number, of every company there ever is."""
        firms, land = self._city.firms, self._city.land
        rng = stream(self._city.seed, "clerks")
        spare = phone_numbers(len(firms), rng)
        return {
            str(firms.org[at]): self._writing(at, str(land.street[firms.building[at]]), str(spare[at]), rng)
            for at in range(len(firms))
        }

    def _writing(self, at: int, street: str, spare: str, rng: Random) -> Writing:
        area, phone = str(self._city.land.postal[self._city.firms.building[at]]), str(self._city.firms.phone[at])
        meant, written, code = f"{street}|{area}", street, area
        lot = rng.random(4)
        edges = np.cumsum([NEW_STREET, SLIPPED, BARE, WRONG_AREA, SPELLED])
        how = int(np.searchsorted(edges, lot[0], side="right"))
        if how == 0:  # a real street, of offices only, whose name happens to be nearly another's
            written = slip(street, rng)
            meant = f"{written}|{area}"
        elif how == 1:
            written = slip(street, rng)
        elif how == 2:
            written = street.translate(str.maketrans("åäöÅÄÖ", "aaoAAO"))
        elif how == 3:
            code = _digit(area, 2, rng)
        elif how == 4:
            written = _spelled(street, rng)
        phones = (phone, spare) if lot[1] < TWO_PHONES else (phone,)
        shown = f"+46 (0){phone[1:4]}-{phone[5:]}" if lot[2] < FOREIGN_FORM else phone
        return Writing(written, code, " / ".join([shown, *phones[1:]]), meant, phones)

    def _provider(self, table: Table, month: int) -> Table:
        """Addresses as they were in the beginning are written by clerks; a later move is written as it is."""
        look, firms = self._city.looks_at(month), self._city.firms
        place = {str(org): at for at, org in enumerate(firms.org)}
        rows = {name: column.to_pylist() for name, column in table.items()}
        for row, org in enumerate(rows["org_number"]):
            at, writing = place[org], self.writings[org]
            if look.building[at] == firms.building[at]:
                rows["street"][row], rows["postal_code"][row] = writing.street, writing.postal_code
            if rows["phone"][row] == firms.phone[at]:
                rows["phone"][row] = writing.phone
        listed = {org: row for row, org in enumerate(rows["org_number"])}
        for more in self.further:
            like = listed.get(str(firms.org[more.of]))
            if like is not None:
                self._add(rows, like, more)
        return {name: pa.array(values, table[name].type) for name, values in rows.items()}

    def _add(self, rows: dict[str, list[Any]], like: int, more: Further) -> None:
        """One more row: a copy of what the company shows, or of what its sister shares with it."""
        close = more.kind in {"alias", "sister"}
        own = {
            "org_number": more.number, "name": more.name, "street": more.street, "postal_code": more.postal_code,
            "phone": rows["phone"][like] if close else None, "email": rows["email"][like] if close else None,
        }  # fmt: skip
        for name, values in rows.items():
            values.append(own.get(name, values[like]))

    # --- wrong numbers -----------------------------------------------------------------------------------------------

    @cached_property
    def further(self) -> list[Further]:
        city, rng = self._city, stream(self._city.seed, "clerks", "further")
        firms = city.firms
        companies = np.flatnonzero(firms.form != "E")
        count = max(2, round(FURTHER * len(companies)))
        chosen = rng.permutation(companies)[:count]
        edges = np.floor(np.cumsum(KIND_SHARE) * count + 0.5)
        edges[0] = max(edges[0], 1)
        kinds = [KINDS[min(int(np.searchsorted(edges, turn, side="right")), 4)] for turn in range(count)]
        names, streets = company_names(count, rng), street_names(count, rng)
        strange = [wrong(str(org), rng) for org in org_numbers(count, rng)]
        return [
            self._further(kind, int(at), (strange[turn], str(names[turn]), f"{streets[turn]} {turn + 1}"), rng)
            for turn, (kind, at) in enumerate(zip(kinds, chosen, strict=True))
        ]

    def _further(self, kind: str, at: int, strange: tuple[str, str, str], rng: Random) -> Further:
        firms = self._city.firms
        org, name = str(firms.org[at]), str(firms.name[at])
        writing = self.writings[org]
        street, area = writing.meant.rsplit("|", 1)
        if kind == "alias":
            return Further(wrong(org, rng), kind, at, _renamed(name, rng), street, area, bool(rng.random() < 0.5))
        if kind == "sister":
            word = str(rng.choice(("Väst", "Syd", "Holding", "Bemanning", "Fastigheter")))
            return Further(strange[0], kind, at, f"{name} {word} AB", street, area, False)
        number = wrong(org, rng) if kind == "near_number" else strange[0]
        named = f"{name} AB" if kind == "same_name" else strange[1]
        return Further(number, kind, at, named, strange[2], str(10_000 + at), False)

    def _accounts(self, table: Table) -> Table:
        """Half of those with a second, mistyped number have their account under it."""
        firms = self._city.firms
        moved = {str(firms.org[row.of]): row.number for row in self.further if row.moves_account}
        written = {f"{right[:6]}-{right[6:]}": f"{wrong[:6]}-{wrong[6:]}" for right, wrong in moved.items()}
        numbers = [written.get(number, number) for number in table["org_number"].to_pylist()]
        return table | {"org_number": pa.array(numbers, pa.string())}

    @cached_property
    def _wrong_payees(self) -> dict[str, str]:
        """Wrong number to right, of those that some are paid through; at least one where there is any."""
        city, rng = self._city, stream(self._city.seed, "clerks", "payees")
        known = set(map(str, city.firms.org))
        right = sorted({org for _, _, org in city.payees if org in known})
        chosen = [org for turn, org in enumerate(right) if rng.random() < PAYEE or turn == 0]
        return {wrong(org, rng): org for org in chosen}

    def _payees(self, table: Table, month: int) -> Table:
        """Some invoices name the payee by the mistyped number."""
        written = {right: wrong for wrong, right in self._wrong_payees.items()}
        invoices, payees = table["invoice_id"].to_pylist(), table["payee_org_number"].to_pylist()
        slips = stream(self._city.seed, "clerks", "invoices", month).random(len(invoices)) < 0.5
        numbers = [written.get(org, org) if slip else org for org, slip in zip(payees, slips.tolist(), strict=True)]
        return table | {"payee_org_number": pa.array(numbers, pa.string())}

    @cached_property
    def _kin_numbers(self) -> list[str]:
        """Wrong numbers of workers' grown-up children, who are in no other register."""
        rng = stream(self._city.seed, "clerks", "kin")
        count = max(1, round(RELATIVE * len(self._city.staff)))
        born = rng.integers(7_000, 12_000, count)
        return [_digit(str(number), 11, rng) for number in person_numbers(born, np.zeros(count, dtype=bool), rng)]

    def _relatives(self, table: Table) -> Table:
        """A son at the same employer with his father's telephone, and a number that fails its check."""
        rng = stream(self._city.seed, "clerks", "fathers")
        rows = {name: column.to_pylist() for name, column in table.items()}
        with_phone = [at for at, phone in enumerate(rows["phone"]) if phone and rows["employed_to"][at] is None]
        fathers = rng.permutation(len(with_phone))[: len(self._kin_numbers)].tolist()
        for number, father in zip(self._kin_numbers, fathers, strict=False):
            for name, values in rows.items():
                own = {"staff_id": number, "certificate_id": None}
                values.append(own.get(name, values[with_phone[father]]))
        return {name: pa.array(values, table[name].type) for name, values in rows.items()}


# --- slips of the hand -----------------------------------------------------------------------------------------------


def slip(street: str, rng: Random) -> str:
    """One letter of the street's name left out, doubled, changed, or swapped with the next; never the first."""
    name, _, number = street.rpartition(" ")
    at = int(rng.integers(1, len(name) - 1))
    how = int(rng.integers(0, 4))
    other = _LETTERS[int(rng.integers(0, len(_LETTERS)))]
    if how == 0 or name[at] == other:
        name = name[:at] + name[at + 1 :]
    elif how == 1:
        name = name[:at] + name[at] + name[at:]
    elif how == 2 or name[at] == name[at + 1]:
        name = name[:at] + other + name[at + 1 :]
    else:
        name = name[:at] + name[at + 1] + name[at] + name[at + 2 :]
    return f"{name} {number}"


def _spelled(street: str, rng: Random) -> str:
    """The same address in another of the usual spellings."""
    how = int(rng.integers(0, 6))
    short = street.replace("gatan ", "g. ").replace("vägen ", "v. ")
    return (
        street.upper(), short, f"{street} lgh 1{int(rng.integers(0, 9))}02", street.replace(" ", "  "),
        f"c/o Kontoret, {street}", f"{street}, {int(rng.integers(1, 6))} tr",
    )[how]  # fmt: skip


def _renamed(name: str, rng: Random) -> str:
    """The company's name as another system has it."""
    how = int(rng.integers(0, 5))
    at = int(rng.integers(1, len(name) - 2))
    return (f"{name} AB", f"{name} Aktiebolag", name.upper(), f"AB {name}", name[:at] + name[at + 1 :])[how]


def _digit(number: str, at: int, rng: Random) -> str:
    """The number with another digit at a place."""
    return number[:at] + str((int(number[at]) + int(rng.integers(1, 10))) % 10) + number[at + 1 :]


def wrong(org: str, rng: Random) -> str:
    """The number with one digit changed, or two swapped, so that it fails its check and is still nobody's."""
    while True:
        at = int(rng.integers(3, 9))
        made = org[:at] + org[at + 1] + org[at] + org[at + 2 :] if rng.random() < 0.3 else _digit(org, at, rng)
        if int(made[-1]) != int(luhn_digit(np.array([int(made[:-1])]), 9)[0]):
            return made
