"""`mapping.yaml`: how a foreign file becomes the tables of the data model. A small language of data, nothing is run.

docs/deliveries.md teaches it. Here it is read and checked; `mapping_rows` applies it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Literal

import yaml

from valfardsbrott.catalogue import Table, tables
from valfardsbrott.domain import Failure
from valfardsbrott.sources.csv_dialect import DELIMITERS, Dialect, plain

FILE = "mapping.yaml"

#: Units that a source may use, as a factor to the data model's unit: minutes for time, SEK for money.
UNITS: dict[str, Decimal] = {
    "minutes": Decimal(1), "hours": Decimal(60), "days": Decimal(1440), "seconds": Decimal(1) / 60,
    "sek": Decimal(1), "ore": Decimal("0.01"), "ksek": Decimal(1000),
}  # fmt: skip
_ENCODINGS = ("utf-8", "cp1252", "latin-1")
_FORMAT = re.compile(r"(?:%[YymdHMS]|[^%A-Za-z])+|(?:[^%]|%[YymdHMS])+")
_PLACE = re.compile(r"\{([^{}]+)\}")

Kind = Literal["from", "constant", "template"]


@dataclass(frozen=True)
class ColumnRule:
    """How one column of the data model is filled. ``sources``: the plain names of the foreign columns it needs.

    ``kind`` from: the value of ``text``; constant: ``text``; template: ``text`` with {column} and {row} replaced.
    Then, in this order: ``values`` (others become ``default`` if given, else stay), ``factor``, ``format``; ``empty``
    stands where there is nothing.
    """

    column: str
    kind: Kind
    text: str
    sources: tuple[str, ...]
    values: Mapping[str, str] = field(default_factory=dict)
    default: str | None = None
    empty: str | None = None
    factor: Decimal | None = None
    format: str | None = None


@dataclass(frozen=True)
class Condition:
    """A row counts if the foreign column is one of ``values``; ``empty``: if it is empty (True) or not (False)."""

    source: str
    values: tuple[str, ...] = ()
    empty: bool | None = None


@dataclass(frozen=True)
class TableRule:
    """Rows of one table out of a file's rows. ``distinct``: one row for each key, the first, where keys repeat."""

    table: Table
    columns: tuple[ColumnRule, ...]
    where: tuple[Condition, ...] = ()
    distinct: bool = False

    @property
    def sources(self) -> set[str]:
        needed = {source for rule in self.columns for source in rule.sources}
        return needed | {condition.source for condition in self.where}


@dataclass(frozen=True)
class FileRule:
    """Files whose path inside the delivery matches ``pattern``, and the tables that their rows become."""

    pattern: str
    dialect: Dialect
    tables: tuple[TableRule, ...]

    @property
    def sources(self) -> set[str]:
        return {source for rule in self.tables for source in rule.sources}

    def matches(self, name: str) -> bool:
        return fnmatchcase(name.casefold(), self.pattern.casefold())


@dataclass(frozen=True)
class MappingFile:
    """A whole mapping; the first rule whose pattern matches a file is its rule."""

    files: tuple[FileRule, ...]

    def rule_for(self, name: str) -> FileRule | None:
        return next((rule for rule in self.files if rule.matches(name)), None)


def load(path: Path) -> MappingFile:
    """Read and check a mapping. Raises Failure that names the line of the entry and what it should be."""
    try:
        root = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise Failure(f"{path.name}, line {line}: not YAML ({error.problem})", "See docs/deliveries.md") from None
    except (UnicodeDecodeError, yaml.YAMLError):
        raise Failure(f"{path.name} is not YAML in UTF-8", "See docs/deliveries.md") from None
    return _Reader(path.name).mapping(root)


