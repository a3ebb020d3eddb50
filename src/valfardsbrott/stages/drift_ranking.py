"""What a month's features, scores and list look like in figures: of providers together, never of one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from valfardsbrott.domain import Month
from valfardsbrott.drift import Series, shape
from valfardsbrott.features import feature_columns
from valfardsbrott.stages import detect
from valfardsbrott.stages.workspace import Workspace

if TYPE_CHECKING:
    import pandas as pd

#: By what the list is counted.
GROUPS = ("board_id", "service_code", "size_class")
#: Classes of a distribution: tenths of the months before.
_TENTHS = np.linspace(0.1, 0.9, 9)


@dataclass(frozen=True)
class Ranked:
    """The ranked provider-months of some months, oldest first; scores are those that this month's model gives them.

    The same model on every month, so that what drifts is the providers and not the model. Nothing where no month's
    features were computed.
    """

    store: Workspace
    month: Month
    months: Sequence[Month]

    @cached_property
    def rows(self) -> pd.DataFrame:
        import pandas as pd

        paths = [self.store.stage("matrix", each, "matrix.parquet") for each in self.months]
        if not (read := [pd.read_parquet(path) for path in paths if path.exists()]):
            return pd.DataFrame({"when": []})
        matrix = pd.concat(read, ignore_index=True)
        matrix = matrix.assign(when=matrix["month"].astype(str).str[:7])
        return matrix[detect.who_is_ranked(matrix, self.store.settings)].reset_index(drop=True)

    def features(self) -> dict[tuple[str, str], Series]:
        """By feature and *missing* or *shape*.

        A feature that needs more months than were delivered comes with time, so only more missing is judged.
        """
        found: dict[tuple[str, str], Series] = {}
        for name in (each.name for each in feature_columns() if each.name in self.rows):
            months = [part[name].to_numpy(float) for part in self._by_month]
            counts = np.array([len(values) for values in months], float)
            missing = np.array([np.isnan(values).mean() if len(values) else np.nan for values in months])
            found[name, "missing"] = Series("share", missing, counts, rising=True)
            found[name, "shape"] = shape(_classes(months))
        return found

    def score(self) -> Series | None:
        """The distribution of evidence; None where the month has not been ranked."""
        return shape(_classes(list(self._evidence))) if self._evidence else None

    def listed(self) -> dict[tuple[str, str], Series]:
        """By column and group: its share of the providers that a list of the city's capacity would hold."""
        if not self._evidence:
            return {}
        tops = [
            part.iloc[np.argsort(-nats, kind="stable")[: self.store.settings.capacity]]
            for part, nats in zip(self._by_month, self._evidence, strict=True)
        ]
        counts = np.array([len(top) for top in tops], float)
        found = {}
        for column in GROUPS:
            for group in sorted(self.rows[column].dropna().unique()):
                share = [float((top[column] == group).mean()) if len(top) else np.nan for top in tops]
                found[column, str(group)] = Series("share", np.array(share), counts)
        return found

    @cached_property
    def _by_month(self) -> list[pd.DataFrame]:
        return [self.rows[self.rows["when"] == str(each)] for each in self.months]

    @cached_property
    def _evidence(self) -> list[Any]:
        """Nats by provider and month; empty where the month's model was not kept."""
        from valfardsbrott.detectors import storage
        from valfardsbrott.detectors.calibration import evidence
        from valfardsbrott.detectors.panel import Panel

        stage = self.store.manifest("detect", self.month)
        path = self.store.stage("detect", self.month, f"{stage.stats['model']['name']}.skops") if stage else None
        if path is None or not path.exists():
            return []
        model = storage.load(path)
        panel = Panel.of(self.rows, model.residuals.features)
        nats = evidence(model.assess(panel, fingerprint=model.fingerprint).p_value)
        at = dict(zip(zip(panel.org_number, panel.month, strict=True), nats, strict=True))
        return [
            np.array([at[org, when] for org, when in zip(part["org_number"], part["when"], strict=True)], float)
            for part in self._by_month
        ]


def _classes(months: Sequence[Any]) -> list[Mapping[str, float]]:
    """Counts by class of every month's values: tenths of all months together, so that a class means the same in each.

    Values that many share are a class of their own.
    """
    pooled = np.concatenate([values[~np.isnan(values)] for values in months]) if months else np.array([])
    if not len(pooled):
        return [{} for _ in months]
    edges = np.unique(np.quantile(pooled, _TENTHS, method="lower"))
    counted: list[Mapping[str, float]] = []
    for values in months:
        known = values[~np.isnan(values)]
        place = np.searchsorted(edges, known, side="left")
        counted.append({str(at): float(count) for at, count in enumerate(np.bincount(place, minlength=len(edges) + 1))})
    return counted
