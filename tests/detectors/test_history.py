"""Change against own history: jumps, climbs and unrest are found; season, holidays and short panels are not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from valfardsbrott.detectors.history import History
from valfardsbrott.detectors.panel import Floats, Measure, Panel

MONTHS = [f"{year}-{month:02d}" for year in (2025, 2026) for month in range(1, 13)][4:22]
PROVIDERS, LAST = 60, len(MONTHS) - 1
SHARE = Measure("short_visits", "visits", "share", "higher", "visits", (), False)
JUMPS, CLIMBS, RESTLESS = 5, 6, 7
#: Summer and Christmas months, for everybody alike, and half of the systems far more.
SEASON = np.array([0.08 if month[-2:] in ("07", "12") else 0.0 for month in MONTHS])


@dataclass
class Months:
    """One share of sixty providers over eighteen months (providers, months): own level, little noise, the season."""

    values: Floats

    @classmethod
    def honest(cls, seed: int = 1) -> Months:
        rng = np.random.default_rng(seed)
        level = rng.uniform(0.1, 0.3, PROVIDERS)[:, None]
        louder = np.where(np.arange(PROVIDERS) % 2 == 0, 3.0, 1.0)[:, None]
        return cls(level + rng.normal(0, 0.01, (PROVIDERS, len(MONTHS))) + louder * SEASON)

    def panel(self, feature: Measure = SHARE, upto: int = LAST, since: int = 0) -> Panel:
        months = MONTHS[since : upto + 1]
        rows = PROVIDERS * len(months)
        who = np.repeat([f"00300{at:05d}" for at in range(PROVIDERS)], len(months)).astype(object)
        system = np.repeat(np.where(np.arange(PROVIDERS) % 2 == 0, "nimbus", "stella"), len(months)).astype(object)
        same = np.full(rows, "same", dtype=object)
        return Panel(
            who, np.tile(np.array(months, dtype=object), PROVIDERS), self.values[:, since : upto + 1].reshape(-1, 1),
            (feature,), {"service_code": same, "size_class": same, "visit_system": system},
            dict.fromkeys(("performed_minutes", "visits", "billed_ore"), np.full(rows, 1000.0)),
        )  # fmt: skip


def newest(panel: Panel) -> Floats:
    """Nats of each provider in the panel's last month (providers,)."""
    nats: Floats = History().fit(panel).score(panel)[panel.month == max(panel.month)]
    return nats


def planted(seed: int) -> Months:
    made = Months.honest(seed)
    made.values[JUMPS, LAST] += 0.2
    made.values[CLIMBS, LAST - 9 :] += np.linspace(0.02, 0.2, 10)
    made.values[RESTLESS, LAST - 2 :] += np.array([0.15, -0.08, 0.15])
    return made


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_jump_a_climb_and_an_unrest_stand_above_everybody_else(seed: int) -> None:
    nats = newest(planted(seed).panel())
    assert set(np.argsort(-nats)[:3]) == {JUMPS, CLIMBS, RESTLESS}
    assert np.sort(nats)[-4] < nats[[JUMPS, CLIMBS, RESTLESS]].min() / 2


def test_unrest_is_found_where_neither_level_nor_trend_has_changed() -> None:
    made = Months.honest()
    made.values[RESTLESS, LAST - 3 :] += np.array([0.12, -0.12, 0.12, 0.0])
    nats = newest(made.panel())
    assert nats.argmax() == RESTLESS


@pytest.mark.parametrize("upto", [month for month, extra in enumerate(SEASON) if extra and month > 3])
def test_what_strikes_everybody_in_a_season_is_no_change(upto: int) -> None:
    """July and December lie far from each provider's own months, and no honest provider has evidence for it."""
    honest = newest(Months.honest().panel(upto=upto))
    assert np.median(honest) == 0
    assert (honest > 3).mean() <= 0.05
    one = Months.honest()
    one.values[JUMPS, upto] += 0.2
    assert newest(one.panel(upto=upto)).argmax() == JUMPS, "who jumps beside the season is still found"


def test_who_has_the_season_out_of_season_stands_out() -> None:
    made = Months.honest()
    made.values[JUMPS, LAST] += 3 * 0.08
    assert newest(made.panel()).argmax() == JUMPS


def test_only_changes_towards_suspicion_count() -> None:
    made = planted(1)
    better = Measure("kept_visits", "visits", "share", "lower", "visits", (), False)
    assert newest(made.panel(better))[JUMPS] == 0
    either = Measure("growth", "visits", "share", "both", "visits", (), False)
    assert newest(made.panel(either)).argmax() in {JUMPS, CLIMBS, RESTLESS}


def test_two_months_are_no_history() -> None:
    assert (newest(planted(1).panel(since=LAST - 1)) == 0).all()


def test_a_month_that_is_missing_is_neither_a_change_nor_nought() -> None:
    """Few kept visits are suspicious, and nought would be the worst of all: a month without the figure says nothing."""
    kept = Measure("kept_visits", "visits", "share", "lower", "visits", (), False)
    gone = Months.honest()
    gone.values[JUMPS, LAST] = np.nan
    assert newest(gone.panel(kept))[JUMPS] == 0
    assert newest(Months(np.nan_to_num(gone.values)).panel(kept)).argmax() == JUMPS, "a fill with zero would show"
    gappy = Months.honest()
    gappy.values[JUMPS, 1:LAST:2] = np.nan
    assert newest(gappy.panel(kept))[JUMPS] <= newest(Months.honest().panel(kept))[JUMPS] + 1
