"""Memory: what lasts for months is a pattern, what comes and goes is mostly noise."""

from __future__ import annotations

import numpy as np

from valfardsbrott.detectors.panel import Panel


def remember(residuals: Panel, months: int) -> Panel:
    """Each residual as its mean over the ``months`` up to its own, of those that the provider has.

    Earlier months strengthen or weaken what a month shows and never stand in for it: where the month's own residual is
    not on the suspicious side the result is not larger than that, and where it is missing it stays missing.
    """
    own = residuals.values
    ordinal = np.array([int(month[:4]) * 12 + int(month[5:7]) for month in residuals.month], dtype=np.int64)
    total, count = np.where(np.isnan(own), 0.0, own), (~np.isnan(own)).astype(np.float64)
    for back in range(1, min(months, len(residuals))):
        same = (residuals.org_number[back:] == residuals.org_number[:-back]) & (
            ordinal[back:] - ordinal[:-back] < months
        )
        earlier = np.where(same[:, None], own[:-back], np.nan)
        total[back:] += np.where(np.isnan(earlier), 0.0, earlier)
        count[back:] += ~np.isnan(earlier)
    mean = total / np.maximum(count, 1)
    lasting = np.where(own > 0, mean, np.minimum(own, mean))
    return residuals.with_values(np.where(np.isnan(own), np.nan, lasting))
