"""run.json: what a run read, with which code, model and settings it judged, and what it cost."""

from __future__ import annotations

import hashlib
import json
import resource
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from valfardsbrott import __version__
from valfardsbrott.definitions import folder
from valfardsbrott.domain import Month
from valfardsbrott.settings import Settings
from valfardsbrott.stages.workspace import Workspace, definitions_digest, digest

#: The stages whose work a published result rests on, in the order they run.
STAGES = ("ingest", "entities", "features", "claim_checks", "networks", "detect", "learning", "flag", "drift")

#: Settings that change a result. Threads and memory do not; folders and keys are nobody's business.
JUDGING = (
    "profile", "seed", "capacity", "control", "permutations", "history_months", "quarantine_limit",
    "rank_sole_traders", "sole_trader_legal_basis", "language", "rest_months", "learn", "wrong_decisions",
)  # fmt: skip

#: The statute that a municipality controls private providers under; stored as data, shown with every run.
PURPOSE = {
    "code": "KL 10:8",
    "sv": "Kontroll och uppföljning av privata utförare (kommunallagen 2017:725, 10 kap. 8 §)",
    "en": "Control and follow-up of private providers (Local Government Act 2017:725, chapter 10, section 8)",
}

_PACKAGE = Path(__file__).resolve().parents[1]


def facts(store: Workspace, month: Month) -> dict[str, Any]:
    """Everything in run.json that is the same for the same input, code, model and seed."""
    manifests = {name: store.manifest(name, month) for name in STAGES}
    stats: dict[str, Mapping[str, Any]] = {name: found.stats if found else {} for name, found in manifests.items()}
    fingerprints = {name: found.fingerprint if found else "" for name, found in manifests.items()}
    model = stats["detect"].get("model", {})
    identity = {
        "month": str(month),
        "input_fingerprint": input_fingerprint(store, month),
        "code": {"version": __version__, "digest": code_digest()},
        "model": {key: model.get(key, "") for key in ("name", "version", "fingerprint")},
        "feature_fingerprint": stats["features"].get("fingerprint", ""),
        "seed": store.settings.seed,
        "settings": _judging(store.settings),
        "stage_fingerprints": fingerprints,
    }
    return {
        "run_id": f"{month}-{digest(json.dumps(identity, sort_keys=True, default=str))[:12]}",
        "purpose": PURPOSE,
        **identity,
        "rows": _rows(stats["ingest"]),
        "input_files": stats["ingest"].get("input_sha256", {}),
        "findings": stats["ingest"].get("findings", []),
        "features": stats["features"].get("features", []),
        "unavailable_features": stats["features"].get("unavailable", {}),
        "networks_without": stats["networks"].get("not_delivered", []),
        "entities": stats["entities"].get("kinds", {}),
        "claim_checks": stats["claim_checks"],
    }


def write(path: Path, known: Mapping[str, Any], durations: Mapping[str, float]) -> None:
    """Write run.json: the facts, then `durations` (seconds) and `peak_memory_mb`, which alone differ between runs."""
    measured = {"durations": durations, "peak_memory_mb": peak_memory_mb()}
    text = json.dumps({**known, **measured}, ensure_ascii=False, indent=2, default=str)
    path.write_text(text + "\n", encoding="utf-8")


def last_durations(store: Workspace, month: Month) -> dict[str, float]:
    """Seconds that each stage's own work for the month took when it was last done."""
    found = {name: store.manifest(name, month) for name in STAGES}
    return {name: manifest.seconds for name, manifest in found.items() if manifest}


def input_fingerprint(store: Workspace, month: Month) -> str:
    """SHA-256 over the digests of every delivered file that the month's run has seen: this month's and earlier ones."""
    seen = []
    for path in sorted((store.root / "manifests" / "ingest").glob("*.json")):
        found = store.manifest("ingest", Month.parse(path.stem))
        if found and path.stem <= str(month):
            seen.append([path.stem, found.stats.get("input_sha256", {})])
    return digest(json.dumps(seen, sort_keys=True))


def code_digest() -> str:
    """SHA-256 over the installed code, its templates and definitions: the same in a checkout and in a wheel."""
    own = hashlib.sha256()
    for path in sorted(_PACKAGE.rglob("*")):
        place = path.relative_to(_PACKAGE).as_posix()
        if path.suffix in {".py", ".j2", ".yaml", ".css"} and not place.startswith("_definitions/"):
            own.update(place.encode() + b"\0" + path.read_bytes())
    return digest(
        own.hexdigest(), *(definitions_digest(name) for name in ("features", "models", "rules") if folder(name))
    )


def peak_memory_mb() -> float:
    """The most memory that this process has held, in MiB (Linux counts in KiB, macOS in bytes)."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / (1024 if sys.platform != "darwin" else 1024 * 1024), 1)


def _rows(ingest: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Counts by table: received, accepted, quarantined and doubted by rule."""
    kept = ("rows_in", "accepted", "quarantined", "warnings")
    return {
        table: {name: counts.get(name, 0) for name in kept}
        for table, counts in sorted(ingest.get("tables", {}).items())
    }


def _judging(settings: Settings) -> dict[str, Any]:
    return {name: getattr(settings, name) for name in JUDGING}
