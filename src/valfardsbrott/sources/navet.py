"""Skatteverket's Navet file (`Navetavisering`) as rows of `person` and `person_relation`.

Source: Navetavisering.xsd (2026-03-30). Read one record at a time, so a file of any size. Never read: names,
citizenship, civil status, history, immigration, care-of lines. Of a person with a secrecy mark or protected
registration only the number and the marks are kept, and no relation to or from them.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from valfardsbrott.identifiers import mask
from valfardsbrott.sources.raw import Finding, RawRows
from valfardsbrott.sources.xml import Element, find, find_all, records, text

_BATCH = 20_000
_DAY = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
_PERSON = (
    "person_id", "dwelling_id", "street", "postal_code", "city", "registered_from", "deregistration_reason",
    "deregistered_on", "secrecy_marked", "protected_registration",
)  # fmt: skip
_RELATION = ("person_id", "related_person_id", "relation")
_OLD_NUMBER = "GN"

#: Old number to the number that holds now.
Aliases = dict[str, str]


def read(path: Path, name: str) -> tuple[list[RawRows], list[Finding]]:
    """The persons and relations of one file, every person under the newest number; see `read_with_aliases`."""
    tables, findings, _ = read_with_aliases(path, name)
    return tables, findings


def read_with_aliases(path: Path, name: str) -> tuple[list[RawRows], list[Finding], Aliases]:
    """As `read`, with old numbers mapped to the ones that hold now: other tables may still use the old ones.

    Raises `xml.Refused` for a file that is not whole and safe: half a register would make people seem to be gone.
    A person who comes twice counts as last changed (``andringstidpunkt``, then place in the file).
    """
    gathered = _Gathered(name)
    for post in records(path, name, "Navetavisering", "Folkbokforingspost"):
        _read_post(post, gathered)
    aliases = _newest(gathered.links)
    persons = _current(gathered.persons.table(), aliases)
    relations = _related(gathered.relations.table(), aliases, gathered.protected)
    tables = [_raw("person", name, persons, _PERSON), _raw("person_relation", name, relations, _RELATION)]
    return [table for table in tables if len(table)], gathered.findings, aliases


class _Rows:
    """Rows kept as Arrow batches: a tenth of what Python objects take."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self.schema = pa.schema([(name, pa.string()) for name in names] + [("line", pa.int64())])
        self.batches: list[pa.RecordBatch] = []
        self.waiting: list[tuple[str | int | None, ...]] = []

    def add(self, *row: str | int | None) -> None:
        self.waiting.append(row)
        if len(self.waiting) >= _BATCH:
            self._pack()

    def _pack(self) -> None:
        columns = list(zip(*self.waiting, strict=True)) or [()] * len(self.schema)
        arrays = [pa.array(column, part.type) for column, part in zip(columns, self.schema, strict=True)]
        self.batches.append(pa.RecordBatch.from_arrays(arrays, schema=self.schema))
        self.waiting = []

    def table(self) -> pa.Table:
        self._pack()
        return pa.Table.from_batches(self.batches, schema=self.schema)


@dataclass
class _Gathered:
    name: str
    persons: _Rows = field(default_factory=lambda: _Rows((*_PERSON, "changed")))
    relations: _Rows = field(default_factory=lambda: _Rows(_RELATION))
    links: list[tuple[str, str]] = field(default_factory=list)
    protected: set[str] = field(default_factory=set)
    findings: list[Finding] = field(default_factory=list)

    def doubt(self, table: str, line: int, column: str, rule: str, value: str) -> None:
        self.findings.append(Finding(table, self.name, line, column, rule, mask(value), "warning"))


def _read_post(post: Element, gathered: _Gathered) -> None:
    line = post.sourceline or 0
    person = find(post, "Personpost")
    number = _number(find(person, "PersonId") if person is not None else None)
    matter = find(post, "Arendeuppgift")
    changed = (matter.get("andringstidpunkt") if matter is not None else None) or ""
    secret, protected = _yes(text(post, "Sekretessmarkering")), _yes(text(post, "SkyddadFolkbokforing"))
    marks = (str(secret).lower(), str(protected).lower(), changed, line)
    if person is None or secret or protected:
        gathered.persons.add(number, *[None] * 7, *marks)
        gathered.protected.update({number} if number else ())
    else:
        reason = text(person, "Avregistrering/AvregistreringsorsakKod")
        gathered.persons.add(number, *_home(person, gathered, line), *_left(person, reason, gathered, line), *marks)
        _read_relations(person, number, changed, gathered)
    _read_link(person, number, gathered)


def _read_link(person: Element | None, number: str | None, gathered: _Gathered) -> None:
    """An old number's record refers to the new one; where it is not marked as old, it is the one that holds."""
    other = text(person, "HanvisningsPersonNr")
    if not number or not other or other == number:
        return
    is_old = text(person, "Avregistrering/AvregistreringsorsakKod") == _OLD_NUMBER
    gathered.links.append((number, other) if is_old else (other, number))


def _number(identity: Element | None) -> str | None:
    return text(identity, "PersonNr") or text(identity, "TilldelatPersonNrSamordningsNr")


def _yes(mark: str | None) -> bool:
    return mark is not None and mark.upper() in {"J", "JA", "1", "TRUE"}


def _home(person: Element, gathered: _Gathered, line: int) -> tuple[str | None, ...]:
    """dwelling_id, street, postal_code, city, registered_from."""
    address = find(person, "Adresser/Folkbokforingsadress")
    street = text(address, "Utdelningsadress2") or text(address, "Utdelningsadress1")
    since = text(person, "Folkbokforing/Folkbokforingsdatum")
    return (
        _dwelling(person, street),
        street,
        text(address, "PostNr"),
        text(address, "Postort"),
        _date(since, "registered_from", gathered, line, earliest=True),
    )


