"""Draws `results.json`: schemes against features, how far planted providers lie from honest ones, look-alikes below.

python experiments/scheme_traces/picture.py
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, get_args

import matplotlib as mpl

mpl.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from valfardsbrott.features import Family, feature_columns

HERE = Path(__file__).resolve().parent
#: Differences beyond so many spreads have the same colour.
DARKEST = 3.0


def main() -> None:
    results = json.loads((HERE / "results.json").read_text(encoding="utf-8"))
    figure = draw(results)
    figure.savefig(HERE / "traces.png", dpi=110, metadata={"Software": None})
    plt.close(figure)


def draw(results: dict[str, Any]) -> Figure:
    """Above: d on the suspicious side, a frame where the scheme has a trace, a dot where the feature is meant for it.

    Below: the share of look-alikes beyond 95 per cent of the other honest providers. Features that trace something.
    """
    traced = {name for names in results["traced"].values() for name in names}
    order = get_args(Family)
    features = sorted(
        (feature for feature in feature_columns() if feature.name in traced), key=lambda each: order.index(each.family)
    )
    schemes, kinds = list(results["schemes"]), list(results["lookalikes"])
    figure, (above, below) = plt.subplots(
        2, 1, figsize=(4 + 0.24 * len(features), 11), height_ratios=[len(schemes), len(kinds)], layout="constrained"
    )
    sign = [-1 if feature.direction == "lower" else 1 for feature in features]
    d = _grid(schemes, features, lambda scheme, name: results["schemes"][scheme]["features"].get(name, {}).get("d"))
    shades = above.imshow(d * np.array(sign), cmap="RdBu_r", vmin=-DARKEST, vmax=DARKEST, aspect="auto")
    for row, scheme in enumerate(schemes):
        for column, feature in enumerate(features):
            if feature.name in results["traced"][scheme]:
                frame = (column - 0.5, row - 0.5)
                above.add_patch(Rectangle(frame, 1, 1, fill=False, edgecolor="black", linewidth=1.2))
            if scheme in feature.schemes:
                above.plot(column, row, ".", color="black", markersize=3)
    figure.colorbar(shades, ax=above, label="standardised difference, suspicious side")
    counts = [f"{scheme} ({results['schemes'][scheme]['providers']})" for scheme in schemes]
    above.set_yticks(range(len(schemes)), counts)
    above.set_xticks([])
    rate = _grid(kinds, features, lambda kind, name: results["lookalikes"][kind]["false_rate"].get(name))
    shades = below.imshow(rate, cmap="Oranges", vmin=0, vmax=1, aspect="auto")
    figure.colorbar(shades, ax=below, label="look-alikes beyond 95 % of others")
    below.set_yticks(range(len(kinds)), [f"{kind} ({results['lookalikes'][kind]['providers']})" for kind in kinds])
    below.set_xticks(range(len(features)), [feature.name for feature in features], rotation=90)
    return figure


def _grid(rows: list[str], features: Any, value: Any) -> NDArray[np.float64]:
    found = [[value(row, feature.name) for feature in features] for row in rows]
    return np.array([[np.nan if each is None else each for each in row] for row in found], dtype=np.float64)


if __name__ == "__main__":
    main()
