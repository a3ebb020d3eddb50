"""Plots of an experiment for MLflow, as PNG: variants side by side, and precision by length of list."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

_INK, _LIGHT = "#1d3557", "#a8b4c4"


def variants(document: Mapping[str, Any], measure: str) -> bytes:
    """Each variant's ``measure``: a dot for each data set, the mean with its 95 % interval over them."""
    found = {name: each for name, each in document["variants"].items() if measure in each["summary"]}
    figure, axes = _figure(len(found) * 0.45 + 1.4)
    for row, each in enumerate(reversed(list(found.values()))):
        own = [values[measure] for values in each["by_data"].values() if values.get(measure) is not None]
        axes.plot(own, [row] * len(own), "o", color=_LIGHT, markersize=5)
        said = each["summary"][measure]
        if said["mean"] is not None:
            axes.plot([said["mean"]], [row], "D", color=_INK, markersize=7)
        if said["low"] is not None:
            axes.plot([said["low"], said["high"]], [row, row], color=_INK, linewidth=2)
    axes.set_yticks(range(len(found)), list(reversed(list(found))))
    axes.set_xlabel(f"{measure.replace('_', ' ')} (dots: data sets; diamond: mean with 95 % interval)")
    made_up = " (generated cities rank methods and say nothing of a real one)" if document["plan"].get("cities") else ""
    axes.set_title(f"{document['experiment']}{made_up}", fontsize=9)
    return _png(figure)


def curve(points: Mapping[str, float | None], name: str) -> bytes:
    """Precision among the first k by k: what a longer list would bring."""
    figure, axes = _figure(3.2)
    known = [(int(k), value) for k, value in points.items() if value is not None]
    axes.plot([k for k, _ in known], [value for _, value in known], "o-", color=_INK)
    axes.set(xlabel="length of the list", ylabel="share that is right", ylim=(0, 1.02), title=name)
    return _png(figure)


def _figure(height: float) -> tuple[Any, Any]:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, max(height, 2.0)), layout="constrained")
    axes = figure.subplots()
    axes.grid(axis="x", color="#e5e8ee")
    axes.spines[["top", "right"]].set_visible(False)
    return figure, axes


def _png(figure: Any) -> bytes:
    out = io.BytesIO()
    figure.savefig(out, format="png", dpi=110)
    return out.getvalue()
