"""What every alternative may read: the same links as the pipeline does."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from valfardsbrott.networks.links import City, build


@dataclass(frozen=True)
class Material:
    """``links`` (LINK_COLUMNS) and ``exempt`` (org_a, org_b) as tables, and the city built of them."""

    city: City
    links: pd.DataFrame
    exempt: pd.DataFrame

    @staticmethod
    def of(links: pd.DataFrame, providers: pd.DataFrame, exempt: pd.DataFrame, month_end: pd.Timestamp) -> Material:
        return Material(build(links, providers, exempt, month_end), links, exempt)
