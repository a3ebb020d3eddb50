"""What the random control sample says of the list: prevalence, precision and recall, each with its interval.

The list is not drawn by chance, so what is found on it says nothing of what it misses. The control sample is: every
provider that was not listed had the same chance. Its decided cases, each weighted by how many it stands for (Horvitz
and Thompson 1952), estimate the missed without bias, whatever the ranking is worth. Few are drawn, so intervals are
wide; they say what cannot be told yet.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from valfardsbrott.measures import binomial_interval

LEVEL = 0.95


@dataclass(frozen=True)
class Arm:
    """One arm of one month: providers ``chosen``, and what has been decided on them by now.

    Insufficient grounds and cases that nobody has decided (`open`) say nothing of the provider: they count as missing,
    as if by chance. Where they are many, the estimates rest on that assumption, so they are published beside them.
    """

    chosen: int
    confirmed: int = 0
    cleared: int = 0
    insufficient: int = 0

    def __post_init__(self) -> None:
        if min(asdict(self).values()) < 0 or self.open < 0:
            raise ValueError(f"more is decided than was chosen: {self}")

    @property
    def decided(self) -> int:
        return self.confirmed + self.cleared

    @property
    def open(self) -> int:
        """Not looked at, or not decided yet."""
        return self.chosen - self.decided - self.insufficient


@dataclass(frozen=True)
class Drawn:
    """A month's list and its control sample. ``left``: how many providers the sample was drawn from."""

    month: str
    listed: Arm
    left: int
    control: Arm


@dataclass(frozen=True)
class Share:
    """An estimated share with its 95 % interval. ``value`` None: nothing decided, and the interval is (0, 1)."""

    value: float | None
    low: float = 0.0
    high: float = 1.0


@dataclass(frozen=True)
class Estimates:
    """Means over the months, of provider-months: see `estimate`. ``missed`` is the share among those not listed."""

    precision: Share
    missed: Share
    prevalence: Share
    recall: Share
    listed: Arm
    control: Arm
    months: int
    wrong_decisions: float

    def as_json(self) -> dict[str, Any]:
        """Figures to six decimals, arms with their open cases."""
        shares = {name: _rounded(getattr(self, name)) for name in ("precision", "missed", "prevalence", "recall")}
        arms = {name: asdict(arm) | {"open": arm.open} for name, arm in self.arms.items()}
        return shares | arms | {"months": self.months, "wrong_decisions": self.wrong_decisions, "level": LEVEL}

    @property
    def arms(self) -> Mapping[str, Arm]:
        return {"listed": self.listed, "control": self.control}


def estimate(months: Sequence[Drawn], *, wrong_decisions: float = 0.0) -> Estimates:
    """Precision of the list, share missed among the others, prevalence, and recall of the list, over the months.

    A share is the sum of its months' decided shares weighted by the month's size; its interval is Clopper and
    Pearson's of the effective number of cases (Korn and Graubard 1998), which never is too narrow: of n decided cases
    with none confirmed it reaches up to about 3.7 / n. Prevalence and recall join two shares, each with half of the
    allowed error (Bonferroni), except where the whole list is decided, for then the list is known and not estimated.

    ``wrong_decisions``: the share of decisions that second reviews show to be wrong, alike in both directions. Shares
    and the ends of their intervals are then put right for it (Rogan and Gladen 1978); at 10 % wrong, a tenth of all
    honest providers would otherwise count as found. Raises ValueError at half or more.
    """
    if not 0 <= wrong_decisions < 0.5:
        raise ValueError("decisions that are wrong half of the time say nothing")
    lists = [(each.listed.chosen, each.listed) for each in months]
    lefts = [(each.left, each.control) for each in months]
    known = wrong_decisions == 0 and all(arm.decided == arm.chosen for _, arm in lists)
    joint = LEVEL if known else (1 + LEVEL) / 2
    listed, left = sum(size for size, _ in lists), sum(size for size, _ in lefts)
    found = _share(lists, joint, wrong_decisions)
    if known and found.value is not None:
        found = Share(found.value, found.value, found.value)
    missed = _share(lefts, joint, wrong_decisions)
    return Estimates(
        precision=_share(lists, LEVEL, wrong_decisions),
        missed=_share(lefts, LEVEL, wrong_decisions),
        prevalence=_prevalence(found, missed, listed, left),
        recall=_recall(found, missed, listed, left),
        listed=_sum([each.listed for each in months]),
        control=_sum([each.control for each in months]),
        months=len(months),
        wrong_decisions=wrong_decisions,
    )


def _share(strata: Sequence[tuple[int, Arm]], level: float, wrong: float) -> Share:
    """The share of wrongdoers in strata of known sizes, from each one's decided cases; strata without any are taken to
    be as the others."""
    decided = [(size, arm) for size, arm in strata if arm.decided and size]
    whole = sum(size for size, _ in decided)
    if not whole:
        return Share(None)
    value = sum(size * arm.confirmed / arm.decided for size, arm in decided) / whole
    effective = whole**2 / sum(size**2 / arm.decided for size, arm in decided)
    hits = value * effective if value < 1 - 1e-12 else effective  # a sum of all is all, whatever the last bit says
    low, high = binomial_interval(hits, effective, level=level)
    return Share(*(_corrected(each, wrong) for each in (value, low, high)))


def _corrected(share: float, wrong: float) -> float:
    return min(max((share - wrong) / (1 - 2 * wrong), 0.0), 1.0)


def _prevalence(found: Share, missed: Share, listed: int, left: int) -> Share:
    if not listed + left:
        return Share(None)
    parts = _values(found, listed), _values(missed, left)
    value, low, high = (None if None in pair else sum(pair) / (listed + left) for pair in zip(*parts, strict=True))
    return Share(value, low or 0.0, 1.0 if high is None else min(high, 1.0))


def _recall(found: Share, missed: Share, listed: int, left: int) -> Share:
    """None where nothing was found and nothing missed: of no wrongdoers no share can be told."""
    (value, low, high), (gone, fewest, most) = _values(found, listed), _values(missed, left)
    return Share(
        None if value is None or gone is None or value + gone == 0 else value / (value + gone),
        low / (low + most) if low else 0.0,
        high / (high + fewest) if high else 1.0,
    )


def _values(share: Share, size: int) -> tuple[Any, Any, Any]:
    """The share's value, low and high as numbers of providers; a stratum that is empty counts nought."""
    if not size:
        return 0.0, 0.0, 0.0
    return None if share.value is None else share.value * size, share.low * size, share.high * size


def _sum(arms: Sequence[Arm]) -> Arm:
    names = ("chosen", "confirmed", "cleared", "insufficient")
    return Arm(*(sum(getattr(arm, name) for arm in arms) for name in names))


def _rounded(share: Share) -> dict[str, float | None]:
    return {name: None if value is None else round(value, 6) for name, value in asdict(share).items()}
