"""A published folder as its readers see it: flags with reasons, the provider's peers, networks, evidence."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from pathlib import Path
from typing import Any, Literal

from valfardsbrott.domain import Failure
from valfardsbrott.features import Feature, feature_columns
from valfardsbrott.networks.hidden import veiled
from valfardsbrott.peers import values_of_peers
from valfardsbrott.stages.language import language

Row = Mapping[str, Any]

#: Names are cut after this many characters; the register is where the whole of one is read.
_LONGEST_NAME = 80


def shorten(text: str, most: int) -> str:
    """The text with single blanks, at most ``most`` characters.

    >>> shorten("Omsorg  och\\nmer omsorg", 12)
    'Omsorg och …'
    """
    one = " ".join(text.split())
    return one if len(one) <= most else f"{one[: most - 1]}…"


@dataclass(frozen=True)
class Reason:
    """One reason of a flag; words are in the reader's language, ``contribution`` is in nats.

    ``text`` says all in one paragraph, ``figures`` only the value and its peers. What ties a network is no feature:
    such a reason has no ``unit`` and no peers to draw, and its figures are its text (empty where it has a ``why``).
    """

    feature: str
    label: str
    text: str
    figures: str
    value: float | None
    peer_median: float | None
    contribution: float | None
    unit: str = ""
    why: str = ""
    innocent: str = ""
    check: str = ""


@dataclass(frozen=True)
class Flag:
    """A provider or network to look at. ``arm`` is risk (ranked) or control (drawn at random from the others)."""

    rank: int
    entity_type: str
    entity_id: str
    name: str
    score: float
    p_value: float | None
    arm: str
    amount_at_risk_sek: float | None
    reasons: tuple[Reason, ...]
    counterfactual: str = ""
    earlier: str = ""

    @property
    def anchor(self) -> str:
        """The flag's place in the report."""
        return f"{self.entity_type}-{self.entity_id}"


@dataclass(frozen=True)
class Network:
    """A network with its members and links, each in a fixed order, its months and its members' known cases."""

    row: Row
    members: tuple[Row, ...]
    links: tuple[Row, ...]
    timeline: tuple[Row, ...] = ()
    lead_times: tuple[Row, ...] = ()

    @property
    def providers(self) -> tuple[str, ...]:
        """Members that are providers, without those that are only linked to one (a hub, a former member)."""
        own = (each["node_id"] for each in self.members if each["node_type"] == "provider" and each["role"] == "member")
        return tuple(sorted(set(own)))

    def ties(self) -> Iterator[tuple[str, list[Row]]]:
        """The links that count, type by type, strongest first; each joins a provider to a value that others share."""
        counted = [link for link in self.links if link["weight"] and link["weight"] > 0]
        order = sorted(counted, key=lambda link: (str(link["link_type"]), -link["weight"], str(link["target_id"])))
        return ((name, list(links)) for name, links in groupby(order, key=lambda link: str(link["link_type"])))

    @property
    def discounts(self) -> list[Row]:
        """What the members share that counted for nothing, with ``text_sv`` and ``text_en``."""
        return _entries(self.row.get("discounts"))

    @property
    def checks(self) -> list[Row]:
        """The innocent explanations that were checked, and what came out of it."""
        return _entries(self.row.get("checks"))

    @property
    def changes(self) -> list[Row]:
        """What is new since the network was last seen."""
        return _entries(self.row.get("changes"))


