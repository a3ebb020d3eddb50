"""Records to judge: what registers and invoices say, normalised, as known and doubtful ones."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from valfardsbrott.entities import emails, names, phones
from valfardsbrott.entities.addresses import Address
from valfardsbrott.entities.text import folded
from valfardsbrott.identifiers import account_key, normalise

if TYPE_CHECKING:
    import pyarrow as pa

_CONTACTS = ("addresses", "phones", "emails", "accounts")


def _table(kinds: Mapping[str, bool], rows: Iterable[Mapping[str, object]]) -> pa.Table:
    """A table with the columns of ``kinds`` (true: a list of text, else text), sorted by unique_id."""
    import pyarrow as pa

    ordered = sorted(rows, key=lambda row: str(row["unique_id"]))
    return pa.table({
        name: pa.array([row[name] for row in ordered], pa.list_(pa.string()) if many else pa.string())
        for name, many in kinds.items()
    })  # fmt: skip


# --- streets ---------------------------------------------------------------------------------------------------------

_STREET = {"unique_id": False, "street": False, "folded": False, "postal_code": False, "number": False, "numbers": True}


def street_records(
    registered: Iterable[Address], companies: Iterable[Address], attested_numbers: int
) -> tuple[pa.Table, pa.Table]:
    """Known streets (``street|postal_code``), and the doubtful addresses of ``companies`` on streets nobody attests.

    A street in a postal code is known where the population register (``registered``) has it, or companies at
    ``attested_numbers`` different house numbers. Boxes, and addresses without street or postal code, are not judged.
    A doubtful record's id is the address's key.
    """
    numbers: dict[tuple[str, str], set[str]] = defaultdict(set)
    attested = set()
    for one in registered:
        if one.street and one.postal_code:
            numbers[one.street, one.postal_code].add(_house(one))
            attested.add((one.street, one.postal_code))
    asked = [one for one in companies if one.street and one.postal_code and one.key]
    seen: dict[tuple[str, str], set[str]] = defaultdict(set)
    for one in asked:
        seen[one.street, one.postal_code].add(_house(one))
    attested |= {street for street, houses in seen.items() if len(houses) >= attested_numbers}
    for street in attested & set(seen):
        numbers[street] |= seen[street]
    known = [_street_row(f"{street}|{area}", street, area, "", numbers[street, area]) for street, area in attested]
    doubtful = {one.key: one for one in asked if (one.street, one.postal_code) not in attested}
    return _table(_STREET, known), _table(
        _STREET, [_street_row(str(key), one.street, one.postal_code, _house(one), ()) for key, one in doubtful.items()]
    )


def _house(address: Address) -> str:
    return f"{address.number} {address.entrance}".strip()


def _street_row(unique_id: str, street: str, area: str, number: str, houses: Iterable[str]) -> dict[str, object]:
    return {
        "unique_id": unique_id, "street": street, "folded": folded(street), "postal_code": area, "number": number,
        "numbers": sorted(houses),
    }  # fmt: skip


def moved_to(address: Address, street: str) -> Address:
    """The address on the known street ``street|postal_code`` that it was judged to lie on; the house stays."""
    from dataclasses import replace

    name, _, area = street.rpartition("|")
    return replace(address, street=name, postal_code=area)


# --- organisations ---------------------------------------------------------------------------------------------------


@dataclass
class Organisation:
    """What is said of one organisation number, or of a payee's name without one; keys are in normal form."""

    number: str
    name: str | None = None
    addresses: set[str] = field(default_factory=set)
    phones: set[str] = field(default_factory=set)
    emails: set[str] = field(default_factory=set)
    accounts: set[str] = field(default_factory=set)

    def tell(
        self, address: str | None = None, phone: str | None = None, email: str | None = None, account: str | None = None
    ) -> None:
        """Add what a row says: an address's key, and telephone, e-mail and account as they were written."""
        self.addresses |= {address} - {None} if address else set()
        self.phones |= {each.canonical for each in phones.numbers(phone)}
        self.emails |= set(emails.mailboxes(email))
        self.accounts |= {account_key(account)} if account else set()

    @property
    def is_valid(self) -> bool:
        found = normalise(self.number, "org")
        return found.kind == "org" and found.valid


