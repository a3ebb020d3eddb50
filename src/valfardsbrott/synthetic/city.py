"""Generates a city: deliveries month by month, and the truth beside them."""

from __future__ import annotations

from pathlib import Path

from valfardsbrott.domain import EXIT_USAGE, Failure, Month, Progress, silent
from valfardsbrott.synthetic.build import build
from valfardsbrott.synthetic.delivery import write_delivery
from valfardsbrott.synthetic.planting import plant
from valfardsbrott.synthetic.sizes import size_named
from valfardsbrott.synthetic.timeline import check_span, month_index
from valfardsbrott.synthetic.truth import write_truth

LATEST = Month(2026, 10)


def generate(
    out: Path,
    *,
    size: str = "S",
    months: int | None = None,
    last: Month = LATEST,
    seed: int = 1,
    difficulty: str = "medium",
    fraud_share: float = 0.04,
    progress: Progress = silent,
) -> None:
    """Write ``out``/deliveries/<month>/ for ``months`` months up to ``last`` and ``out``/truth/."""
    chosen = size_named(size)
    count = chosen.months if months is None else months
    if count < 1:
        raise Failure("a city needs at least one month", "Leave out --months, or give 1 or more", EXIT_USAGE)
    check_span(last.plus(1 - count), last)
    city, lookalikes = build(chosen, seed, lambda firms: plant(chosen, firms, seed, difficulty, fraud_share))
    wanted = [last.plus(step) for step in range(1 - count, 1)]
    for done, month in enumerate(wanted):
        progress("generate", done, count)
        write_delivery(city, out / "deliveries", month_index(month))
    write_truth(city, lookalikes, out / "truth", month_index(last), difficulty)
    progress("generate", count, count)
