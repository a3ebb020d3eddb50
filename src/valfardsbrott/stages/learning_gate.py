"""The gate: a re-ranking decides only where it beats the champion on months that it had not seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from valfardsbrott.measures import Floats, interval

#: Fewer months or decided cases than these, of either outcome, cannot show a difference.
FEWEST_MONTHS, FEWEST_CASES = 3, 8
#: The difference's interval has to lie above nought at this level (two-sided: one in twenty takes over by chance).
LEVEL = 0.9
_RESAMPLES = 2000
_WHY = {
    "few": {
        "sv": "För få prövade fall att jämföra: {confirmed} bekräftade och {cleared} avskrivna på {months} månader.",
        "en": "Too few decided cases to compare: {confirmed} confirmed and {cleared} cleared over {months} months.",
    },
    "better": {
        "sv": "Den lärda ordningen satte bekräftade före avskrivna oftare än den ordinarie modellen ({difference}).",
        "en": "The learnt order put confirmed cases before cleared ones more often than the champion ({difference}).",
    },
    "not_better": {
        "sv": "Den ordinarie modellen står kvar: skillnaden ({difference}) kan inte skiljas från noll.",
        "en": "The champion stays: the difference ({difference}) cannot be told from nought.",
    },
}  # fmt: skip


@dataclass(frozen=True)
class Compared:
    """The cases chosen in a month and decided later (k,): both rankings' scores as they were then, who was confirmed.

    ``learned`` is fitted on what was decided before the month's list was made, and on nothing later.
    """

    month: str
    champion: Floats
    learned: Floats
    confirmed: Floats


@dataclass(frozen=True)
class Verdict:
    """``champion`` and ``learned``: how often each put a confirmed case before a cleared one of the same month (ties
    half; .5 is chance). None where the months hold no such pair."""

    takes_over: bool
    reason: str
    champion: float | None
    learned: float | None
    difference: float | None
    low: float | None
    high: float | None
    months: int
    confirmed: int
    cleared: int

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {f"why_{code}": self.why(code) for code in ("sv", "en")} | {"level": LEVEL}

    def why(self, code: str) -> str:
        """The verdict in a sentence, in Swedish or English."""
        if self.reason == "few" or self.difference is None or self.low is None or self.high is None:
            return _WHY["few"][code].format(months=self.months, confirmed=self.confirmed, cleared=self.cleared)
        figures = f"{self.difference:+.3f}, {LEVEL:.0%}: {self.low:+.3f} - {self.high:+.3f}"
        figures = figures.replace(".", ",") if code == "sv" else figures.replace(" - ", " to ")
        return _WHY[self.reason][code].format(difference=figures)


def gate(months: Sequence[Compared], *, seed: int = 0) -> Verdict:
    """Compare both rankings over the months, in pairs of a confirmed and a cleared case of one month.

    The interval is a percentile bootstrap over cases, drawn within each month, the same draw for both rankings (Efron
    and Tibshirani 1993). Only cases that somebody chose are decided, so the comparison is of the order among those, the
    control sample included; it does not tell what neither ranking brought forward.
    """
    held = [(each, _wins(each)) for each in months if 0 < each.confirmed.sum() < len(each.confirmed)]
    right = int(sum(each.confirmed.sum() for each in months))
    cleared = sum(len(each.confirmed) for each in months) - right
    counts = {"months": len(months), "confirmed": right, "cleared": cleared}
    if len(held) < FEWEST_MONTHS or min(right, cleared) < FEWEST_CASES:
        return Verdict(False, "few", None, None, None, None, None, **counts)
    pairs = sum(wins.shape[1] for _, wins in held)
    own, learned = (sum(wins[side].sum() for _, wins in held) / pairs for side in (0, 1))
    low, high = interval(_drawn(held, seed).tolist(), level=LEVEL)
    better = bool(low > 0)
    return Verdict(
        better, "better" if better else "not_better", round(float(own), 4), round(float(learned), 4),
        round(float(learned - own), 4), round(low, 4), round(high, 4), **counts,
    )  # fmt: skip


def _wins(each: Compared) -> Floats:
    """(2, pairs): for the champion and the learnt order, 1 where the confirmed case stands first, .5 for ties."""
    right = each.confirmed.astype(bool)
    return np.stack(
        [((np.sign(s[right][:, None] - s[~right][None, :]) + 1) / 2).ravel() for s in (each.champion, each.learned)]
    )


def _drawn(held: Sequence[tuple[Compared, Floats]], seed: int) -> Floats:
    """The learnt order's lead in each resample (resamples,); nan where a draw has no pair."""
    rng = np.random.default_rng(seed)
    lead, whole = np.zeros(_RESAMPLES), np.zeros(_RESAMPLES)
    for each, wins in held:
        right, count = each.confirmed.astype(bool), len(each.confirmed)
        weight = rng.multinomial(count, np.full(count, 1 / count), _RESAMPLES).astype(np.float64)
        difference = (wins[1] - wins[0]).reshape(int(right.sum()), -1)
        lead += np.einsum("bi,ij,bj->b", weight[:, right], difference, weight[:, ~right], optimize=True)
        whole += weight[:, right].sum(axis=1) * weight[:, ~right].sum(axis=1)
    return np.where(whole > 0, lead / np.where(whole > 0, whole, 1.0), np.nan)
