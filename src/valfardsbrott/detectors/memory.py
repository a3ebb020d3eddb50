"""Memory: what lasts for months is a pattern, what comes and goes is mostly noise."""

from __future__ import annotations

import numpy as np

from valfardsbrott.detectors.panel import Panel


def remember(residuals: Panel, months: int) -> Panel:
    """Each residual as its mean over the ``months`` up to its own, of those that the provider has.

    A value that is missing in its own month stays missing: earlier months strengthen or weaken a value and are never in
    place of one.
    """
    own = residuals.values
    ordinal = residuals.ordinal
    total, count = np.where(np.isnan(own), 0.0, own), (~np.isnan(own)).astype(np.float64)
    for back in range(1, min(months, len(residuals))):
        same = (residuals.org_number[back:] == residuals.org_number[:-back]) & (
            ordinal[back:] - ordinal[:-back] < months
        )
        earlier = np.where(same[:, None], own[:-back], np.nan)
        total[back:] += np.where(np.isnan(earlier), 0.0, earlier)
        count[back:] += ~np.isnan(earlier)
    return residuals.with_values(np.where(np.isnan(own), np.nan, total / np.maximum(count, 1)))
