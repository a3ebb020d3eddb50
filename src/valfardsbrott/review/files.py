"""Files of a case: kept once under their SHA-256, taken only where the bytes are what they claim to be."""

from __future__ import annotations

import hashlib
import os
import tempfile
import unicodedata
from pathlib import Path

from sqlalchemy.orm import Session

from valfardsbrott.domain import EXIT_SYSTEM, Failure
from valfardsbrott.review.cases import Refused, event
from valfardsbrott.review.models import Case, CaseFile, StoredFile, User, utc_now

#: What may be kept, by ending: the media type, and how such a file begins. Nothing here runs when it is opened.
KINDS: dict[str, tuple[str, tuple[bytes, ...]]] = {
    ".pdf": ("application/pdf", (b"%PDF-",)),
    ".png": ("image/png", (b"\x89PNG\r\n\x1a\n",)),
    ".jpg": ("image/jpeg", (b"\xff\xd8\xff",)),
    ".jpeg": ("image/jpeg", (b"\xff\xd8\xff",)),
    ".docx": ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", (b"PK\x03\x04",)),
    ".xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", (b"PK\x03\x04",)),
    ".zip": ("application/zip", (b"PK\x03\x04",)),
    ".txt": ("text/plain", ()),
    ".csv": ("text/csv", ()),
    ".eml": ("message/rfc822", ()),
}


def kind_of(name: str, data: bytes) -> str:
    """The media type of an allowed file; Refused where the ending is not allowed or the bytes are something else."""
    ending = Path(name).suffix.lower()
    if ending not in KINDS:
        raise Refused("file_kind", allowed=", ".join(sorted(KINDS)))
    media_type, begins = KINDS[ending]
    fits = data.startswith(begins) if begins else _is_text(data)
    if not fits or not data:
        raise Refused("file_bytes", ending=ending)
    return media_type


def clean_name(name: str) -> str:
    """A file's name without folders or control characters, at most 120 characters; ``fil`` where nothing is left."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    kept = "".join(mark for mark in unicodedata.normalize("NFC", last) if unicodedata.category(mark)[0] != "C").strip(
        ". "
    )
    stem, dot, ending = kept.rpartition(".")
    return f"{stem[:110]}{dot}{ending[:9]}" if dot else kept[:120] or "fil"


def keep(db: Session, folder: Path, data: bytes, media_type: str) -> StoredFile:
    """Keep bytes under their hash, once; complete or absent, readable by the application's user alone."""
    digest = hashlib.sha256(data).hexdigest()
    target = path_of(folder, digest)
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, temporary = tempfile.mkstemp(dir=target.parent)
        with os.fdopen(handle, "wb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
        Path(temporary).replace(target)
    stored = db.get(StoredFile, digest)
    if stored is None:
        stored = StoredFile(sha256=digest, size=len(data), media_type=media_type, stored_at=utc_now())
        db.add(stored)
        db.flush()
    return stored


def read(folder: Path, stored: StoredFile) -> bytes:
    """The bytes again; Failure where they are gone or are no longer those that were kept."""
    try:
        data = path_of(folder, stored.sha256).read_bytes()
    except OSError:
        raise Failure(f"the file {stored.sha256[:12]} is not in the files folder", _RESTORE, EXIT_SYSTEM) from None
    if hashlib.sha256(data).hexdigest() != stored.sha256:
        raise Failure(f"the file {stored.sha256[:12]} has changed on disk", _RESTORE, EXIT_SYSTEM)
    return data


def attach(db: Session, case: Case, user: User, *, folder: Path, name: str, data: bytes, about: str = "") -> CaseFile:
    """A new file of the case."""
    stored = keep(db, folder, data, kind_of(name, data))
    made = CaseFile(
        case_id=case.id, sha256=stored.sha256, name=clean_name(name), about=about.strip(), user_id=user.id,
        at=utc_now(),
    )  # fmt: skip
    db.add(made)
    event(db, case, user, "file_added", made.name, sha256=stored.sha256)
    db.flush()
    return made


def remove(db: Session, case: Case, user: User, file: CaseFile, reasons: str) -> None:
    """Hide a file and say why; that it was there, and its hash, stay on record."""
    if not reasons.strip():
        raise Refused("reasons")
    if file.removed_at is not None:
        raise Refused("changed", number=case.number)
    file.removed_at, file.removed_by_id, file.removal_reasons = utc_now(), user.id, reasons.strip()
    event(db, case, user, "file_removed", reasons, sha256=file.sha256)


def path_of(folder: Path, digest: str) -> Path:
    """Where the bytes with a hash are."""
    return folder / digest[:2] / digest


def _is_text(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return b"\x00" not in data and not data.startswith((b"MZ", b"\x7fELF"))
    return b"\x00" not in data and not data.startswith((b"#!", b"MZ"))


_RESTORE = "Restore it from the backup (docs/operations.md)"
