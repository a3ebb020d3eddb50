"""entities: which written values, and which doubtful numbers, stand for the same thing; before anything is computed."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from valfardsbrott.catalogue import ENTITY, readable
from valfardsbrott.domain import Failure, Manifest, Month, Progress, silent
from valfardsbrott.engines.linkage import linking
from valfardsbrott.entities import emails, phones
from valfardsbrott.entities.explanation import texts
from valfardsbrott.entities.linkage import Finding, Judgement, judge
from valfardsbrott.entities.model import EntityKind, models
from valfardsbrott.entities.records import (
    candidates,
    is_pseudonym,
    moved_to,
    organisation_records,
    person_records,
    street_records,
)
from valfardsbrott.features import base
from valfardsbrott.identifiers import account_key
from valfardsbrott.settings import Settings
from valfardsbrott.stages.entities_read import SOURCES, Material, Raw, read
from valfardsbrott.stages.views import Deliveries, MonthOfViews
from valfardsbrott.stages.workspace import Workspace, code_digest, digest, replacing

if TYPE_CHECKING:
    import pyarrow as pa

_CODE = ("entities", "engines/linkage.py", "identifiers.py", "stages/entities.py", "stages/entities_read.py")
_JUDGING = ("entities", "engines/linkage.py", "identifiers.py")
#: Columns of what is published of the joins.
JOINED = (
    "kind", "raw", "canonical_id", "match_weight", "match_probability", "compared", "text_sv", "text_en",
)  # fmt: skip
Row = dict[str, Any]
Judged = Mapping[str, Judgement]


def run(month: Month, settings: Settings, progress: Progress = silent) -> Manifest:
    """Resolve every delivered month up to ``month`` that is not done: ``entities/<month>/entity.parquet``.

    One row for each written value, or doubtful number, and what it stands for (`catalogue.ENTITY`). ``stats`` by kind:
    distinct ``values``, ``spellings`` that were one thing with another, ``doubtful`` records, those ``joined``, and why
    others were not. Raises Failure where the month has no delivery.
    """
    deliveries = Deliveries(Workspace(settings))
    months = [each for each in deliveries.months if each <= month]
    if month not in months:
        raise Failure(f"there is no delivery for {month}", "Run ingest first, or choose a month that was delivered")
    for done, each in enumerate(months):
        progress("entities", done, len(months))
        manifest = _of_month(each, deliveries, months[done - 1] if done else None)
    progress("entities", len(months), len(months))
    return manifest


def _of_month(month: Month, deliveries: Deliveries, earlier: Month | None) -> Manifest:
    asked = [(name, base(name)) for name in SOURCES]
    stamps = [
        (name, str(each), deliveries.stamp(table, each))
        for name, (table, window) in asked
        for each in deliveries.of(table, month, window, gone=True)
    ]
    fingerprint = digest(code_digest(*_CODE), repr(models()), *stamps)
    workspace = deliveries.workspace
    return workspace.run_once("entities", month, fingerprint, lambda: _resolve(month, deliveries, earlier))


@dataclass(frozen=True)
class Records:
    """A month's values, and by kind the known and the doubtful records; ``among``: candidates, for `linkage.judge`."""

    material: Material
    tables: Mapping[EntityKind, tuple[pa.Table, pa.Table]]
    among: Mapping[EntityKind, float]

    def of(self, kind: EntityKind) -> tuple[pa.Table, pa.Table]:
        return self.tables[kind]


def records(month: Month, deliveries: Deliveries) -> Records:
    """What there is to judge in the month; its tables are read."""
    with MonthOfViews(month, deliveries) as work:
        material = read(work)
    chosen = models()
    tables: dict[EntityKind, tuple[pa.Table, pa.Table]] = {
        "address": street_records(material.registered, material.addresses.values(), chosen["address"].attested_numbers),
        "organisation": organisation_records(material.organisations, chosen["organisation"].hub),
        "person": person_records(material.persons),
    }
    return Records(material, tables, {"person": candidates(material.persons)})


def _resolve(month: Month, deliveries: Deliveries, earlier: Month | None) -> tuple[list[Path], dict[str, Any]]:
    found = records(month, deliveries)
    judging = _Judging(deliveries.workspace, month, earlier)
    judged = {kind: judging.of(kind, found) for kind in found.tables}
    rows = [*_address_rows(found.material, judged["address"]), *_written_rows(found.material)]
    for kind in ("organisation", "person"):
        rows += [_judged(kind, raw, one, raw) for raw, one in judged[kind].items()]
    out = deliveries.workspace.table(ENTITY, month)
    with replacing(out) as path:
        _write(rows, path)
    sha256 = hashlib.sha256(out.read_bytes()).hexdigest()
    joined = out.with_name("joined.parquet")
    with replacing(joined) as path:
        _write_joined(rows, path)
    return [out, joined, *judging.files], {"sha256": sha256, "kinds": _counts(rows)}


