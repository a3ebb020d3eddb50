"""Where stages keep what they make, and how a stage is run once: fingerprint, temporary file, rename, manifest."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from valfardsbrott.catalogue import MADE_BY
from valfardsbrott.definitions import folder
from valfardsbrott.domain import Manifest, Month
from valfardsbrott.engines.seam import replacing as replacing  # noqa: PLC0414 - stages write with it too
from valfardsbrott.settings import Settings

_PACKAGE = Path(__file__).resolve().parents[1]

#: What a stage's work returns: the paths it wrote (inside the store) and its counts.
Work = Callable[[], tuple[list[Path], dict[str, Any]]]


class Workspace:
    """The working store of a city: month-partitioned files that only the stages read and write."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.root = settings.store_path

    def table(self, name: str, month: Month) -> Path:
        """A delivered table's rows, or what a stage made of the month's tables (`catalogue.readable`)."""
        if name in MADE_BY:
            stage, file = MADE_BY[name]
            return self.stage(stage, month, file)
        return self.root / "tables" / name / f"{month}.parquet"

    def superseded(self, table: str, month: Month) -> Path:
        """Earlier rows that this month's delivery corrects: ``delivery_month, source_file, source_row``."""
        return self.root / "superseded" / table / f"{month}.parquet"

    def view(self, name: str, month: Month) -> Path:
        return self.root / "views" / name / f"{month}.parquet"

    def stage(self, name: str, month: Month, file: str = "") -> Path:
        """A stage's own folder for a month, or a file in it."""
        return self.root / name / str(month) / file

    def manifest(self, name: str, month: Month) -> Manifest | None:
        """What the stage last left for the month; None where it has not finished, or its file cannot be read."""
        try:
            return Manifest(**json.loads(self._manifest_path(name, month).read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return None

    def run_once(self, name: str, month: Month, fingerprint: str, work: Work) -> Manifest:
        """Run ``work`` unless the stage has already done it for the same fingerprint and its outputs are still there.

        The manifest is written last and in one step, so a stage that was killed is run again.
        """
        if done := self.finished(name, month, fingerprint):
            return done
        started = time.perf_counter()
        outputs, stats = work()
        relative = [str(path.relative_to(self.root)) for path in outputs]
        manifest = Manifest(name, str(month), fingerprint, relative, stats, round(time.perf_counter() - started, 3))
        self.record(manifest)
        return manifest

    def finished(self, name: str, month: Month, fingerprint: str) -> Manifest | None:
        """The stage's manifest, where it has done its work for this fingerprint and its outputs are still there."""
        done = self.manifest(name, month)
        if done and done.fingerprint == fingerprint and all((self.root / path).exists() for path in done.outputs):
            done.cached = True
            return done
        return None

    def record(self, manifest: Manifest) -> None:
        """Say that the stage has done its work for the month."""
        with replacing(self._manifest_path(manifest.stage, Month.parse(manifest.month))) as path:
            path.write_text(json.dumps(manifest.as_json(), ensure_ascii=False, indent=1), encoding="utf-8")

    def forget(self, name: str, month: Month) -> None:
        """Take away what the stage last left: called before outputs are replaced, so that half of them never count."""
        self._manifest_path(name, month).unlink(missing_ok=True)

    def _manifest_path(self, name: str, month: Month) -> Path:
        return self.root / "manifests" / name / f"{month}.json"


def digest(*parts: object) -> str:
    """SHA-256 over the parts' text, in order: the fingerprint of what a stage reads."""
    return hashlib.sha256("\x1f".join(str(part) for part in parts).encode()).hexdigest()


@cache
def code_digest(*paths: str) -> str:
    """SHA-256 over the package's files below ``paths`` ("sources", "identifiers.py"): a changed stage runs again."""
    files = sorted({file for path in paths for file in _files(_PACKAGE / path)})
    return digest(*(f"{file.relative_to(_PACKAGE)}{file.read_text(encoding='utf-8')}" for file in files))


@cache
def definitions_digest(name: str) -> str:
    """SHA-256 over every definition in "features", "models" or "rules"; cases do not count."""
    files = (file for suffix in ("*.sql", "*.yaml") for file in folder(name).rglob(suffix))
    return digest(
        *(
            f.relative_to(folder(name)).as_posix() + f.read_text("utf-8")
            for f in sorted(files)
            if ".cases." not in f.name
        )
    )


def _files(path: Path) -> list[Path]:
    return [path] if path.is_file() else sorted(path.rglob("*.py"))
