"""What is known of a query's columns: what they stand for, and where they may be looked up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from sqlglot import exp


@dataclass(frozen=True)
class Origin:
    """What a column comes from.

    ``keys``: the names of the keys that it is equal to, so that rows with one value lie in one part.
    ``person``: it holds a person's identifier.
    ``never``: the columns, of those that are never a feature, that it was computed from.
    """

    keys: frozenset[str] = frozenset()
    person: bool = False
    never: frozenset[str] = frozenset()

    def without_keys(self) -> Origin:
        return replace(self, keys=frozenset())

    def with_keys(self, keys: frozenset[str]) -> Origin:
        return replace(self, keys=self.keys | keys)


NOTHING = Origin()


@dataclass(frozen=True)
class Relation:
    """A table, view or step of a query. ``split``: a part sees its own rows only; else every part sees all of it."""

    columns: Mapping[str, Origin]
    split: bool = False


@dataclass
class Scope:
    """The tables that one select reads, under their aliases; a correlated subquery sees the ``outer`` ones too."""

    outer: Scope | None = None
    tables: dict[str, dict[str, Origin]] = field(default_factory=dict)
    merged: dict[str, Origin] = field(default_factory=dict)
    aliases: dict[str, Origin] = field(default_factory=dict)
    split: bool = False

    def find(self, column: exp.Column) -> Origin | None:
        """The column's origin; None where no table here has it (a lambda's variable, a field of a struct)."""
        name, table = column.name.lower(), column.table.lower()
        if table:
            found = self.tables.get(table, {}).get(name)
        else:
            places = (self.merged, *self.tables.values(), self.aliases)
            found = next((place[name] for place in places if name in place), None)
        return found if found is not None or self.outer is None else self.outer.find(column)

    def is_row(self, column: exp.Column) -> bool:
        """Whether the name that no table has is a table's: a row of it as one value."""
        here = not column.table and bool(self.tables.get(column.name.lower()))
        return here or (self.outer is not None and self.outer.is_row(column))

    def holder(self, column: exp.Column) -> str | None:
        """The alias of the table here that holds the column."""
        name, table = column.name.lower(), column.table.lower()
        holders = [alias for alias, columns in self.tables.items() if name in columns and table in {"", alias}]
        return holders[0] if holders else None

    def learn(self, column: exp.Column, keys: frozenset[str]) -> None:
        """Note that the column is equal to a key."""
        name, alias = column.name.lower(), self.holder(column)
        if alias is not None:
            self.tables[alias][name] = self.tables[alias][name].with_keys(keys)

    def everything(self, table: str = "") -> dict[str, Origin]:
        """The columns of a star."""
        if table:
            return dict(self.tables.get(table.lower(), {}))
        listed: dict[str, Origin] = {}
        for columns in self.tables.values():
            listed = columns | listed
        return listed | self.merged
