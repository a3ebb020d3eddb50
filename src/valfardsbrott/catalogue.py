"""The input tables as `features/sources.yaml` defines them: all that reads a table derives from it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

import yaml

from valfardsbrott.definitions import folder

ColumnType = Literal[
    "string", "code", "org", "person", "account", "postal_code",
    "date", "timestamp", "month", "integer", "number", "float", "money", "bool",
]  # fmt: skip

#: How a column of each type is kept in the store (DuckDB's names). Money is integer ore, a month is its first day.
STORED_AS: dict[str, str] = {
    "string": "VARCHAR", "code": "VARCHAR", "org": "VARCHAR", "person": "VARCHAR", "account": "VARCHAR",
    "postal_code": "VARCHAR", "date": "DATE", "timestamp": "TIMESTAMP", "month": "DATE", "integer": "BIGINT",
    "number": "DECIMAL(18,4)", "float": "DOUBLE", "money": "BIGINT", "bool": "BOOLEAN",
}  # fmt: skip

#: Where a row came from: the file's path inside its delivery, and its line (text, XML) or row number from 1 (Parquet).
PROVENANCE: dict[str, str] = {"source_file": "VARCHAR", "source_row": "BIGINT"}

#: What the stage `entities` makes: which written values and doubtful numbers stand for the same thing, and why.
ENTITY = "entity"
#: What the stage `networks` makes of a month: each provider's place among the others, and its ties with their rows.
NETWORK_NODE, NETWORK_TIE = "network_node", "network_tie"
#: The stage and the file of each table that is made and not delivered.
MADE_BY: dict[str, tuple[str, str]] = {
    ENTITY: ("entities", f"{ENTITY}.parquet"),
    NETWORK_NODE: ("networks", f"{NETWORK_NODE}.parquet"),
    NETWORK_TIE: ("networks", f"{NETWORK_TIE}.parquet"),
}
_TEXT = {"type": "string", "class": "company"}
_NATS = {"type": "float", "class": "company"}
_ENTITY: dict[str, Any] = {
    "kind": "register",
    "key": ("kind", "raw", "canonical_id"),
    "label": {"sv": "samma sak i olika skrivning", "en": "one thing in different spellings"},
    "legal_basis": "KL 10:8",
    "retention_months": 25,
    "limit": 0,
    "columns": {
        "kind": _TEXT,  # address, phone, email, account, organisation, person
        "raw": _TEXT,  # as it stands in the store; of an address street|postal_code|city
        "canonical_id": _TEXT,  # what it stands for; null: nothing that may join
        "match_weight": {"type": "number", "class": "none"},  # bits; null where nothing had to be judged
        "match_probability": {"type": "number", "class": "none"},
        "verdict": _TEXT,  # of a judgement (entities.linkage.Verdict)
        "nearest_id": _TEXT,  # the best candidate, joined or not
        "compared": _TEXT,  # JSON: what was compared, the finding, its bits
    },
}
_OF_NETWORKS: dict[str, Any] = {
    "kind": "fact",
    "legal_basis": "KL 10:8",
    "retention_months": 60,
    "limit": 0,
}
#: Null where no link of the kind was delivered. ``strength_x``: nats over all ties, by type of link.
_NODE: dict[str, Any] = _OF_NETWORKS | {
    "key": ("org_number",),
    "label": {"sv": "leverantörens plats i nätverken", "en": "a provider's place in the networks"},
    "columns": {
        "org_number": _TEXT,
        **dict.fromkeys(
            ("degree", "strength", "triangles", "n_types", "neighbour_strength", "structure", "block_migration",
             "exposure", "strength_owner", "strength_address", "strength_account", "strength_payee",
             "strength_payments", "strength_phone", "strength_email", "strength_device", "strength_overlap",
             "strength_staff"),
            _NATS,
        ),
    },
}  # fmt: skip
#: A row for each source row behind a tie. ``part``, ``other_part`` and ``triangle_part`` are the tie's nats, the
#: other's strength and their common neighbours, each divided over its rows: sums over rows are sums over ties.
_TIE: dict[str, Any] = _OF_NETWORKS | {
    "key": ("org_number", "other_org_number", "link_type", "source_table", "source_row_id"),
    "label": {"sv": "samband mellan två leverantörer", "en": "tie between two providers"},
    "columns": {
        "org_number": _TEXT, "other_org_number": _TEXT, "link_type": _TEXT, "nats": _NATS, "part": _NATS,
        "other_part": _NATS, "triangle_part": _NATS, "structure": _NATS, "exposure": _NATS, "source_table": _TEXT,
        "source_row_id": _TEXT,
    },
}  # fmt: skip


@dataclass(frozen=True)
class Column:
    """One column of an input table. Bounds are inclusive; None means unbounded."""

    name: str
    type: ColumnType
    personal_class: Literal["none", "company", "personal", "sensitive"]
    required: bool = False
    values: tuple[str, ...] = ()
    min: float | None = None
    max: float | None = None
    warn_min: float | None = None
    warn_max: float | None = None
    utc: bool = False

    @property
    def stored_name(self) -> str:
        """The name in the store: money changes its unit there, so it changes its name (``x_sek`` to ``x_ore``)."""
        return self.name.removesuffix("_sek") + "_ore" if self.type == "money" else self.name


@dataclass(frozen=True)
class Table:
    """One input table: a fact adds up over months, a register is a snapshot and the newest one counts."""

    name: str
    kind: Literal["fact", "register"]
    key: tuple[str, ...]
    label: dict[str, str]
    legal_basis: str
    retention_months: int
    limit: float
    columns: tuple[Column, ...]
    event_column: str | None = None
    future_events: Literal["error", "warning"] = "warning"

    def column(self, name: str) -> Column:
        return next(column for column in self.columns if column.name == name)

    @property
    def stored(self) -> dict[str, str]:
        """Column name to DuckDB type as kept in the store, provenance last, UTC companions beside their column."""
        kept: dict[str, str] = {}
        for column in self.columns:
            kept[column.stored_name] = STORED_AS[column.type]
            if column.utc:
                kept[f"{column.name}_utc"] = "TIMESTAMP"
        return kept | PROVENANCE


@cache
def tables() -> dict[str, Table]:
    """Every input table by name, in reading order."""
    text = (folder("features") / "sources.yaml").read_text(encoding="utf-8")
    return {name: _table(name, entry) for name, entry in yaml.safe_load(text).items()}


@cache
def readable() -> dict[str, Table]:
    """Every table that a view may read: those that are delivered, and those that a stage makes of them."""
    made = {ENTITY: _ENTITY, NETWORK_NODE: _NODE, NETWORK_TIE: _TIE}
    return tables() | {name: _table(name, entry) for name, entry in made.items()}


def _table(name: str, entry: dict[str, Any]) -> Table:
    event = entry.get("event", {})
    return Table(
        name=name,
        kind=entry["kind"],
        key=tuple(entry["key"]),
        label=entry["label"],
        legal_basis=entry["legal_basis"],
        retention_months=entry["retention_months"],
        limit=entry["limit"],
        columns=tuple(_column(key, value) for key, value in entry["columns"].items()),
        event_column=event.get("column"),
        future_events=event.get("future", "warning"),
    )


def _column(name: str, entry: dict[str, Any]) -> Column:
    rest = {key: value for key, value in entry.items() if key not in {"class", "values"}}
    return Column(name=name, personal_class=entry["class"], values=tuple(entry.get("values", ())), **rest)
