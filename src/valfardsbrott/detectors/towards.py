"""How detectors lay out what they read: towards suspicion, cut at the peers' own value."""

from __future__ import annotations

import numpy as np

from valfardsbrott.detectors.panel import Floats

#: Detectors that measure distances keep so many rows of residuals to measure to, without saying whose they are.
REFERENCES = 1024


def cut(residuals: Floats) -> Floats:
    """Residuals (n, d) at or above 0: what is missing, and what is better than the peers', lies on the peers' value."""
    rows: Floats = np.maximum(np.nan_to_num(residuals, posinf=1e12), 0)
    return rows


def logged(residuals: Floats) -> Floats:
    """The same, log-scaled, so that one very large deviation does not decide every distance and split."""
    rows: Floats = np.log1p(cut(residuals))
    return rows


def references(rows: Floats, most: int = REFERENCES) -> Floats:
    """At most ``most`` rows, evenly over their order by sum, so that the order of the input cannot matter.

    Sorted by value throughout: a stored model does not keep the order of organisation numbers.
    """
    ordered = rows[np.lexsort((*rows.T, rows.sum(axis=1)))] if rows.shape[1] else rows
    kept: Floats = ordered[np.unique(np.linspace(0, len(rows) - 1, min(most, len(rows))).round().astype(int))]
    return kept


def shared(parts: Floats, excess: Floats) -> Floats:
    """``excess`` (n,) shared over the features as ``parts`` (n, d), not negative; evenly spread where no part is."""
    whole = parts.sum(axis=1)
    found: Floats = parts * (excess / np.where(whole > 0, whole, 1.0))[:, None]
    return found
