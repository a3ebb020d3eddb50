"""Draws `results.json`: found by month in each way, and the control sample's intervals.

python experiments/learning/picture.py
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("Agg")
import matplotlib.pyplot as plt

HERE = Path(__file__).resolve().parent


def main() -> None:
    results = json.loads((HERE / "results.json").read_text(encoding="utf-8"))
    figure, (left, right) = plt.subplots(1, 2, figsize=(12, 4.6), layout="constrained", width_ratios=(3, 2))
    _found(left, results)
    _estimates(right, results)
    figure.savefig(HERE / "learning.png", dpi=110, metadata={"Software": None})
    plt.close(figure)


def _found(axes: Any, results: dict[str, Any]) -> None:
    styles = ("-", "--", "-.", "-", ":")
    for (way, months), style in zip(results["found_by_month"].items(), styles, strict=True):
        last = results["found"][way]
        axes.plot(range(1, len(months) + 1), months, style, label=f"{way}: {last['mean']:.1f} ± {last['sd']:.1f}")
    axes.set(xlabel="month", ylabel="planted providers confirmed so far, mean over cities", ylim=(0, None))
    axes.set_title(f"{last['cities']} cities, 20 listed a month, a tenth of decisions wrong", fontsize=10)
    axes.legend(fontsize=8, loc="lower right")


def _estimates(axes: Any, results: dict[str, Any]) -> None:
    rows = [
        ("no decision wrong", results["estimates"]["held back, no decision wrong"], "as_decided"),
        ("10 % wrong, put right", results["estimates"]["held back"], "corrected"),
        ("10 % wrong, as decided", results["estimates"]["held back"], "as_decided"),
    ]
    names = ("precision", "missed", "prevalence", "recall")
    for at, name in enumerate(names):
        for step, (label, of, kind) in enumerate(rows):
            one = of[f"{name}, {kind}"]
            height = at + 0.2 * (step - 1)
            axes.plot([one["low"], one["high"]], [height, height], color=f"C{step}", label=label if not at else None)
            axes.plot(one["estimated"], height, "o", color=f"C{step}")
            axes.plot(one["true"], height, "|", color="black", markersize=12)
    axes.set_yticks(range(len(names)), names)
    axes.set(xlim=(0, 1), xlabel="share: estimate and mean interval; black: the truth")
    axes.legend(fontsize=8)
    axes.invert_yaxis()


if __name__ == "__main__":
    main()
