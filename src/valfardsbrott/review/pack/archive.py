"""A pack as one zip file: documents, rows, SQL, and a signed manifest of hashes. Same content and key, same bytes."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from valfardsbrott.domain import Failure, cell
from valfardsbrott.review.pack.content import Content, Rows
from valfardsbrott.review.pack.signature import Signer, canonical, key_id, valid

MANIFEST, SIGNATURE, PUBLIC_KEY = "manifest.json", "manifest.sig", "public_key.pem"
#: No zip entry carries a clock's time: two packs of one content are the same bytes.
_WHEN = (1980, 1, 1, 0, 0, 0)
#: How a zip file begins, and how its last 22 bytes begin where nothing follows it (APPNOTE 4.3.7 and 4.3.16).
_FIRST, _LAST = b"PK\x03\x04", b"PK\x05\x06"
#: Larger packs are refused when verified, before anything is unpacked into memory.
MAX_BYTES = 512 * 1024 * 1024


@dataclass(frozen=True)
class Pack:
    """The zip's bytes, its manifest, and the signature as hex."""

    data: bytes
    manifest: Mapping[str, Any]
    signature: str
    key_id: str


@dataclass(frozen=True)
class Verdict:
    """What verification found. ``problems`` are in words, empty where nothing was changed.

    ``known_key``: True or False against the key that was given, None where none was given to compare with.
    """

    problems: tuple[str, ...]
    key_id: str
    known_key: bool | None
    manifest: Mapping[str, Any]

    @property
    def intact(self) -> bool:
        return not self.problems and self.known_key is not False


def pack(content: Content, signer: Signer) -> Pack:
    """Everything of ``content`` in one signed zip. Deterministic for a key."""
    from valfardsbrott.review.pack.document import as_json, pdf

    files = {"pack.json": _json(as_json(content)), **_rows(content), **_sql(content)}
    files["document.pdf"] = pdf(content, {name: hashlib.sha256(data).hexdigest() for name, data in files.items()})
    manifest = {
        "format": 1,
        "case": content.request.case_number,
        "entity_type": content.request.entity_type,
        "entity_id": content.request.entity_id,
        "month": content.request.month,
        "run_id": content.run["run_id"],
        "key_id": signer.key_id,
        "demo_key": signer.demo,
        "files": {name: {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}
                  for name, data in sorted(files.items())},
    }  # fmt: skip
    signed = _json(manifest)
    signature = signer.sign(signed)
    files |= {MANIFEST: signed, SIGNATURE: signature.hex().encode(), PUBLIC_KEY: signer.public_pem}
    return Pack(zipped(files), manifest, signature.hex(), signer.key_id)


def verify(data: bytes, public_pem: bytes | None = None) -> Verdict:
    """Check a pack: nothing changed, added or taken out since it was signed, and by which key.

    Without ``public_pem`` (got from the city another way than in the pack) only the pack's own key is used, and
    anybody could have made that: ``known_key`` is then None. Failure where the bytes are no pack at all.
    """
    files = _unzip(data)
    if missing := [name for name in (MANIFEST, SIGNATURE, PUBLIC_KEY) if name not in files]:
        raise Failure(f"that is no evidence pack: {', '.join(missing)} is missing")
    own = files.pop(PUBLIC_KEY)
    signed, signature = files.pop(MANIFEST), files.pop(SIGNATURE)
    problems = [] if data[:4] == _FIRST and data[-22:-18] == _LAST else ["something was put before or after the pack"]
    if not _genuine(own, signature, signed):
        problems.append("manifest.json is not what was signed")
    manifest = _manifest(signed)
    listed = manifest.get("files", {})
    problems += [f"{name} was added" for name in sorted(files.keys() - listed.keys())]
    problems += [f"{name} is missing" for name in sorted(listed.keys() - files.keys())]
    problems += [
        f"{name} was changed"
        for name in sorted(files.keys() & listed.keys())
        if hashlib.sha256(files[name]).hexdigest() != listed[name].get("sha256")
    ]
    known = None if public_pem is None else key_id(public_pem) == key_id(own)
    return Verdict(tuple(problems), key_id(own), known, manifest)


def _genuine(public_pem: bytes, signature: bytes, signed: bytes) -> bool:
    """Whether key and signature are written in the one way that they are written here, and fit what was signed."""
    try:
        raw = bytes.fromhex(signature.decode("ascii"))
    except ValueError:
        return False
    written_so = raw.hex().encode() == signature and canonical(public_pem) == public_pem
    return written_so and valid(public_pem, raw, signed)


def _manifest(signed: bytes) -> dict[str, Any]:
    try:
        manifest = json.loads(signed)
    except ValueError:
        return {}
    return manifest if isinstance(manifest, dict) else {}


def _json(value: Any) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True, default=str) + "\n").encode()


def _sql(content: Content) -> dict[str, bytes]:
    return {name: text.encode() for name, text in content.sql.items()}


def _rows(content: Content) -> dict[str, bytes]:
    files = {}
    for reason in content.reasons:
        for rows in reason.rows:
            if rows.columns:
                files[rows_file(rows)] = _csv(rows.columns, rows.rows)
    if content.links:
        columns = tuple(content.links[0])
        files["rows/network_links.csv"] = _csv(columns, tuple(tuple(link.values()) for link in content.links))
    return files


def rows_file(rows: Rows) -> str:
    """Where the rows of one reason, provider and source table are in the pack."""
    at = rows.columns.index("source_table")
    return f"rows/{rows.feature}-{rows.org_number}-{rows.rows[0][at]}.csv"


def _csv(columns: tuple[str, ...], rows: tuple[tuple[Any, ...], ...]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([cell(value) for value in row] for row in rows)
    return out.getvalue().encode()


def zipped(files: Mapping[str, bytes]) -> bytes:
    """A zip of these files, the same bytes for the same files."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name, data in sorted(files.items()):
            entry = zipfile.ZipInfo(name, _WHEN)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            archive.writestr(entry, data)
    return out.getvalue()


def _unzip(data: bytes) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            if sum(entry.file_size for entry in entries) > MAX_BYTES:
                raise Failure("the pack unpacks to more than 512 MiB and is not read")
            if len({entry.filename for entry in entries}) != len(entries):
                raise Failure("that is no evidence pack: a file is in it twice")
            return {entry.filename: archive.read(entry) for entry in entries}
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
        raise Failure(f"that is no evidence pack ({type(error).__name__})") from None
