"""What lies in the deliveries, by content: SHA-256 of each file, remembered until its size or time changes."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from valfardsbrott.domain import EXIT_SYSTEM, Failure
from valfardsbrott.identifiers import without_persons
from valfardsbrott.sources.delivery import Delivery
from valfardsbrott.stages.workspace import replacing


class FileIndex:
    """Digests of delivered files. A file with the same path, size and time of change (ns) is not read again."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known: dict[str, list[int | str]] = self._load()
        self._changed = False

    def digests(self, delivery: Delivery) -> dict[str, str]:
        """Each file's path inside the delivery, the mapping's too, to the SHA-256 of its bytes."""
        found = {source.name: self._digest(source.path, source.name) for source in delivery.sources}
        if delivery.mapping:
            found[delivery.mapping.name] = self._digest(delivery.mapping, delivery.mapping.name)
        return dict(sorted(found.items()))

    def save(self) -> None:
        if self._changed:
            with replacing(self._path) as path:
                path.write_text(json.dumps(self._known, indent=0, sort_keys=True), encoding="utf-8")

    def _digest(self, path: Path, name: str) -> str:
        status, place = path.stat(), str(path.resolve())
        size, changed, *known = self._known.get(place, [0, 0])
        if known and (size, changed) == (status.st_size, status.st_mtime_ns):
            return str(known[0])
        try:
            with path.open("rb") as stream:
                digest = hashlib.file_digest(stream, "sha256").hexdigest()
        except PermissionError:
            raise Failure(f"no permission to read {name}", "Change its rights", EXIT_SYSTEM) from None
        # A path with a person number in it is kept nowhere: that file is read again.
        if without_persons(place) == place:
            self._known[place], self._changed = [status.st_size, status.st_mtime_ns, digest], True
        return digest

    def _load(self) -> dict[str, list[int | str]]:
        try:
            loaded = json.loads(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return loaded if isinstance(loaded, dict) else {}