class _Judging:
    """Judgements of the month; those of the same records in the month before, or in this one, are not made again."""

    def __init__(self, workspace: Workspace, month: Month, earlier: Month | None) -> None:
        self._workspace, self._month, self._earlier = workspace, month, earlier
        self.files: list[Path] = []

    def of(self, kind: EntityKind, found: Records) -> Judged:
        """By record. Splink is not even loaded where there is nothing doubtful, or nothing known."""
        known, doubtful = found.of(kind)
        among = found.among.get(kind)
        key = digest(code_digest(*_JUDGING), repr(models()[kind]), known.to_pylist(), doubtful.to_pylist(), among)
        made = self._kept(kind, key)
        if made is None:
            database = linking(self._workspace.settings) if len(known) and len(doubtful) else nullcontext()
            with database as api:
                made = judge(models()[kind], known, doubtful, api, among)
        self.files.append(self._file(kind, self._month))
        with replacing(self.files[-1]) as path:
            path.write_text(json.dumps({"key": key, "judgements": [asdict(one) for one in made]}), encoding="utf-8")
        return {one.record: one for one in made}

    def _kept(self, kind: str, key: str) -> list[Judgement] | None:
        for month in (self._month, self._earlier):
            path = self._file(kind, month) if month else None
            if path is None or not path.is_file():
                continue
            kept = json.loads(path.read_text(encoding="utf-8"))
            if kept["key"] == key:
                return [_judgement(entry) for entry in kept["judgements"]]
        return None

    def _file(self, kind: str, month: Month) -> Path:
        return self._workspace.stage("entities", month, f"judged-{kind}.json")


def _judgement(entry: dict[str, Any]) -> Judgement:
    return Judgement(**entry | {"findings": tuple(Finding(**each) for each in entry["findings"])})


# --- rows ------------------------------------------------------------------------------------------------------------


def _address_rows(material: Material, streets: Judged) -> Iterator[Row]:
    for raw, address in (material.addresses | material.homes).items():
        key = address.key
        judged = streets.get(key or "") if raw in material.addresses else None
        if judged is None:
            yield _row("address", written(raw), key)
            continue
        moved = moved_to(address, judged.entity).key if judged.entity else key
        nearest = moved_to(address, judged.nearest).key if judged.nearest else None
        yield _judged("address", written(raw), judged, key) | {"canonical_id": moved, "nearest_id": nearest}


def written(raw: Raw) -> str:
    """An address as views name it: ``concat_ws('|', coalesce(street, ''), ...)`` of street, postal code and city."""
    return "|".join(part or "" for part in raw)


def _written_rows(material: Material) -> Iterator[Row]:
    for phone in material.phones:
        found = (phone,) if is_pseudonym(phone) else tuple(each.canonical for each in phones.numbers(phone))
        yield from (_row("phone", phone, each) for each in found or (None,))
    for email in material.emails:
        yield from (_row("email", email, each) for each in emails.mailboxes(email) or (None,))
    for account in material.accounts:
        yield _row("account", account, account_key(account))


def _row(kind: str, raw: str, canonical: str | None) -> Row:
    return {"kind": kind, "raw": raw, "canonical_id": canonical}


def _judged(kind: str, raw: str, one: Judgement, own: str | None) -> Row:
    """The row of a doubtful record: what it is joined to, or itself; and the evidence either way."""
    return _row(kind, raw, one.entity or own) | {
        "match_weight": one.weight, "match_probability": one.probability, "verdict": one.verdict,
        "nearest_id": one.nearest, "compared": json.dumps([asdict(each) for each in one.findings]),
    }  # fmt: skip


def _write(rows: Iterable[Row], path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    types = {"VARCHAR": pa.string(), "BIGINT": pa.int64(), "DECIMAL(18,4)": pa.decimal128(18, 4)}
    ordered = sorted(rows, key=lambda row: (row["kind"], row["raw"], row["canonical_id"] or ""))
    columns = {
        name: pa.array([_exact(row.get(name)) for row in ordered], types[kind])
        for name, kind in readable()[ENTITY].stored.items()
    }
    pq.write_table(pa.table(columns), path)


def _write_joined(rows: Iterable[Row], path: Path) -> None:
    """What was joined by judgement, in words: published, for whoever asks why two records count as one."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    made = [row | _words(row) for row in rows if row.get("verdict") == "joined"]
    made.sort(key=lambda row: (row["kind"], row["canonical_id"], row["raw"]))
    kinds = {name: pa.float64() if name.startswith("match_") else pa.string() for name in JOINED}
    columns = {name: pa.array([row[name] for row in made], kind) for name, kind in kinds.items()}
    pq.write_table(pa.table(columns), path)


def _words(row: Row) -> Row:
    findings = [Finding(**each) for each in json.loads(row["compared"])]
    weighed = {"weight": row["match_weight"], "probability": row["match_probability"]}
    said = texts(row["kind"], row["raw"], row["canonical_id"], findings, **weighed)
    return {f"text_{code}": text for code, text in said.items()}


def _exact(value: Any) -> Any:
    return Decimal(f"{value:.4f}") if isinstance(value, float) else value


def _counts(rows: Iterable[Row]) -> dict[str, dict[str, Any]]:
    counts: dict[str, dict[str, Any]] = {}
    for kind in sorted({row["kind"] for row in rows}):
        mine = [row for row in rows if row["kind"] == kind]
        verdicts = Counter(row["verdict"] for row in mine if row.get("verdict"))
        values, meant = {row["raw"] for row in mine}, {row["canonical_id"] for row in mine} - {None}
        counts[kind] = {
            "values": len(values), "spellings": max(0, len(values) - len(meant)), "doubtful": sum(verdicts.values()),
            "joined": verdicts.pop("joined", 0), "left_apart": dict(sorted(verdicts.items())),
        }  # fmt: skip
    return counts
