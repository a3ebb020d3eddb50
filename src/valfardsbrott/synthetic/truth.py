"""The truth beside the deliveries: who was planted with what, and who only looks it. No stage reads it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from valfardsbrott.synthetic.entity_dirt import Clerks
from valfardsbrott.synthetic.lookalikes import Found
from valfardsbrott.synthetic.timeline import month_at
from valfardsbrott.synthetic.world import City


def write_truth(city: City, lookalikes: Found, folder: Path, last: int, difficulty: str) -> None:
    """Write providers.csv, networks.csv and lookalikes.csv (what runs in the last month delivered or before), and
    entities.csv: what misspelt addresses, telephones and numbers stand for."""
    folder.mkdir(parents=True, exist_ok=True)
    org = city.firms.org
    planted = [plant for plant in city.planting.plants if plant.month <= last]
    _write(
        folder / "providers.csv", "org_number,scheme,arm,difficulty,from_month,network_id",
        ((org[p.firm], p.scheme, p.arm, difficulty, month_at(p.month), p.network or "") for p in planted),
    )  # fmt: skip
    rings = [ring for ring in city.planting.rings if ring.month <= last]
    _write(
        folder / "networks.csv", "network_id,scheme,org_number,from_month",
        ((ring.name, ring.scheme, org[firm], month_at(ring.month)) for ring in rings for firm in ring.members),
    )  # fmt: skip
    _write(folder / "entities.csv", "kind,record,entity,how", map(_quoted, Clerks(city).truth()))
    _write(folder / "lookalikes.csv", "org_number,kind", {(org[firm], kind) for firm, kind in lookalikes})


def _quoted(row: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f'"{value}"' if "," in value else value for value in row)


def _write(path: Path, header: str, rows: Iterable[tuple[object, ...]]) -> None:
    lines = sorted(",".join(str(value) for value in row) for row in rows)
    path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
