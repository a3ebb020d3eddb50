"""networks: from a month's links to relationship networks that are more than coincidence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from valfardsbrott.catalogue import NETWORK_NODE, NETWORK_TIE
from valfardsbrott.domain import Failure, Manifest, Month, Progress, silent
from valfardsbrott.settings import Settings
from valfardsbrott.stages.views import Deliveries
from valfardsbrott.stages.workspace import Workspace, code_digest, digest, replacing

if TYPE_CHECKING:
    import pandas as pd

    from valfardsbrott.networks.identity import Identity
    from valfardsbrott.networks.migration import Movement
    from valfardsbrott.networks.pipeline import Found
from valfardsbrott.networks.inputs import Inputs

_LINKS, _SPINE = "provider_link", "provider_spine"
#: Views that may not be there; without them nobody knows who changed provider.
_MOVES, _PEOPLE = "provider_movement", "provider_people"
_REGISTERS = ("corporate_group", "business_transfer")
_SHOWN = (
    "provider",
    "provider_role",
    "payment_account",
    "person",
    "staff",
    "certificate",
    "invoice",
    "claim_line",
    "visit",
    *_REGISTERS,
)
#: All that the stage reads of views and tables, for who wants to know where its results come from.
READS = (_LINKS, _SPINE, _MOVES, _PEOPLE, "known_case", *_SHOWN)


def run(month: Month, settings: Settings, progress: Progress = silent) -> Manifest:
    """Find the networks of every delivered month up to ``month`` that is not done; this month's manifest.

    Months build on one another: a network keeps its id, and links that a register no longer shows are remembered.
    ``stats`` has counts, the tables that were ``not_delivered``, and how many protected persons and sole traders were
    left out. Raises Failure where the features of the month are not computed.
    """
    deliveries = Deliveries(Workspace(settings))
    months = [each for each in deliveries.months if each <= month]
    if month not in months:
        raise Failure(f"there is no delivery for {month}", "Run ingest first, or choose a month that was delivered")
    earlier: MonthOfNetworks | None = None
    for each in months:
        earlier = MonthOfNetworks(each, deliveries, settings, earlier)
        manifest = earlier.run(progress)
    return manifest


@dataclass
class MonthOfNetworks:
    """One month's work; ``earlier`` is the month before it, done."""

    month: Month
    deliveries: Deliveries
    settings: Settings
    earlier: MonthOfNetworks | None
    fingerprint: str = ""

    @property
    def workspace(self) -> Workspace:
        return self.deliveries.workspace

    def run(self, progress: Progress) -> Manifest:
        self.fingerprint = self._fingerprint()
        return self.workspace.run_once("networks", self.month, self.fingerprint, lambda: self._find(progress))

    def _fingerprint(self) -> str:
        tables = [*_REGISTERS, "person", "known_case", "provider"]
        stamps = [self.deliveries.stamp(t, m) for t in tables for m in self.deliveries.of(t, self.month, None)]
        stamps += [self.deliveries.stamp("person", each) for each in self._persons()]
        chosen = self.settings
        parts = (chosen.seed, chosen.permutations, chosen.rank_sole_traders)
        code = code_digest("networks", "stages/networks.py")
        return digest(
            *map(self._view, (_LINKS, _SPINE)),
            *map(self._optional_view, (_MOVES, _PEOPLE)),
            *stamps,
            *parts,
            code,
            self.earlier and self.earlier.fingerprint,
        )

    def _view(self, name: str) -> str:
        manifest = self.workspace.manifest(f"views/{name}", self.month)
        if manifest is None:
            hint = f"Run the month first: valfardsbrott run --month {self.month}"
            raise Failure(f"the features of {self.month} are not computed", hint)
        return manifest.fingerprint

    def _optional_view(self, name: str) -> str:
        return getattr(self.workspace.manifest(f"views/{name}", self.month), "fingerprint", "")

    def _find(self, progress: Progress) -> tuple[list[Path], dict[str, Any]]:
        from valfardsbrott.networks import pipeline, tables

        protected = self._protected()
        links, history = self._links()
        inputs, left_out = self._inputs(links, protected)
        found = pipeline.find_networks(
            inputs, permutations=self.settings.permutations, seed=self.settings.seed, threads=self.settings.threads,
            progress=progress, cache=self.workspace.stage("networks", self.month),
        )  # fmt: skip
        frames = {
            "networks": found.networks, "members": found.members, "links": found.links, "nodes": found.nodes,
            "migrations": found.migrations, NETWORK_NODE: found.shown, NETWORK_TIE: found.ties,
            "history": history[~history["node_id"].isin(protected) & ~history["org_number"].isin(protected)],
        } | self._over_time(found, inputs, protected)  # fmt: skip
        for name, frame in frames.items():
            with replacing(self.file(name)) as path:
                tables.write(frame, name, path)
        missing = [name for name in _SHOWN if name not in inputs.delivered]
        return [self.file(name) for name in frames], found.stats | left_out | {"not_delivered": missing}

    def _over_time(self, found: Found, inputs: Inputs, protected: frozenset[str]) -> dict[str, pd.DataFrame]:
        """What the next month must know of the networks, what they were in each month, and lead times."""
        import pandas as pd

        from valfardsbrott.networks import identity, tables, timeline

        before = pd.DataFrame(columns=list(timeline.COLUMNS))
        if self.earlier is not None:
            before = timeline.without(tables.read_timeline(self.earlier.file("timeline")), protected)
        line = timeline.extend(before, found.identities, inputs.known, found.networks, str(self.month))
        cases = inputs.cases if inputs.cases is not None else self._read([], ["org_number", "outcome", "decided_on"])
        return {
            "registry": tables.registry(identity.remember(inputs.known, found.identities)),
            "timeline": line,
            "lead_times": timeline.lead_times(line, cases),
        }

    def file(self, name: str) -> Path:
        return self.workspace.stage("networks", self.month, f"{name}.parquet")

    def _links(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Links of this month with those remembered, and what the next month has to remember."""
        import pandas as pd

        from valfardsbrott.networks import history, tables

        current = tables.read_links(self.workspace.view(_LINKS, self.month))
        earlier = current.iloc[:0]
        if self.earlier is not None:
            before = tables.read_links(self.workspace.view(_LINKS, self.earlier.month))
            before = before[before["link_type"].isin(history.REMEMBERED)]
            dated = history.dated(before, str(self.earlier.month))
            earlier = pd.concat([dated, tables.read_links(self.earlier.file("history"))])
        return history.carry(current, earlier, pd.Timestamp(self.month.first))

    def _known(self, protected: frozenset[str]) -> dict[str, Identity]:
        """Networks of the months before."""
        from dataclasses import replace

        from valfardsbrott.networks import tables

        known = {} if self.earlier is None else tables.read_registry(self.earlier.file("registry"))
        return {name: replace(each, orgs=each.orgs - protected) for name, each in known.items()}

    def _inputs(self, links: pd.DataFrame, protected: frozenset[str]) -> tuple[Inputs, dict[str, int]]:
        """What the pipeline reads, without protected persons and, unless the city ranks them, sole traders."""
        import pandas as pd

        from valfardsbrott.networks.inputs import Inputs

        spine = self._read([self.workspace.view(_SPINE, self.month)], ["org_number", "district", "billed_ore"])
        others = links.loc[~links["org_number"].isin(spine["org_number"]), ["org_number"]].drop_duplicates()
        providers = pd.concat([spine, others], ignore_index=True)
        natural = providers["org_number"].str.startswith("p") & (not self.settings.rank_sole_traders)
        providers = providers[~natural & ~providers["org_number"].isin(protected)]
        shown = ~links["node_id"].isin(protected) & ~links["org_number"].isin(protected)
        delivered = frozenset(name for name in _SHOWN if self.deliveries.of(name, self.month, None))
        inputs = Inputs(
            links=links[shown & links["org_number"].isin(providers["org_number"])],
            providers=providers,
            exempt=self._exempt(),
            delivered=delivered,
            known=self._known(protected),
            month=pd.Timestamp(self.month.last),
            movement=self._movement(protected),
            cases=self._cases(),
            dwellings=self._dwellings(links, protected),
        )
        seen = set(links["node_id"]) | set(links["org_number"])
        counts = {"protected_persons_left_out": len(protected & seen), "sole_traders_left_out": int(natural.sum())}
        return inputs, counts

    def _movement(self, protected: frozenset[str]) -> Movement | None:
        """Who changed provider; None where the views are not computed. Protected persons move unseen."""
        from valfardsbrott.networks.migration import Movement

        if not (self._optional_view(_MOVES) and self._optional_view(_PEOPLE)):
            return None
        columns = ["kind", "person_id", "from_org_number", "to_org_number", "joined_month"]
        moves = self._read([self.workspace.view(_MOVES, self.month)], columns)
        people = self._read([self.workspace.view(_PEOPLE, self.month)], ["org_number", "kind", "people", "gone"])
        read = {each for name in ("visit", "claim_line") for each in self.deliveries.of(name, self.month, 12)}
        registered = self._register("provider", ["org_number", "registered_on"])
        return Movement(moves[~moves["person_id"].isin(protected)], people, registered, bool(read - {self.month}))

    def _cases(self) -> pd.DataFrame | None:
        """Cases decided by the end of the month, the last decision on each provider; None where none was delivered."""
        import pandas as pd

        delivered = self.deliveries.of("known_case", self.month, None)
        if not delivered:
            return None
        paths = [self.workspace.table("known_case", each) for each in delivered]
        cases = self._read(paths, ["org_number", "outcome", "decided_on"])
        cases = cases[cases["outcome"].isin(("confirmed", "cleared"))]
        decided = pd.to_datetime(cases["decided_on"])
        cases = cases.assign(decided_on=decided)[decided <= pd.Timestamp(self.month.last)]
        cases = cases.sort_values(["org_number", "decided_on", "outcome"])
        return cases.drop_duplicates("org_number", keep="last", ignore_index=True)

    def _dwellings(self, links: pd.DataFrame, protected: frozenset[str]) -> dict[str, str] | None:
        """Where recipients live; None where no register of persons was delivered."""
        newest = self.deliveries.of("person", self.month, None)
        if not newest:
            return None
        people = links.loc[links["link_type"] == "recipient", "node_id"].unique()
        persons = self._register("person", ["person_id", "dwelling_id"]).dropna(subset=["dwelling_id"])
        shown = persons[persons["person_id"].isin(people) & ~persons["person_id"].isin(protected)]
        return dict(zip(shown["person_id"], shown["dwelling_id"], strict=True))

    def _persons(self) -> list[Month]:
        """Every month up to this one with a population register: who was protected once stays so."""
        return [
            each
            for each in self.deliveries.months
            if each <= self.month and self.workspace.table("person", each).exists()
        ]

    def _protected(self) -> frozenset[str]:
        columns = ["person_id", "secrecy_marked", "protected_registration"]
        persons = self._read([self.workspace.table("person", each) for each in self._persons()], columns)
        marked = persons["secrecy_marked"].eq(True) | persons["protected_registration"].eq(True)
        return frozenset(persons.loc[marked, "person_id"])

    def _exempt(self) -> pd.DataFrame:
        """Pairs of one registered group in force, and pairs with a transfer registered up to the month."""
        import pandas as pd

        groups = self._register("corporate_group", ["org_number", "group_id", "from_date", "to_date"])
        starts, ends = pd.to_datetime(groups["from_date"]), pd.to_datetime(groups["to_date"])
        first, last = pd.Timestamp(self.month.first), pd.Timestamp(self.month.last)
        now = groups[(starts.isna() | (starts <= last)) & (ends.isna() | (ends >= first))]
        pairs = now.merge(now, on="group_id")[["org_number_x", "org_number_y"]]
        pairs = pairs[pairs["org_number_x"] < pairs["org_number_y"]].set_axis(["org_a", "org_b"], axis=1)
        transfers = self._register("business_transfer", ["from_org_number", "to_org_number", "date"])
        transfers = transfers[pd.to_datetime(transfers["date"]) <= last]
        moved = transfers[["from_org_number", "to_org_number"]].set_axis(["org_a", "org_b"], axis=1)
        both = pd.concat([pairs.assign(reason="corporate_group"), moved.assign(reason="business_transfer")])
        return both.drop_duplicates().sort_values(["org_a", "org_b", "reason"], ignore_index=True)

    def _register(self, name: str, columns: list[str]) -> pd.DataFrame:
        newest = self.deliveries.of(name, self.month, None)
        return self._read([self.workspace.table(name, each) for each in newest], columns)

    def _read(self, paths: Sequence[Path], columns: list[str]) -> pd.DataFrame:
        """The columns of some files together; without any, an empty frame with these columns."""
        import pandas as pd
        import pyarrow.parquet as pq

        frames = [pq.read_table(path, columns=columns).to_pandas() for path in paths]
        return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=columns, dtype=object)
