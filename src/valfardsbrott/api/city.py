"""A city's deliveries and published months, as frames and graphs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from valfardsbrott.domain import Failure, Month
from valfardsbrott.settings import Settings

if TYPE_CHECKING:
    import networkx as nx
    import pandas as pd


class City:
    """The months of one city.

    ``out`` is where results are published, ``deliveries`` where its files lie; other keywords are settings as in
    docs/reference.md (``capacity=30``, ``store=...``). What is not given comes from VALFARDSBROTT_* or the default.
    A month is a Month or "2026-10"; where it is left out, the newest published one is meant. All methods raise Failure,
    with what to do about it, where a month is not published; so does the city, for a setting that there is none of or
    a value that it cannot have.
    """

    def __init__(self, out: str | Path = "runs", deliveries: str | Path | None = None, **settings: Any) -> None:
        given = {"out": Path(out)} | ({} if deliveries is None else {"deliveries": Path(deliveries)}) | settings
        if unknown := sorted(set(given) - set(Settings.model_fields)):
            raise Failure(f"there is no setting {', '.join(unknown)}", f"There are: {', '.join(Settings.model_fields)}")
        try:
            self.settings = Settings(**given)
        except ValidationError as error:
            first = error.errors()[0]
            raise Failure(f"{first['loc'][0]}: {first['msg']}", "See docs/reference.md for the settings") from None

    def __repr__(self) -> str:
        return f"City({str(self.settings.out)!r})"

    @property
    def months(self) -> tuple[Month, ...]:
        """The published months, oldest first."""
        from valfardsbrott.stages.explain import published

        return tuple(sorted(published(self.settings.out)))

    def run(self, month: Month | str) -> dict[str, Any]:
        """Run a month from its files to its published result, as ``valfardsbrott run`` does; its run.json."""
        from valfardsbrott.stages.pipeline import run_month

        done = run_month(Month.parse(str(month)), self.settings)
        facts: dict[str, Any] = json.loads((done.folder / "run.json").read_text(encoding="utf-8"))
        return facts

    def features(self, month: Month | str | None = None) -> pd.DataFrame:
        """A row for each provider, by org_number; what is not available is NaN, never zero. See docs/features.md."""
        return self._published("features", month).set_index("org_number")

    def scores(self, month: Month | str | None = None) -> pd.DataFrame:
        """Providers by org_number, the most suspicious first: ``score`` 0 to 1, ``p_value``, each detector's score.

        Who is not ranked (docs/detection.md) comes last, with score 0 and no ``peer_group``.
        """
        frame = self._published("scores", month)
        return frame.sort_values(["rank", "org_number"]).set_index("org_number")

    def flags(self, month: Month | str | None = None) -> pd.DataFrame:
        """Whom to look at, in order of rank, the control sample last; ``reasons`` are lists of dicts."""
        frame = self._published("flags", month).sort_values(["arm", "rank", "entity_id"], ascending=[False, True, True])
        read = [json.loads(each) if isinstance(each, str) else [] for each in frame["reasons"]]
        return frame.assign(reasons=read).reset_index(drop=True)

    def explanations(self, org_number: str | None = None, month: Month | str | None = None) -> pd.DataFrame:
        """Each feature's contribution to a provider's evidence, in nats, largest first; of all providers without one.

        ``org_number, feature, value, peer_median, z, p_value, contribution, ...``: a provider's contributions sum to
        ``-ln p_value``. Read from the store, so the month has to be run here.
        """
        import pandas as pd

        path = self._store_file("detect", "contributions.parquet", self._month(month))
        frame = pd.read_parquet(path)
        if org_number is not None:
            frame = frame[frame["org_number"] == org_number]
        return frame.sort_values(["org_number", "contribution"], ascending=[True, False], ignore_index=True)

    def networks(self, month: Month | str | None = None) -> pd.DataFrame:
        """The networks that are more than coincidence, by network_id, the most suspicious first."""
        return self._published("networks", month).sort_values(["p_value", "network_id"]).set_index("network_id")

    def network(self, network_id: str, month: Month | str | None = None) -> nx.MultiGraph:
        """A published network as a graph: nodes and links with their attributes; persons are pseudonyms.

        As `valfardsbrott export` writes it: protected persons are not in it.
        """
        from valfardsbrott.networks.exports.graph import graph
        from valfardsbrott.stages.network_export import content_of

        return graph(content_of(network_id, self.settings, self._month(month)))

    def frame(self, month: Month | str | None = None) -> pd.DataFrame:
        """What a model reads: every ranked provider-month known in the month, with the month's networks beside."""
        from valfardsbrott.stages.models_known import Known

        return Known(self._month(month), self.settings).frame()

    def ranking(self, name: str = "provider_champion", month: Month | str | None = None) -> pd.Series[float]:
        """A ranking of the month by ``name``, made anew: score by org_number, higher = more suspicious.

        A folder of models ("provider_champion": fitted on what was known in the month, networks included;
        "provider_reranked": that order learnt anew from the decisions known then), "random", or a column of numbers of
        the features table ("billed_ore").
        """
        from valfardsbrott.stages.models_known import Known, by_column, by_name

        known = Known(self._month(month), self.settings)
        simple = name == "random" or name in known.matrix.columns
        made = by_column(name, seed=self.settings.seed) if simple else by_name(name)
        return made(known).score

    def _published(self, table: str, month: Month | str | None) -> pd.DataFrame:
        import pandas as pd

        return pd.read_parquet(self.settings.out / str(self._month(month)) / f"{table}.parquet")

    def _month(self, month: Month | str | None) -> Month:
        months = self.months
        asked = Month.parse(str(month)) if month is not None else months[-1] if months else None
        if asked not in months:
            there = f"There are: {', '.join(map(str, months))}" if months else "Run a month first: City.run"
            raise Failure(f"{asked or 'no month'} is not published in {self.settings.out}", there)
        return asked

    def _store_file(self, stage: str, name: str, month: Month) -> Path:
        path = self.settings.store_path / stage / str(month) / name
        if not path.exists():
            raise Failure(f"{path} is missing", "Run the month again: City.run")
        return path
