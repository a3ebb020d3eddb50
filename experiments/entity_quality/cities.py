"""Generated cities, whole or only their registers and the invoices of payees: what entities are made of."""

from __future__ import annotations

import csv
import datetime as dt
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from valfardsbrott.domain import Month
from valfardsbrott.settings import Settings
from valfardsbrott.stages import entities, ingest
from valfardsbrott.synthetic.build import build
from valfardsbrott.synthetic.city import LATEST
from valfardsbrott.synthetic.columns import Table
from valfardsbrott.synthetic.delivery import write_delivery
from valfardsbrott.synthetic.dirt import soiled
from valfardsbrott.synthetic.entity_dirt import Clerks
from valfardsbrott.synthetic.planting import plant
from valfardsbrott.synthetic.registers import payment_account, person, provider, staff
from valfardsbrott.synthetic.sizes import size_named
from valfardsbrott.synthetic.timeline import month_index
from valfardsbrott.synthetic.truth import write_truth
from valfardsbrott.synthetic.world import City
from valfardsbrott.synthetic.write import write_table

#: Not a secret: the persons are generated, and the truth has to be given their pseudonyms.
KEY = "5e" * 32


@dataclass(frozen=True)
class Truth:
    """``rows``: kind, record, entity, how of truth/entities.csv. ``persons``: every right number of the register."""

    rows: tuple[dict[str, str], ...]
    persons: tuple[str, ...]

    def of(self, kind: str) -> list[dict[str, str]]:
        return [row for row in self.rows if row["kind"] == kind]


def make(size: str, seed: int, out: Path, *, visits: bool) -> None:
    """Write one month's delivery and the truth, unless it is there."""
    if (out / "truth").is_dir():
        return
    chosen = size_named(size)
    city, found = build(chosen, seed, lambda firms: plant(chosen, firms, seed, "medium", 0.04))
    month = month_index(LATEST)
    if visits:
        write_delivery(city, out / "deliveries", month)
    else:
        _registers(city, out / "deliveries" / str(LATEST), month)
    write_truth(city, found, out / "truth", month, "medium")


def _registers(city: City, folder: Path, month: int) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    clerks = Clerks(city)
    for register in (provider, payment_account, staff, person):
        table = soiled(city, month, register.__name__, register(city, month))
        write_table(folder, register.__name__, clerks.write(register.__name__, table, month))
    write_table(folder, "invoice", clerks.write("invoice", _payees(city), month))


def _payees(city: City) -> Table:
    """Two invoices of each provider that is paid through another."""
    rows = [(str(city.firms.org[firm]), org) for _, firm, org in city.payees for _ in range(2)]
    day = pa.scalar(dt.date(2026, 10, 5))
    texts = {
        "invoice_id": [f"I{at:05d}" for at in range(len(rows))], "org_number": [row[0] for row in rows],
        "invoice_number": [str(at) for at in range(len(rows))], "payee_org_number": [row[1] for row in rows],
        "source": ["peppol"] * len(rows), "total_sek": ["1000.00"] * len(rows),
    }  # fmt: skip
    table = {name: pa.array(values, pa.string()) for name, values in texts.items()}
    return table | {"issue_date": pa.array([day.as_py()] * len(rows), pa.date32())}


def resolved(out: Path, threads: int = 2) -> Settings:
    """Read the delivery and resolve it; the settings with its store."""
    settings = Settings(deliveries=out / "deliveries", out=out / "runs", key=KEY, tracking=False, threads=threads)
    ingest.run(LATEST, settings)
    entities.run(LATEST, settings)
    return settings


def truth(out: Path) -> Truth:
    with (out / "truth" / "entities.csv").open(encoding="utf-8", newline="") as file:
        rows = tuple(csv.DictReader(file))
    register = out / "deliveries" / str(LATEST) / "person.parquet"
    return Truth(rows, tuple(pq.read_table(register, columns=["person_id"])["person_id"].to_pylist()))


def month() -> Month:
    return LATEST
