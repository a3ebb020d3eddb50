"""The figures of a picture: counts and amounts by part of the period, board, district, service, arm, scheme and factor.

A provider counts once for each measure, in the first three months in which it happened and with its own board, district
and service, so that every breakdown adds up to the same total. `Publication` holds what may be shown, and no more.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from valfardsbrott.review.factors import ENABLING_FACTORS, SCHEMES
from valfardsbrott.review.situation.facts import STATUS, STATUSES, WAYS, Event, Facts, Subject
from valfardsbrott.review.situation.suppression import Figure, Key, System, protect

#: Counts of providers: each counts once for each.
COUNTS = STATUSES
#: Amounts in ore -> the status whose amounts they are.
AMOUNTS = {f"amount_{status}": status for status in STATUSES}
#: What a confirmed case may have several of, or none stated: these do not add up.
SEVERAL = ("scheme", "factor")
BREAKDOWNS = ("part", "board", "district", "service", "arm")
ARMS = ("risk", "control", "manual")
CHECKED: Key = ("checked", "total", "")
CONTROL: Key = ("check_confirmed", "total", "")
NONE = "none"
#: What it costs the reader when a figure of a breakdown is held back to protect another.
_COST = {"total": 9, "part": 2, "arm": 1}
#: An amount is safe where it could be a fifth more or less, and where who has the second largest part cannot reckon the
#: largest within a tenth (the p percent rule).
_WIDTH, _PERCENT = 0.2, 0.1


@dataclass(frozen=True)
class Limits:
    """A figure above nought is small where it is of fewer providers, or these have fewer recipients in all."""

    providers: int = 3
    recipients: int = 5

    def small(self, subjects: Collection[Subject]) -> bool:
        """Whether figures of these providers must not be shown. Providers whose recipients nobody knows count none."""
        if not subjects:
            return False
        return len(subjects) < self.providers or sum(one.recipients or 0 for one in subjects) < self.recipients


@dataclass(frozen=True)
class Publication:
    """``values``: what is shown; a key that is not there is held back, one that was never a figure is a KeyError.

    ``control_few``: fewer of the control arm were confirmed than may be shown, none included; that is told.
    """

    values: Mapping[Key, int]
    keys: frozenset[Key]
    categories: Mapping[str, tuple[str, ...]]
    control_few: bool = False

    def get(self, measure: str, breakdown: str = "total", category: str = "") -> int | None:
        """The figure, None where it is held back."""
        key = (measure, breakdown, category)
        if key not in self.keys:
            raise KeyError(key)
        return self.values.get(key)


def publish(facts: Facts, boards: Collection[str], money: System, limits: Limits) -> Publication:
    """All figures of a period with the small ones held back. ``money``: more amounts, that do not depend on cases."""
    categories = categories_of(facts, boards)
    counts, amounts = counts_of(facts, categories, limits), amounts_of(facts, categories, limits)
    for figure in money.figures.values():
        amounts.add(figure)
    amounts.laws += money.laws
    amounts.limits += money.limits
    shown = protect(counts)
    hidden = {(f"amount_{key[0]}", *key[1:]) for key in counts.figures if key not in shown}
    going = protect(amounts, hidden & set(amounts.figures))
    figures = {**counts.figures, **amounts.figures}
    values = {key: figures[key].value for key in sorted(shown | going)}
    return Publication(values, frozenset(figures), categories, counts.figures[CONTROL].value < limits.providers)


def categories_of(facts: Facts, boards: Collection[str]) -> dict[str, tuple[str, ...]]:
    subjects = facts.subjects.values()
    return {
        "part": facts.period.parts,
        "board": tuple(sorted({*boards, *(one.board for one in subjects)})),
        "district": tuple(sorted({one.district for one in subjects})),
        "service": tuple(sorted({one.service for one in subjects})),
        "arm": ARMS,
        "scheme": (*SCHEMES, NONE),
        "factor": (*ENABLING_FACTORS, NONE),
        "way": WAYS,
        "recipient": tuple(sorted({one.recipient for one in facts.sent})),
        "statute": tuple(sorted({one.statute for one in facts.sent})),
    }


def counts_of(facts: Facts, categories: Mapping[str, tuple[str, ...]], limits: Limits) -> System:
    """Every count with what it is the sum of, and which of them are small."""
    system = System()
    for breakdown in ("total", *BREAKDOWNS):
        for category in categories.get(breakdown, ("",)):
            for status in STATUSES:
                of = [one for one in facts.of(status) if _in(facts, one, breakdown, category)]
                terms = {_unknown(status, breakdown, category): 1}
                system.add(_count((status, breakdown, category), facts, of, terms, limits))
            if breakdown not in {"part", "arm"}:  # who is confirmed was reviewed, if perhaps earlier and by another way
                reviewed = _unknown("reviewed", breakdown, category)
                system.limits += [{_unknown(each, breakdown, category): 1, reviewed: -1} for each in STATUS.values()]
    system.laws = _totals(categories, STATUSES)
    _checks(system, facts, limits)
    for breakdown in SEVERAL:
        _several(system, facts, breakdown, categories, limits)
    for way in categories["way"]:
        missed = {facts.subjects[org] for org in facts.otherwise[way]}
        system.add(counted(("missed", "way", way), len(missed), missed, {f"missed|{way}": 1}, limits))
    _handed_over(system, facts, categories, limits)
    return system


def _handed_over(system: System, facts: Facts, categories: Mapping[str, tuple[str, ...]], limits: Limits) -> None:
    """What was sent and answered, by counterpart and by legal ground; both add up to the same."""
    for breakdown in ("total", "recipient", "statute"):
        for category in categories.get(breakdown, ("",)):
            of = [one for one in facts.sent if breakdown == "total" or getattr(one, breakdown) == category]
            unknown = {state: _unknown(state, breakdown, category) for state in ("answered", "unanswered")}
            for measure, some in (("sent", of), ("answered", [one for one in of if one.days is not None])):
                who = {facts.subjects[org] for one in some for org in one.orgs if org in facts.subjects}
                states = unknown.values() if measure == "sent" else [unknown["answered"]]
                system.add(counted((measure, breakdown, category), len(some), who, dict.fromkeys(states, 1), limits))
    system.laws += _totals(categories, ("answered", "unanswered"), ("recipient", "statute"))


def amounts_of(facts: Facts, categories: Mapping[str, tuple[str, ...]], limits: Limits) -> System:
    system = System()
    for breakdown in ("total", *BREAKDOWNS):
        for category in categories.get(breakdown, ("",)):
            for measure, status in AMOUNTS.items():
                of = [one for one in facts.of(status) if _in(facts, one, breakdown, category)]
                parts = {facts.subjects[one.org_number]: one.amount_ore for one in of}
                terms = {_unknown(status, breakdown, category): 1}
                system.add(amount((measure, breakdown, category), parts, terms, limits))
    system.laws = _totals(categories, AMOUNTS.values())
    for breakdown in SEVERAL:
        for category in categories[breakdown]:
            parts = {facts.subjects[one.org_number]: one.amount_ore for one in _who_state(facts, breakdown, category)}
            terms = {_unknown(breakdown, breakdown, category): 1}
            system.add(amount((f"amount_{breakdown}", breakdown, category), parts, terms, limits))
        _cover(system, breakdown, categories)
    return system


def amount(key: Key, parts: Mapping[Subject, int], terms: Mapping[str, int], limits: Limits) -> Figure:
    """An amount in ore made of the providers' own; small also where one provider's can be reckoned from it."""
    value = sum(parts.values())
    first, second = (*sorted(parts.values(), reverse=True), 0, 0)[:2]
    if value and (limits.small([who for who, part in parts.items() if part]) or _reckoned(value, first, second)):
        return Figure(key, value, terms, (1 - _WIDTH) * value, (1 + _WIDTH) * value, _COST.get(key[1], 0))
    return Figure(key, value, terms, cost=_COST.get(key[1], 0))


def _reckoned(value: int, first: int, second: int) -> bool:
    return value - first - second < _PERCENT * first


def _count(key: Key, facts: Facts, of: Iterable[Event], terms: Mapping[str, int], limits: Limits) -> Figure:
    events = list(of)
    return counted(key, len(events), {facts.subjects[one.org_number] for one in events}, terms, limits)


def _checks(system: System, facts: Facts, limits: Limits) -> None:
    """The random checks that were decided, for the estimate; few confirmed are held back at nought too."""
    some = {key: {facts.subjects[org] for org in orgs} for key, orgs in (
        (CHECKED, facts.checked), (CONTROL, facts.check_confirmed),
    )}  # fmt: skip
    for key, of in some.items():
        made = counted(key, len(of), of, {key[0]: 1}, limits)
        few = key == CONTROL and len(of) < limits.providers
        system.add(replace(made, low=0, high=limits.providers) if few else made)
    checked, confirmed = CHECKED[0], CONTROL[0]
    of_arm = {status: _unknown(status, "arm", "control") for status in ("reviewed", "confirmed")}
    system.limits += [
        {confirmed: 1, checked: -1},
        {confirmed: 1, _unknown("confirmed", "total", ""): -1},
        {of_arm["confirmed"]: 1, confirmed: -1},
        {of_arm["reviewed"]: 1, checked: -1},
        {checked: 1, _unknown("reviewed", "total", ""): -1},
    ]


def counted(key: Key, value: int, of: Collection[Subject], terms: Mapping[str, int], limits: Limits) -> Figure:
    """A count that ``of`` are behind; where they are few it must seem able to be nought, or enough to be shown."""
    cost = _COST.get(key[1], 0)
    if limits.small(of):
        return Figure(key, value, terms, 0, max(limits.providers, value + 1), cost)
    return Figure(key, value, terms, cost=cost)


def _several(
    system: System, facts: Facts, breakdown: str, categories: Mapping[str, tuple[str, ...]], limits: Limits
) -> None:
    """Confirmed providers by something of which each may have several, or none stated."""
    for category in categories[breakdown]:
        of = _who_state(facts, breakdown, category)
        terms = {_unknown(breakdown, breakdown, category): 1}
        system.add(_count((breakdown, breakdown, category), facts, of, terms, limits))
    _cover(system, breakdown, categories)


def _cover(system: System, breakdown: str, categories: Mapping[str, tuple[str, ...]]) -> None:
    """None is above what was confirmed, even with those without any; together they are no less."""
    names = [_unknown(breakdown, breakdown, each) for each in categories[breakdown]]
    total, none = _unknown("confirmed", "total", ""), names[-1]
    system.limits += [{name: 1, **({none: 1} if name != none else {}), total: -1} for name in names]
    system.limits.append({total: 1, **dict.fromkeys(names, -1)})


def _who_state(facts: Facts, breakdown: str, category: str) -> list[Event]:
    """Confirmed of which this is stated; with several, each of them has the provider and its whole amount."""
    return [one for one in facts.of("confirmed") if category in (_stated(one, breakdown) or (NONE,))]


def _stated(event: Event, breakdown: str) -> tuple[str, ...]:
    return event.schemes if breakdown == "scheme" else event.factors


def _in(facts: Facts, event: Event, breakdown: str, category: str) -> bool:
    if breakdown == "total":
        return True
    if breakdown == "part":
        return facts.period.part(event.month) == category
    if breakdown == "arm":
        return event.arm == category
    return bool(getattr(facts.subjects[event.org_number], breakdown) == category)


def _unknown(status: str, breakdown: str, category: str) -> str:
    return f"{status}|{breakdown}|{category}"


def _totals(
    categories: Mapping[str, tuple[str, ...]], statuses: Iterable[str], breakdowns: Sequence[str] = BREAKDOWNS
) -> list[Mapping[str, int]]:
    """Every breakdown adds up to the same total of each status."""
    return [
        {**{_unknown(status, breakdown, each): 1 for each in categories[breakdown]}, _unknown(status, "total", ""): -1}
        for status in statuses
        for breakdown in breakdowns
        if categories[breakdown]
    ]