_ORGANISATION = {
    "unique_id": False, "number": False, "name": False, "form": False, "folded": False, "words": False, "near": True,
    "contacts": True, **dict.fromkeys(_CONTACTS, True),
}  # fmt: skip


def organisation_records(found: Mapping[str, Organisation], hub: int) -> tuple[pa.Table, pa.Table]:
    """Known organisations (a right number, with a name or contact), and doubtful ones (a wrong number, or none).

    ``found`` by id: the number, or the name where there is none. Natural persons (sole traders) are in neither.
    Contact details of more than ``hub`` known ones are left out: a switchboard says nothing of who it is.
    """
    companies = {key: one for key, one in found.items() if not _is_person(one.number)}
    right = {key for key, one in companies.items() if one.is_valid}
    used = Counter(
        (kind, value) for key in sorted(right) for kind in _CONTACTS for value in getattr(companies[key], kind)
    )
    rows = {key: _organisation_row(key, one, used, hub) for key, one in companies.items()}
    known = [rows[key] for key in right if rows[key]["name"] or rows[key]["contacts"]]
    return _table(_ORGANISATION, known), _table(_ORGANISATION, [row for key, row in rows.items() if key not in right])


def is_pseudonym(text: str) -> bool:
    """Whether the text is what a person's number became as it was read."""
    return len(text) == 33 and text.startswith("p") and text.isalnum()


def _is_person(number: str) -> bool:
    """A pseudonym, or a number that begins with a birth date: a natural person's, right or mistyped."""
    return is_pseudonym(number) or normalise(number, "org").kind == "person"


def _organisation_row(key: str, one: Organisation, used: Counter[tuple[str, str]], hub: int) -> dict[str, object]:
    name = names.parse(one.name)
    lists = {kind: sorted(value for value in getattr(one, kind) if used[kind, value] <= hub) for kind in _CONTACTS}
    return {
        "unique_id": key, "number": one.number, "name": name.core, "form": name.form, "folded": folded(name.core),
        "words": " ".join(sorted(folded(name.core).split())), "near": deletions(one.number),
        "contacts": [f"{kind}:{value}" for kind, values in lists.items() for value in values], **lists,
    }  # fmt: skip


def deletions(number: str) -> list[str]:
    """The number without one of its characters, each way: numbers one keystroke apart have one of them in common."""
    return sorted({number, *(number[:at] + number[at + 1 :] for at in range(len(number)))}) if number else []


# --- persons ---------------------------------------------------------------------------------------------------------

_PERSON = {"unique_id": False, "near": True, "companies": True, "phones": True, "counterparts": True}


@dataclass
class Person:
    """Where a pseudonym appears. ``near``: pseudonyms of right numbers one keystroke away (of a wrong number only)."""

    near: Sequence[str] = ()
    companies: set[str] = field(default_factory=set)
    phones: set[str] = field(default_factory=set)
    counterparts: set[str] = field(default_factory=set)


def candidates(found: Mapping[str, Person]) -> float:
    """How many right numbers lie a keystroke from a wrong one, on the mean; 1 where there is none."""
    near = [len(one.near) for one in found.values() if one.near]
    return round(sum(near) / len(near), 2) if near else 1.0


def person_records(found: Mapping[str, Person]) -> tuple[pa.Table, pa.Table]:
    """Known persons, and doubtful ones (those with ``near``). A known one is near itself, so that blocking finds it."""
    known: list[dict[str, object]] = []
    doubtful: list[dict[str, object]] = []
    for key, one in found.items():
        row: dict[str, object] = {
            "unique_id": key, "near": sorted(one.near or [key]), "companies": sorted(one.companies),
            "phones": sorted(one.phones), "counterparts": sorted(one.counterparts),
        }  # fmt: skip
        (doubtful if one.near else known).append(row)
    return _table(_PERSON, known), _table(_PERSON, doubtful)
