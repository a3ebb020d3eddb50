"""What a month must know of the months before it: protected persons, renumbered persons, companies, digests."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from valfardsbrott.catalogue import tables
from valfardsbrott.domain import Month
from valfardsbrott.sources.pseudonyms import companies
from valfardsbrott.stages.workspace import Workspace, digest

#: Earlier deliveries that a fact is compared with, to find rows that were delivered already.
LOOK_BACK = 3


@dataclass(frozen=True)
class Carry:
    """``protected``: pseudonyms marked in any delivery so far; ``aliases``: old pseudonym to the one that holds;
    ``companies``: organisation numbers that look like a person's and are not."""

    protected: frozenset[str] = frozenset()
    aliases: tuple[tuple[str, str], ...] = ()
    companies: frozenset[str] = frozenset()

    @property
    def digest(self) -> str:
        return digest(sorted(self.protected), sorted(self.aliases), sorted(self.companies))


def before(workspace: Workspace, month: Month) -> Carry:
    """What the deliveries before ``month`` left, empty for the first one."""
    earlier = read_months(workspace, month)
    if not earlier:
        return Carry()
    place = workspace.stage("ingest", earlier[-1])
    aliases = pq.read_table(place / "aliases.parquet")
    return Carry(
        frozenset(pq.read_table(place / "protected.parquet")["person_id"].to_pylist()),
        tuple(zip(aliases["old"].to_pylist(), aliases["new"].to_pylist(), strict=True)),
        _companies(workspace, earlier),
    )


def write(protected: Path, aliases: Path, carry: Carry) -> None:
    """Keep for later months: pseudonyms only."""
    pq.write_table(pa.table({"person_id": pa.array(sorted(carry.protected), pa.string())}), protected)
    old, new = zip(*sorted(carry.aliases), strict=True) if carry.aliases else ((), ())
    pq.write_table(pa.table({"old": pa.array(old, pa.string()), "new": pa.array(new, pa.string())}), aliases)


def read_months(workspace: Workspace, month: Month) -> list[Month]:
    """Months before ``month`` that have been read, oldest first."""
    stems = sorted(path.stem for path in (workspace.root / "manifests" / "ingest").glob("*.json"))
    return [Month.parse(stem) for stem in stems if stem < str(month)]


def facts_before(workspace: Workspace, month: Month) -> dict[str, dict[str, str]]:
    """Digest of each fact table of the deliveries that ``month`` is compared with."""
    found: dict[str, dict[str, str]] = {}
    for each in read_months(workspace, month)[-LOOK_BACK:]:
        manifest = workspace.manifest("ingest", each)
        counts = manifest.stats.get("tables", {}) if manifest else {}
        found[str(each)] = {name: one["sha256"] for name, one in counts.items() if tables()[name].kind == "fact"}
    return found


def _companies(workspace: Workspace, earlier: list[Month]) -> frozenset[str]:
    newest = next((path for each in reversed(earlier) if (path := workspace.table("provider", each)).is_file()), None)
    if newest is None:
        return frozenset()
    rows = pq.read_table(newest, columns=["org_number", "legal_form"])
    rows = rows.filter(pc.starts_with(rows["org_number"], "00"))
    return companies(rows["org_number"].to_pylist(), rows["legal_form"].to_pylist())