class _Reader:
    """Walks the YAML nodes, which know their lines; every key is either known here or an error."""

    def __init__(self, name: str) -> None:
        self.name = name

    def mapping(self, root: yaml.Node | None) -> MappingFile:
        if root is None:
            raise Failure(f"{self.name} is empty", "See docs/deliveries.md")
        entries = self._entries(root, {"version", "files"})
        if "files" not in entries:
            raise self._fail(root, "there is no 'files'")
        return MappingFile(tuple(self._file(node) for node in self._list(entries["files"], "files")))

    def _file(self, node: yaml.Node) -> FileRule:
        entries = self._entries(node, {"file", "dialect", "tables"}, required=("file", "tables"))
        rules = tuple(self._table(entry) for entry in self._list(entries["tables"], "tables"))
        return FileRule(self._text(entries["file"]), self._dialect(entries.get("dialect")), rules)

    def _dialect(self, node: yaml.Node | None) -> Dialect:
        if node is None:
            return Dialect()
        entries = self._entries(node, {"delimiter", "encoding", "nulls"})
        delimiter = self._one_of(entries.get("delimiter"), DELIMITERS)
        encoding = self._one_of(entries.get("encoding"), _ENCODINGS)
        nulls = self._list(entries["nulls"], "nulls") if "nulls" in entries else []
        return Dialect(delimiter, encoding, tuple(self._text(null) for null in nulls))

    def _table(self, node: yaml.Node) -> TableRule:
        entries = self._entries(node, {"table", "columns", "where", "distinct"}, required=("table", "columns"))
        name = self._text(entries["table"])
        if name not in tables():
            raise self._fail(entries["table"], f"there is no table '{name}'; tables: {', '.join(tables())}")
        table = tables()[name]
        columns = tuple(self._columns(entries["columns"], table))
        missing = [c.name for c in table.columns if c.required and c.name not in {rule.column for rule in columns}]
        if missing:
            raise self._fail(entries["columns"], f"{name} needs {', '.join(missing)}")
        where = tuple(self._where(entries["where"])) if "where" in entries else ()
        return TableRule(table, columns, where, self._flag(entries.get("distinct")))

    def _columns(self, node: yaml.Node, table: Table) -> Iterator[ColumnRule]:
        known = {column.name for column in table.columns}
        for column, (key, value) in self._pairs(node).items():
            if column not in known:
                raise self._fail(key, f"{table.name} has no column '{column}'; columns: {', '.join(sorted(known))}")
            yield self._column(column, value)

    def _column(self, column: str, node: yaml.Node) -> ColumnRule:
        if isinstance(node, yaml.ScalarNode):
            name = self._text(node)
            return ColumnRule(column, "from", plain(name), (plain(name),))
        allowed = {"from", "constant", "template", "values", "default", "empty", "unit", "factor", "currency", "rate"}
        entries = self._entries(node, allowed | {"format"})
        kinds = [kind for kind in ("from", "constant", "template") if kind in entries]
        if len(kinds) != 1:
            raise self._fail(node, f"{column} needs one of from, constant and template")
        kind: Any = kinds[0]
        text = self._text(entries[kind])
        sources = {"from": (plain(text),), "constant": (), "template": tuple(_places(text))}[kind]
        return ColumnRule(
            column, kind, plain(text) if kind == "from" else text, sources, self._values(entries.get("values")),
            self._optional(entries, "default"), self._optional(entries, "empty"), self._factor(entries),
            self._format(entries.get("format")),
        )  # fmt: skip

    def _factor(self, entries: Mapping[str, yaml.Node]) -> Decimal | None:
        given = [key for key in ("unit", "factor", "currency", "rate") if key in entries]
        if set(given) in ({"unit"}, {"factor"}, {"currency", "rate"}, {"rate"}):
            node = entries[given[-1]]
            return UNITS[self._one_of(node, tuple(UNITS)) or ""] if given == ["unit"] else self._number(node)
        if given == ["currency"] and self._text(entries["currency"]) != "SEK":
            raise self._fail(entries["currency"], "a currency needs a 'rate': SEK for one of it")
        if len(given) > 1:
            raise self._fail(entries[given[0]], f"{' and '.join(given)} do not go together")
        return None

    def _format(self, node: yaml.Node | None) -> str | None:
        if node is None:
            return None
        text = self._text(node)
        if "%" not in text or re.search(r"%(?![YymdHMS])", text):
            raise self._fail(node, "a format is made of %Y %y %m %d %H %M %S and what stands between")
        return text

    def _where(self, node: yaml.Node) -> Iterator[Condition]:
        for source, (_, value) in self._pairs(node).items():
            if isinstance(value, yaml.SequenceNode):
                yield Condition(plain(source), tuple(self._text(entry) for entry in value.value))
            elif isinstance(value, yaml.MappingNode):
                entries = self._entries(value, {"empty"}, required=("empty",))
                yield Condition(plain(source), empty=self._flag(entries["empty"]))
            else:
                yield Condition(plain(source), (self._text(value),))

    def _values(self, node: yaml.Node | None) -> dict[str, str]:
        return {} if node is None else {key: self._text(value) for key, (_, value) in self._pairs(node).items()}

    # --- nodes -------------------------------------------------------------------------------------------------------

    def _fail(self, node: yaml.Node, what: str) -> Failure:
        return Failure(f"{self.name}, line {node.start_mark.line + 1}: {what}", "See docs/deliveries.md")

    def _pairs(self, node: yaml.Node) -> dict[str, tuple[yaml.Node, yaml.Node]]:
        if not isinstance(node, yaml.MappingNode):
            raise self._fail(node, "names with values are needed here")
        found: dict[str, tuple[yaml.Node, yaml.Node]] = {}
        for key, value in node.value:
            name = self._text(key)
            if name in found:
                raise self._fail(key, f"'{name}' is there twice")
            found[name] = (key, value)
        return found

    def _entries(self, node: yaml.Node, allowed: set[str], required: tuple[str, ...] = ()) -> dict[str, yaml.Node]:
        pairs = self._pairs(node)
        for name, (key, _) in pairs.items():
            if name not in allowed:
                raise self._fail(key, f"'{name}' is not known here; known: {', '.join(sorted(allowed))}")
        for name in required:
            if name not in pairs:
                raise self._fail(node, f"'{name}' is missing")
        return {name: value for name, (_, value) in pairs.items()}

    def _list(self, node: yaml.Node, what: str) -> list[yaml.Node]:
        if not isinstance(node, yaml.SequenceNode):
            raise self._fail(node, f"{what} is a list")
        if not node.value:
            raise self._fail(node, f"{what} is empty")
        return list(node.value)

    def _text(self, node: yaml.Node) -> str:
        if not isinstance(node, yaml.ScalarNode):
            raise self._fail(node, "one value is needed here")
        return str(node.value)

    def _optional(self, entries: Mapping[str, yaml.Node], key: str) -> str | None:
        return self._text(entries[key]) if key in entries else None

    def _flag(self, node: yaml.Node | None) -> bool:
        if node is None:
            return False
        if self._text(node) not in ("true", "false"):
            raise self._fail(node, "true or false is needed here")
        return self._text(node) == "true"

    def _one_of(self, node: yaml.Node | None, allowed: tuple[str, ...]) -> str | None:
        if node is None:
            return None
        if self._text(node) not in allowed:
            raise self._fail(node, f"'{self._text(node)}' is not one of {', '.join(map(repr, allowed))}")
        return self._text(node)

    def _number(self, node: yaml.Node) -> Decimal:
        try:
            found = Decimal(self._text(node))
        except InvalidOperation:
            found = Decimal("NaN")
        if not found.is_finite():
            raise self._fail(node, "a number is needed here")
        return found


def _places(template: str) -> Iterator[str]:
    return (plain(name) for name in _PLACE.findall(template) if name != "row")
