"""Open a delivery's file as bytes, unpacking .zip and .gz of one member without ever trusting the size they claim."""

from __future__ import annotations

import gzip
import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from valfardsbrott.domain import EXIT_SYSTEM, Failure

#: An unpacked file may be this large, and beyond ``RATIO_FROM`` bytes at most this many times its packed size.
MAX_UNPACKED = 8 * 2**30
MAX_RATIO = 200
RATIO_FROM = 64 * 2**20

_DAMAGED = (zipfile.BadZipFile, gzip.BadGzipFile, zlib.error, EOFError)


@contextmanager
def opened(path: Path, name: str) -> Iterator[BinaryIO]:
    """The file's bytes as a stream, unpacked. ``name`` is what messages call it (its path inside the delivery).

    Raises Failure for a file that cannot be read, a damaged or encrypted archive, one with several members, and one
    that unpacks to more than ``MAX_UNPACKED`` bytes or ``MAX_RATIO`` times its size.
    """
    try:
        with path.open("rb") as packed:
            if path.suffix == ".gz":
                yield _bounded(cast("BinaryIO", gzip.GzipFile(fileobj=packed)), path, name)
            elif path.suffix == ".zip":
                with zipfile.ZipFile(packed) as archive, archive.open(_member(archive, name)) as member:
                    yield _bounded(cast("BinaryIO", member), path, name)
            else:
                yield packed
    except _DAMAGED:
        raise Failure(f"{name} is damaged or cut short", "Fetch the file again") from None
    except PermissionError:
        raise Failure(f"no permission to read {name}", "Change its rights", EXIT_SYSTEM) from None


def _member(archive: zipfile.ZipFile, name: str) -> zipfile.ZipInfo:
    members = [info for info in archive.infolist() if not info.is_dir() and not info.filename.startswith("__MACOSX/")]
    if len(members) != 1:
        raise Failure(f"{name} holds {len(members)} files", "Pack each table by itself")
    if members[0].flag_bits & 1:
        raise Failure(f"{name} is encrypted", "Unpack it first")
    return members[0]


def _bounded(stream: BinaryIO, path: Path, name: str) -> BinaryIO:
    most = min(MAX_UNPACKED, max(RATIO_FROM, path.stat().st_size * MAX_RATIO))
    return cast("BinaryIO", io.BufferedReader(_Bounded(stream, most, name), 1 << 20))


class _Bounded(io.RawIOBase):
    """Passes bytes on and counts them; more than ``most`` is a Failure."""

    def __init__(self, stream: BinaryIO, most: int, name: str) -> None:
        super().__init__()
        self._stream, self._left, self._name = stream, most, name

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        chunk = self._stream.read(len(buffer))
        self._left -= len(chunk)
        if self._left < 0:
            raise Failure(
                f"{self._name} unpacks to far more than its size allows",
                "If the file is right, unpack it yourself and deliver it unpacked",
            )
        buffer[: len(chunk)] = chunk
        return len(chunk)
