"""network_export: one published network as a file for another tool, without anybody who must not be shown."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

from valfardsbrott.domain import EXIT_USAGE, Failure, Month, cell
from valfardsbrott.networks.exports import EXPORTS, Export, File
from valfardsbrott.networks.exports.content import Content, Lookup, content
from valfardsbrott.settings import Settings
from valfardsbrott.stages.explain import published
from valfardsbrott.stages.hidden import hidden
from valfardsbrott.stages.language import language
from valfardsbrott.stages.result import Network, Result
from valfardsbrott.stages.workspace import Workspace, replacing

Roles = dict[tuple[str, str], tuple[str, ...]]


def export_network(
    network_id: str, name: str, out: Path, settings: Settings, month: Month | None = None, *, force: bool = False
) -> list[Path]:
    """Write the network of the month (default: the newest that has it) in the format ``name``; the files written.

    Raises Failure for an unknown format or network, and where a file is there already unless ``force``.
    """
    export = _format(name)
    return write(export, content_of(network_id, settings, month), out, force)


def content_of(network_id: str, settings: Settings, month: Month | None = None) -> Content:
    """What a network's export holds; protected persons are not in it. Raises Failure for an unknown network."""
    found, network, result = _network(network_id, settings, month)
    return _content(network, found, result, settings)


def write(export: Export, made: Content, out: Path, force: bool) -> list[Path]:
    """All files of the format, or none: each is finished beside its place before the first takes it."""
    paths = {out.with_name(f"{out.stem}{ending}{out.suffix}") if ending else out: ending for ending in export.files}
    refuse_existing(paths, force)
    with ExitStack() as stack:
        for path, ending in paths.items():
            temporary = stack.enter_context(replacing(path))
            temporary.write_text(_text(export.files[ending](made)), encoding="utf-8", newline="")
    return list(paths)


def refuse_existing(paths: Mapping[Path, object], force: bool) -> None:
    """Failure for the first that is there already, unless ``force``."""
    there = next((path for path in paths if path.exists()), None)
    if there and not force:
        raise Failure(f"{there} is there already", "Choose another --out, or replace it with --force", EXIT_USAGE)


def _text(file: File) -> str:
    """Tables as CSV in UTF-8 with a byte order mark, which spreadsheets and the notebook need to see å, ä and ö."""
    if isinstance(file, str):
        return file
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows([cell(value) for value in row] for row in file)
    return f"\ufeff{text.getvalue()}"


def _format(name: str) -> Export:
    found = next((each for each in EXPORTS if each.name == name), None)
    if found is None:
        known = ", ".join(each.name for each in EXPORTS)
        raise Failure(f"there is no format '{name}'", f"Choose one of {known}", EXIT_USAGE)
    return found


def _network(network_id: str, settings: Settings, month: Month | None) -> tuple[Month, Network, Result]:
    months = published(settings.out)
    for each in reversed(months) if month is None else [month]:
        if each in months:
            result = Result(settings.out / str(each), settings.language)
            if network_id in result.networks:
                return each, result.networks[network_id], result
    listed = f"Published months: {', '.join(map(str, months))}" if months else "Run `valfardsbrott run` first"
    where = f"the result of {month}" if month else "any published month"
    hint = f"{listed}. The ids are in networks.parquet and flags.csv"
    raise Failure(f"there is no network {network_id} in {where} in {settings.out}", hint, EXIT_USAGE)


def _content(network: Network, month: Month, result: Result, settings: Settings) -> Content:
    words, store = language(settings.language), Workspace(settings)
    own = {row["node_id"] for row in network.members}
    lookup = Lookup(
        hidden=hidden(store),
        names={org: result.name(org) for org in own & result.providers.keys()},
        words={kind: words.word("link_type", kind) for kind in {str(row["link_type"]) for row in network.links}},
        roles=_roles(store, month, own),
    )
    title = f"{network.row['network_id']} {month}"
    return content(title, month.last, network.members, network.links, lookup, note=words.text("explain.remember"))


def _roles(store: Workspace, month: Month, own: set[str]) -> Roles:
    """Roles by provider and person, from the newest register at or before the month; none where it is not delivered."""
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    known = sorted(path for path in (store.root / "tables" / "provider_role").glob("[!.]*.parquet"))
    known = [path for path in known if path.stem <= str(month)]
    if not known:
        return {}
    table = pq.read_table(known[-1], columns=["org_number", "person_id", "role"])
    table = table.filter(pc.field("org_number").isin(pa.array(sorted(own), pa.string())) & pc.field("role").is_valid())
    found: dict[tuple[str, str], set[str]] = {}
    for row in table.to_pylist():
        found.setdefault((row["org_number"], row["person_id"]), set()).add(row["role"])
    return {ends: tuple(sorted(roles)) for ends, roles in found.items()}