class Result:
    """Reads a folder that ``publish`` has written, or is writing. Tables are read when they are first asked for."""

    def __init__(self, folder: Path, code: Literal["sv", "en"]) -> None:
        self.folder, self.language = folder, code

    @cached_property
    def flags(self) -> tuple[Flag, ...]:
        """In order of rank, the control sample last."""
        rows = sorted(self._table("flags"), key=lambda row: (row["arm"] != "risk", row["rank"], row["entity_id"]))
        return tuple(self._flag(row) for row in rows)

    @cached_property
    def providers(self) -> dict[str, Row]:
        """Every provider of the month: its spine columns and features."""
        return {row["org_number"]: row for row in self._table("features")}

    @property
    def active(self) -> int:
        """How many providers billed or visited lately; sole traders too, though they are not ranked."""
        return sum(1 for row in self.providers.values() if row.get("active", True))

    @cached_property
    def claim_checks(self) -> list[dict[str, Any]]:
        """The questioned claim lines, a row for each line and rule."""
        return self._table("claim_checks")

    def judged(self, entity_ids: Collection[str]) -> tuple[str, ...]:
        """Why other spellings or numbers count as one of these, a sentence for each; results of old have none."""
        if not (self.folder / "entities.parquet").exists():
            return ()
        rows = (row for row in self._table("entities") if row["canonical_id"] in entity_ids)
        return tuple(str(row[f"text_{self.language}"]) for row in rows)

    @cached_property
    def scores(self) -> dict[str, Row]:
        return {row["org_number"]: row for row in self._table("scores")}

    @cached_property
    def networks(self) -> dict[str, Network]:
        members, links = _grouped(self._table("network_members")), _grouped(self._table("network_links"))
        months, leads = (_grouped(self._newer_table(name)) for name in ("network_timeline", "lead_times"))
        parts = (members, links, months, leads)
        return {
            row["network_id"]: Network(row, *(part.get(row["network_id"], ()) for part in parts))
            for row in self._table("networks")
        }

    @cached_property
    def migrations(self) -> list[dict[str, Any]]:
        """Blocks of people who went from one provider to another, strongest first."""
        order = ("nats", "from_org_number", "to_org_number")
        rows = self._newer_table("migrations")
        return sorted(rows, key=lambda row: (-row[order[0]], row[order[1]], row[order[2]]))

    @cached_property
    def features(self) -> dict[str, Feature]:
        return {feature.name: feature for feature in feature_columns()}

    def name(self, org_number: str) -> str:
        """The company's name on one line, cut where it is very long; its number where the register has none."""
        name = str(self.providers.get(org_number, {}).get("name") or "")
        return shorten("".join(mark if mark.isprintable() else " " for mark in name), _LONGEST_NAME) or org_number

    def network_name(self, network_id: str) -> str:
        """What people call a network: its largest provider by money this month, and how many others."""
        providers = self.networks[network_id].providers if network_id in self.networks else ()
        if not providers:
            return network_id
        largest = max(providers, key=lambda org: (self.providers.get(org, {}).get("billed_ore") or 0, org))
        return language(self.language).text("network_name", name=self.name(largest), others=len(providers) - 1)

    def peers(self, org_number: str, feature: str) -> list[float]:
        """The values of those the provider is compared with this month, its own left out, in rising order.

        The group is that of `peers.values_of_peers`.
        """
        import numpy as np

        if org_number not in self.providers or feature not in self.features:
            return []
        rows, asked = list(self.providers.values()), self.features[feature].peers
        values = np.array([row.get(feature) for row in rows], dtype=np.float64)
        active = np.array([row.get("active", True) for row in rows], dtype=np.bool_)
        own = list(self.providers).index(org_number)
        mine = self.providers[org_number]
        like: dict[str, np.ndarray] = {
            name: np.array([row.get(name) == mine.get(name) for row in rows], dtype=np.bool_) for name in asked
        }
        return sorted(values_of_peers(values, active, like, own, asked).tolist())

    def evidence(
        self, feature: str, org_numbers: Sequence[str], limit: int, hidden: frozenset[str] = frozenset()
    ) -> tuple[list[Row], int]:
        """The first ``limit`` source rows behind the feature for these providers, and how many there are in all.

        ``hidden``: persons and dwellings that are protected today; a result knows those of its month.
        """
        import pyarrow.compute as pc
        import pyarrow.parquet as pq

        path = self.folder / "evidence" / f"{feature}.parquet"
        if not path.exists():
            return [], 0
        table = pq.read_table(path)
        if "org_number" in table.column_names:
            table = table.filter(pc.field("org_number").isin(list(org_numbers)))
        return veiled(table.slice(0, limit), hidden).to_pylist(), table.num_rows

    def _flag(self, row: Row) -> Flag:
        reasons = tuple(self.reason(reason) for reason in json.loads(row["reasons"] or "[]"))
        entity = str(row["entity_id"])
        name = self.name(entity) if row["entity_type"] == "provider" else self.network_name(entity)
        return Flag(
            int(row["rank"]), row["entity_type"], row["entity_id"], name, float(row["score"]), row["p_value"],
            row["arm"], _number(row["amount_at_risk_sek"]), reasons,
            str(row.get(f"counterfactual_{self.language}") or ""), str(row.get(f"earlier_{self.language}") or ""),
        )  # fmt: skip

    def reason(self, reason: Row) -> Reason:
        """A reason as `reasons.reason` gives it, in the reader's words."""
        name, code = str(reason["feature"]), self.language
        known = self.features.get(name)
        told = {key: str(reason.get(f"{key}_{code}") or "") for key in ("text", "label", "why", "innocent", "check")}
        if known is not None:
            defined = {"label": known.label, "why": known.why, "innocent": known.innocent, "check": known.check}
            told |= {key: str(text[code]) for key, text in defined.items()}
        return Reason(
            feature=name,
            label=told["label"] or language(code).word("reason", name),
            text=told["text"],
            figures=self._figures(reason, known) if known else "" if told["why"] else told["text"],
            value=_number(reason.get("value")),
            peer_median=_number(reason.get("peer_median")),
            contribution=_number(reason.get("contribution")),
            unit=known.unit if known else "",
            why=told["why"],
            innocent=told["innocent"],
            check=told["check"],
        )

    def _figures(self, reason: Row, feature: Feature) -> str:
        """ "112 min per 1 000 h; the median of 37 comparable providers is 3"."""
        words = language(self.language)
        value, median = _number(reason.get("value")), _number(reason.get("peer_median"))
        said = {"value": words.value(value, feature.unit), "median": words.value(median, feature.unit)}
        if median is None:
            return words.text("figures.alone", **said)
        kind = "peers" if reason.get("peer_count") else "median"
        figures = words.text(f"figures.{kind}", count=words.number(int(reason.get("peer_count") or 0)), **said)
        return f"{figures} {words.text('figures.before')}" if reason.get("before") else figures

    def _newer_table(self, name: str) -> list[dict[str, Any]]:
        """A table that months published by an earlier version lack: then it is empty."""
        return self._table(name) if (self.folder / f"{name}.parquet").exists() else []

    def _table(self, name: str) -> list[dict[str, Any]]:
        import pyarrow.parquet as pq

        path = self.folder / f"{name}.parquet"
        if not path.exists():
            raise Failure(f"{self.folder} holds no {path.name}", "Is it the folder of a published month?")
        rows: list[dict[str, Any]] = pq.ParquetFile(path).read().to_pylist()
        return rows


def _entries(text: str | None) -> list[Row]:
    found: list[Row] = json.loads(text or "[]")
    return found


def _grouped(rows: Sequence[Row]) -> dict[str, tuple[Row, ...]]:
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row["network_id"], []).append(row)
    return {network: tuple(members) for network, members in found.items()}


def _number(value: Any) -> float | None:
    return None if value is None else float(value)