def _dwelling(person: Element, street: str | None) -> str | None:
    """The dwelling's national key, else municipality, property, stairwell and flat; None where no flat is given.

    A property alone may hold a hundred households, so it is no dwelling.
    """
    key = text(person, "Adresser/Riksnycklar/LagenhetsId")
    home = find(person, "Folkbokforing")
    estate, flat = text(home, "Fastighetsbeteckning"), text(home, "Lagenhet")
    if key or not (estate and flat):
        return key
    stairs = text(home, "Trappuppgang") or street or ""
    return "/".join((f"{text(home, 'LanKod') or ''}{text(home, 'KommunKod') or ''}", estate, stairs, flat))


def _left(person: Element, reason: str | None, gathered: _Gathered, line: int) -> tuple[str | None, str | None]:
    """Reason and day of deregistration; an old number is no deregistration of the person."""
    if reason == _OLD_NUMBER:
        return None, None
    on = text(person, "Avregistrering/Avregistreringsdatum")
    return reason, _date(on, "deregistered_on", gathered, line, earliest=False)


def _date(digits: str | None, column: str, gathered: _Gathered, line: int, *, earliest: bool) -> str | None:
    """ISO form of an eight-digit date. Of an incomplete one (19800000, 19801200) the first or last day it may be.

    Deregistration takes the last, so that nobody seems dead or gone before they were; zeros only are no date.
    """
    match = _DAY.fullmatch(digits or "")
    if match is None or not digits:
        return digits
    year, month, day = (int(part) for part in match.groups())
    if not year:
        return None
    if month and day:
        return f"{match[1]}-{match[2]}-{match[3]}"
    gathered.doubt("person", line, column, "incomplete_date", digits)
    month = month or (1 if earliest else 12)
    if month > 12:
        return digits
    return f"{year:04d}-{month:02d}-{1 if earliest else calendar.monthrange(year, month)[1]:02d}"


def _read_relations(person: Element, number: str | None, changed: str, gathered: _Gathered) -> None:
    """Relations that hold: one that ended before the record was changed is none."""
    for relation in find_all(person, "Relationer/Relation"):
        line = relation.sourceline or 0
        ended = text(relation, "Tomdatum")
        if ended and ended <= (changed[:8] or "99999999"):
            continue
        other, kind = _number(find(relation, "RelationId")), text(relation, "Relationstyp")
        if other is None:
            gathered.doubt("person_relation", line, "related_person_id", "relation_without_number", kind or "")
        else:
            gathered.relations.add(number, other, kind, line)


# --- the whole file --------------------------------------------------------------------------------------------------


def _newest(links: list[tuple[str, str]]) -> Aliases:
    """Each old number to the end of its chain; a circle of numbers goes to its greatest, so that it is one person."""
    after = dict(links)
    aliases: Aliases = {}
    for old in after:
        chain = [old]
        while chain[-1] in after and after[chain[-1]] not in chain:
            chain.append(after[chain[-1]])
        closed = after.get(chain[-1])
        end = chain[-1] if closed is None else max(chain[chain.index(closed) :])
        if end != old:
            aliases[old] = end
    return aliases


def _renumbered(column: pa.ChunkedArray, aliases: Aliases) -> pa.ChunkedArray:
    if not aliases or not pc.any(pc.is_in(column, pa.array(list(aliases)))).as_py():
        return column
    return pa.chunked_array([[aliases.get(number, number) for number in column.to_pylist()]], pa.string())


def _current(persons: pa.Table, aliases: Aliases) -> pa.Table:
    """One row for each person: of several, a marked one; else one under the number that holds, the last changed."""
    is_old = pc.is_in(persons["person_id"], pa.array(list(aliases), pa.string()))
    numbers = _renumbered(persons["person_id"], aliases)
    persons = persons.set_column(0, "person_id", numbers).append_column("is_old", is_old)
    if pc.count_distinct(numbers, mode="only_valid").as_py() == len(numbers) - numbers.null_count:
        return persons
    marked = pc.or_(pc.equal(persons["secrecy_marked"], "true"), pc.equal(persons["protected_registration"], "true"))
    keys = [("marked", "ascending"), ("is_old", "descending"), ("changed", "ascending"), ("line", "ascending")]
    order = pc.sort_indices(persons.append_column("marked", marked), keys).to_pylist()
    number_at = numbers.to_pylist()
    kept = {number_at[at] or at: at for at in order}  # the last one stands; rows without a number all stay
    return persons.take(pa.array(sorted(kept.values()), pa.int64()))


def _related(relations: pa.Table, aliases: Aliases, protected: set[str]) -> pa.Table:
    """Each relation once, under the numbers that hold, without those of protected persons."""
    hidden = pa.array(sorted(protected | {aliases.get(number, number) for number in protected}), pa.string())
    for at, name in enumerate(_RELATION[:2]):
        relations = relations.set_column(at, name, _renumbered(relations[name], aliases))
        relations = relations.filter(pc.invert(pc.is_in(relations[name], hidden)))
    once = relations.group_by(list(_RELATION), use_threads=False).aggregate([("line", "min")])
    return once.rename_columns([*_RELATION, "line"]).sort_by(
        [("line", "ascending"), ("related_person_id", "ascending")]
    )


def _raw(table: str, file: str, rows: pa.Table, names: tuple[str, ...]) -> RawRows:
    columns = {name: rows[name].combine_chunks() for name in names}
    return RawRows(table, file, columns, rows["line"].combine_chunks())
