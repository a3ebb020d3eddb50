"""The audit as files: burden.html for people, burden.csv and burden.json for machines. Aggregates only."""

from __future__ import annotations

import csv
import json
from dataclasses import asdict, fields
from functools import cache
from pathlib import Path
from typing import Any

from valfardsbrott.audit.burden import Burden, Line, burden, listed, spread
from valfardsbrott.audit.groups import UNKNOWN, read
from valfardsbrott.audit.suppression import FLOOR, LEAST
from valfardsbrott.domain import EXIT_SYSTEM, EXIT_USAGE, Failure, Month, cell
from valfardsbrott.settings import Settings
from valfardsbrott.sources.keys import key
from valfardsbrott.sources.pseudonyms import Pseudonymiser
from valfardsbrott.stages.report import month_name
from valfardsbrott.stages.workspace import Workspace, replacing
from valfardsbrott.wording import Language, common
from valfardsbrott.wording import read as read_words

_HERE = Path(__file__).parent
FILES = ("burden.html", "burden.csv", "burden.json")


def audit(month: Month, settings: Settings, to: Path, groups: Path | None = None, least: int = LEAST) -> Burden:
    """Audit a published month and write ``burden.html``, ``.csv`` and ``.json`` into ``to``.

    ``groups``: the city's own file; it is read now and kept nowhere. Raises Failure where the month is not published,
    the file is wrong, ``least`` is under the floor, or ``to`` cannot be written.
    """
    import pandas as pd

    if least < FLOOR:
        raise Failure(f"cells of fewer than {FLOOR} persons are never shown", f"Use {FLOOR} or more", EXIT_USAGE)
    folder = settings.out / str(month)
    if not (folder / "run.json").exists():
        raise Failure(f"{month} is not published in {settings.out}", f"Run: valfardsbrott run --month {month}")
    store = Workspace(settings)
    facts = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    flags, members, providers = (
        pd.read_parquet(folder / f"{name}.parquet") for name in ("flags", "network_members", "features")
    )
    own = read(groups, _names(store, month, settings)) if groups else None
    reached = listed(flags, members)
    found = burden(month, facts["run_id"], store, providers, reached, groups=own, least=least, seed=int(facts["seed"]))
    _write(found, facts, to, words(settings.language))
    return found


def _names(store: Workspace, month: Month, settings: Settings) -> Any:
    """How a person number becomes the pseudonym that the month has for the person."""
    import pandas as pd

    place = store.stage("ingest", month, "aliases.parquet")
    known = pd.read_parquet(place) if place.exists() else pd.DataFrame({"old": [], "new": []})
    aliases = dict(zip(known["old"], known["new"], strict=True))
    return Pseudonymiser(key(settings), month.last, aliases=aliases).pseudonym


@cache
def words(code: str) -> Language:
    """``sv`` or ``en``: the audit's own texts and those that all parts share."""
    return Language(code, common(code) | read_words(_HERE / "locales" / f"{code}.yaml"))


def _write(found: Burden, facts: dict[str, Any], to: Path, said: Language) -> None:
    try:
        to.mkdir(parents=True, exist_ok=True)
        with replacing(to / "burden.csv") as path, path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(field.name for field in fields(Line))
            writer.writerows([cell(value) for value in asdict(line).values()] for line in found.lines)
        with replacing(to / "burden.json") as path:
            path.write_text(json.dumps(asdict(found), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        with replacing(to / "burden.html") as path:
            path.write_text(render(found, facts, said), encoding="utf-8")
    except OSError as error:
        raise Failure(f"{to} cannot be written", "Name a folder with --to", EXIT_SYSTEM) from error


def render(found: Burden, facts: dict[str, Any], said: Language) -> str:
    """The page: what is counted, the tables, and what cannot be told. One file, no script, nothing fetched."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    places = FileSystemLoader([_HERE / "templates", _HERE.parent / "stages" / "templates"])
    environment = Environment(
        loader=places, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    tables: dict[str, dict[str, list[Line]]] = {}
    for line in found.lines:
        tables.setdefault(line.population, {}).setdefault(line.column, []).append(line)
    page = environment.get_template("burden.html.j2")
    return page.render(
        w=said, facts=facts, found=found, month=month_name(Month.parse(found.month), said), tables=tables,
        spread=spread(found.lines), group=lambda line: group_name(line, said),
        column=lambda name: column_name(name, said),
    )  # fmt: skip


def column_name(column: str, said: Language) -> str:
    return column.removeprefix("file:") if column.startswith("file:") else said.text(f"burden.column.{column}")


def group_name(line: Line, said: Language) -> str:
    if line.group == UNKNOWN:
        return said.text("burden.unknown")
    kinds = {"service_code": "service", "size_class": "size_class"}
    return said.word(kinds[line.column], line.group) if line.column in kinds else line.group
