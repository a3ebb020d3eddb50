"""What the stage `entities` reads of a month's tables: written values and where they stand, each once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from valfardsbrott.engines.seam import literal
from valfardsbrott.entities.addresses import Address, parse
from valfardsbrott.entities.records import Organisation, Person, is_pseudonym
from valfardsbrott.stages.hidden import known_in
from valfardsbrott.stages.views import MonthOfViews

#: The sources of all questions below; a view may read others.
SOURCES = (
    "provider", "person", "payment_account", "contract", "staff", "care_decision", "invoice_3m", "claim_line_3m",
    "visit_3m",
)  # fmt: skip
Row = dict[str, Any]
#: street, postal code and city as they stand in the store
Raw = tuple[str | None, str | None, str | None]


@dataclass
class Material:
    """A month's values. ``addresses`` of companies; ``registered`` of the population register, without who lives there.

    ``homes``: addresses of sole traders, which are normalised and never judged. ``persons``: the doubtful ones and
    those whose number is near; nobody with protected identity.
    """

    addresses: dict[Raw, Address] = field(default_factory=dict)
    homes: dict[Raw, Address] = field(default_factory=dict)
    registered: list[Address] = field(default_factory=list)
    phones: set[str] = field(default_factory=set)
    emails: set[str] = field(default_factory=set)
    accounts: set[str] = field(default_factory=set)
    organisations: dict[str, Organisation] = field(default_factory=dict)
    persons: dict[str, Person] = field(default_factory=dict)

    def organisation(self, number: str, name: str | None = None) -> Organisation:
        """What is known so far under the number; without one, under the name."""
        found = self.organisations.setdefault(number or str(name), Organisation(number))
        found.name = found.name or name
        return found


def read(work: MonthOfViews) -> Material:
    """Ask the month's tables; those that were not delivered are empty."""
    for source in SOURCES:
        work.bind(source)
    material = Material()
    _providers(work, material)
    _accounts(work, material)
    _other_numbers(work, material)
    streets = _ask(work, "select distinct street, postal_code from person where street is not null order by all")
    material.registered = [parse(row["street"], row["postal_code"]) for row in streets]
    _persons(work, material)
    return material


def _ask(work: MonthOfViews, query: str) -> list[Row]:
    rows: list[Row] = work.engine.arrow(query).to_pylist()
    return rows


def _providers(work: MonthOfViews, material: Material) -> None:
    columns = "org_number, name, street, postal_code, city, phone, email"
    for row in _ask(work, f"select {columns} from provider order by all"):
        raw: Raw = (row["street"], row["postal_code"], row["city"])
        address = parse(*raw)
        trader = is_pseudonym(row["org_number"])
        (material.homes if trader else material.addresses)[raw] = address
        material.phones |= {row["phone"]} - {None}
        material.emails |= {row["email"]} - {None}
        if not trader:
            phone = None if is_pseudonym(row["phone"] or "") else row["phone"]
            one = material.organisation(row["org_number"], row["name"])
            one.tell(address=address.key, phone=phone, email=row["email"])


def _accounts(work: MonthOfViews, material: Material) -> None:
    """Accounts are the provider's, of the register or of its own invoices, or the payee's."""
    rows = _ask(
        work,
        """
        select org_number, account_number from payment_account
        union select org_number, account_number from invoice_3m where payee_org_number is null and payee_name is null
        union select payee_org_number, account_number from invoice_3m where payee_org_number is not null
        order by all
        """,
    )
    for row in rows:
        material.accounts |= {row["account_number"]} - {None}
        material.organisation(row["org_number"]).tell(account=row["account_number"])
    named = "select distinct payee_name, account_number from invoice_3m"
    for row in _ask(work, f"{named} where payee_org_number is null and payee_name is not null order by all"):
        material.organisation("", row["payee_name"]).tell(account=row["account_number"])


def _other_numbers(work: MonthOfViews, material: Material) -> None:
    """Numbers that only other tables name: nothing is known of them but the number."""
    tables = ("contract", "staff", "care_decision", "invoice_3m", "claim_line_3m", "visit_3m")
    asked = " union ".join(f"select org_number from {table} where org_number is not null" for table in tables)
    for row in _ask(work, f"{asked} order by all"):
        material.organisation(row["org_number"])


# --- persons ---------------------------------------------------------------------------------------------------------


def _persons(work: MonthOfViews, material: Material) -> None:
    protected = known_in(work.workspace, work.month)
    near = {who: sorted(set(others) - protected) for who, others in _near(work) if who not in protected}
    known = {other for others in near.values() for other in others} - set(near)
    found = {who: Person(tuple(others)) for who, others in near.items() if others}
    found |= {who: Person() for who in known}
    if not found:
        return
    listed = ", ".join(literal(who) for who in sorted(found))
    for row in _ask(work, _CONTEXT.format(those=listed)):
        one = found[row["who"]]
        one.companies |= {row["org_number"]} - {None}
        one.phones |= {row["phone"]} - {None}
        one.counterparts |= {row["counterpart"]} - {None}
    material.persons = found


def _near(work: MonthOfViews) -> Iterator[tuple[str, Sequence[str]]]:
    """Wrong person numbers of the deliveries that visits are read of, with the right ones a keystroke away."""
    import pyarrow.parquet as pq

    seen: dict[str, set[str]] = {}
    for month in work.month.back(3):
        path = work.workspace.stage("ingest", month, "doubtful.parquet")
        for row in pq.read_table(path).to_pylist() if path.is_file() else ():
            seen.setdefault(row["person_id"], set()).update(row["near"])
    yield from sorted((who, sorted(others)) for who, others in seen.items())


_CONTEXT = """
with
those as (select unnest([{those}]) as who)
select who, org_number, phone, null as counterpart from staff join those on who = staff_id
union select who, org_number, null, recipient_id from visit_3m join those on who = staff_id
union select who, org_number, null, staff_id from visit_3m join those on who = recipient_id
union select who, org_number, null, null from claim_line_3m join those on who = recipient_id
union select who, org_number, null, null from care_decision join those on who = recipient_id
order by all
"""
