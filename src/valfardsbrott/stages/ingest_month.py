"""One delivery into the store: read, settle, check against the limits, and only then replace what was there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from valfardsbrott.catalogue import tables
from valfardsbrott.definitions import folder
from valfardsbrott.domain import Manifest
from valfardsbrott.identifiers import normalise
from valfardsbrott.sources.delivery import Delivery
from valfardsbrott.sources.pseudonyms import Pseudonymiser, companies
from valfardsbrott.sources.raw import RawRows
from valfardsbrott.sources.reading import Batch, read
from valfardsbrott.stages import ingest_carry, ingest_doubtful
from valfardsbrott.stages.ingest_batches import merged
from valfardsbrott.stages.ingest_carry import Carry
from valfardsbrott.stages.ingest_collect import Collected, add, note, types
from valfardsbrott.stages.ingest_files import FileIndex
from valfardsbrott.stages.ingest_limits import refuse_above_limit, write_quarantine
from valfardsbrott.stages.ingest_protected import carried, marked, stripped
from valfardsbrott.stages.ingest_redelivery import Seen, compare
from valfardsbrott.stages.ingest_sort import settled
from valfardsbrott.stages.ingest_stats import counts, findings
from valfardsbrott.stages.ingest_write import sha256, write_table
from valfardsbrott.stages.workspace import Workspace, code_digest, digest, replacing

#: Persons first (marks and new numbers hold for every other table), then providers (which numbers are companies).
_PERSONS, _PROVIDERS = ("person", "person_relation"), ("provider",)
_OWN = sorted(f"stages/{path.name}" for path in Path(__file__).parent.glob("ingest*.py"))
#: Small batches are put together up to this many rows.
_MERGED = 20_000


def ingest_delivery(
    delivery: Delivery, workspace: Workspace, files: FileIndex, key: bytes, other_folders: tuple[str, ...] = ()
) -> Manifest:
    """Read the delivery unless its files, the code, the key and what earlier deliveries left are the same as last time.

    ``other_folders``: what lies beside the deliveries and is no month, for the findings.
    """
    hashes = files.digests(delivery)
    carry = ingest_carry.before(workspace, delivery.month)
    names = Pseudonymiser(key, delivery.month.last)
    code = code_digest("sources", "identifiers.py", "catalogue.py", "entities/phones.py", "entities/persons.py", *_OWN)
    catalogue = (folder("features") / "sources.yaml").read_text(encoding="utf-8")
    earlier = carry.digest, ingest_carry.facts_before(workspace, delivery.month)
    limit = workspace.settings.quarantine_limit
    fingerprint = digest(code, catalogue, names.fingerprint(), limit, hashes, *earlier)
    work = _Delivered(delivery, workspace, key, carry)
    return workspace.run_once("ingest", delivery.month, fingerprint, lambda: work.run(hashes, other_folders))


@dataclass
class _Delivered:
    """The work on one delivery. ``collected``: by table, what its files brought."""

    delivery: Delivery
    workspace: Workspace
    key: bytes
    carry: Carry
    collected: dict[str, Collected] = field(default_factory=dict)
    final: dict[str, pa.Table] = field(default_factory=dict)
    seen: dict[str, Seen] = field(default_factory=dict)
    copies: dict[str, pa.Table] = field(default_factory=dict)
    readers: list[Pseudonymiser] = field(default_factory=list)

    def run(self, hashes: dict[str, str], other_folders: tuple[str, ...]) -> tuple[list[Path], dict[str, Any]]:
        self._read()
        self._settle()
        month, settings = self.delivery.month, self.workspace.settings
        stopped = self.workspace.stage("quarantine", month, "stopped.parquet")
        refuse_above_limit(self.collected.values(), month, settings, stopped)
        quarantine = self.workspace.stage("quarantine", month, "quarantine.parquet")
        written = self._write(quarantine)
        stats = {
            "tables": {name: self._counts(name) | {"sha256": sha256(path)} for name, path in written.items()},
            "input_sha256": hashes,
            "findings": findings(self.collected.values(), self.delivery, other_folders),
            "protected_persons": len(self.carry.protected),
        }
        place = self.workspace.stage("ingest", month)
        kept = [place / f"{name}.parquet" for name in ("protected", "aliases", "doubtful")]
        return [*written.values(), quarantine, *kept], stats

    # --- read --------------------------------------------------------------------------------------------------------

    def _read(self) -> None:
        aliases: dict[str, str] = {}
        names = self._names()
        self._take(self._batches(_PERSONS, aliases), names)
        fresh = tuple((self._pseudonym(names, old), self._pseudonym(names, new)) for old, new in aliases.items())
        self.carry = replace(self.carry, aliases=tuple(dict([*self.carry.aliases, *fresh]).items()))
        providers = list(self._batches(_PROVIDERS, aliases))
        self.carry = replace(self.carry, companies=self.carry.companies | _companies(providers))
        names = self._names()
        self._take(providers, names)
        self._take(self._batches(set(tables()) - {*_PERSONS, *_PROVIDERS}, aliases), names)

    def _names(self) -> Pseudonymiser:
        names = Pseudonymiser(self.key, self.delivery.month.last, self.carry.companies, dict(self.carry.aliases))
        self.readers.append(names)
        return names

    def _pseudonym(self, names: Pseudonymiser, number: str) -> str:
        return names.pseudonym(normalise(number, "person", self.delivery.month.last).canonical or number)

    def _batches(self, only: Iterable[str], aliases: dict[str, str]) -> Iterator[Batch]:
        wanted = set(only)
        for source in self.delivery.sources:
            yield from read(source, wanted, aliases)

    def _take(self, batches: Iterable[Batch], names: Pseudonymiser) -> None:
        """Convert batch by batch; small ones (an XML file each) are put together first."""
        waiting: dict[str, list[RawRows]] = {}
        for rows, found in batches:
            note(self._of(rows.table), [one for one in found if one.table == rows.table])
            for other in (one for one in found if one.table != rows.table):
                note(self._of(other.table), [other])
            waiting.setdefault(rows.table, []).append(rows)
            if sum(map(len, waiting[rows.table])) >= _MERGED:
                self._convert(rows.table, waiting.pop(rows.table), names)
        for table, left in waiting.items():
            self._convert(table, left, names)

    def _convert(self, table: str, rows: list[RawRows], names: Pseudonymiser) -> None:
        raw, files = merged(rows)
        add(self._of(table), raw, files, self.delivery.month, names)

    def _of(self, table: str) -> Collected:
        return self.collected.setdefault(table, Collected(tables()[table]))

    # --- settle ------------------------------------------------------------------------------------------------------

    def _settle(self) -> None:
        """Sort, refuse repeated keys, drop what was delivered already, strip protected persons."""
        if "person" in self.collected:
            batches = self.collected["person"].batches
            fresh = frozenset().union(*(marked(batch) for batch in batches))
            self.carry = replace(self.carry, protected=self.carry.protected | fresh)
        for name, collected in self.collected.items():
            rows = settled(collected)
            rows, collected.withheld = stripped(name, rows, self.carry.protected)
            seen = compare(rows, collected.table, self.delivery.month, self.workspace)
            self.final[name], self.seen[name] = _without(rows, seen, collected), seen
            collected.batches.clear()
        earlier = ingest_carry.read_months(self.workspace, self.delivery.month)
        self.copies = carried(self.workspace, set(self.collected), earlier, self.carry.protected)

    def _counts(self, name: str) -> dict[str, Any]:
        if name in self.copies:
            copy = Collected(tables()[name])
            copy.rows_in["carried over"] = len(self.copies[name])
            return counts(copy, self.copies[name])
        return counts(self.collected[name], self.final[name])

    # --- write -------------------------------------------------------------------------------------------------------

    def _write(self, quarantine: Path) -> dict[str, Path]:
        """Write everything beside its place, then rename: a month that cannot be written leaves the old one."""
        month, written = self.delivery.month, {}
        with ExitStack() as stack:
            for name, rows in sorted({**self.final, **self.copies}.items()):
                written[name] = self.workspace.table(name, month)
                write_table(rows, types(tables()[name]), stack.enter_context(replacing(written[name])))
            for name, seen in self.seen.items():
                if seen.superseded:
                    place = stack.enter_context(replacing(self.workspace.superseded(name, month)))
                    pq.write_table(seen.superseded_rows(), place)
            write_quarantine(stack.enter_context(replacing(quarantine)), self.collected.values())
            place = self.workspace.stage("ingest", month)
            ingest_carry.write(
                stack.enter_context(replacing(place / "protected.parquet")),
                stack.enter_context(replacing(place / "aliases.parquet")),
                self.carry,
            )
            ingest_doubtful.write(
                self.readers, self.carry.protected, stack.enter_context(replacing(place / "doubtful.parquet"))
            )
            self.workspace.forget("ingest", month)
            self._remove_stale(written)
        return written

    def _remove_stale(self, written: dict[str, Path]) -> None:
        """Tables that the delivery had last time and has no longer."""
        month = self.delivery.month
        for name in tables():
            if name not in written:
                self.workspace.table(name, month).unlink(missing_ok=True)
            if name not in self.seen or not self.seen[name].superseded:
                self.workspace.superseded(name, month).unlink(missing_ok=True)


def _companies(batches: list[Batch]) -> frozenset[str]:
    found: frozenset[str] = frozenset()
    for rows, _ in batches:
        if "org_number" in rows.columns and "legal_form" in rows.columns:
            columns = [rows.columns[name].cast(pa.string()).to_pylist() for name in ("org_number", "legal_form")]
            found |= companies(*columns)
    return found


def _without(rows: pa.Table, seen: Seen, collected: Collected) -> pa.Table:
    """The rows but those that were delivered already; the others that were met are doubts."""
    key = ", ".join(collected.table.key)
    for rule, found in (("redelivered_changed", seen.changed), ("key_reused", seen.reused)):
        if found:
            collected.warnings[f"{key}:{rule}"] += len(found)
            collected.doubted += len(found)
    collected.already_delivered = len(seen.already)
    if not seen.already:
        return rows
    kept = [True] * len(rows)
    for at in seen.already:
        kept[at] = False
    return rows.filter(pa.array(kept))
