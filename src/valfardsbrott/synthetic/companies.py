"""The providers as they are: how large, what they do, where, since when, by which system, in which style."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from valfardsbrott.synthetic.arrays import Flags, Floats, Ints, Random, Texts, stream
from valfardsbrott.synthetic.names import SYSTEMS, company_names
from valfardsbrott.synthetic.numbers import org_numbers, phone_numbers
from valfardsbrott.synthetic.population import Geography
from valfardsbrott.synthetic.sizes import Size
from valfardsbrott.synthetic.timeline import ANCHOR, FIRST_DAY, MONTHS, NEVER

HOME_CARE, ASSISTANCE, DISABILITY = 0, 1, 2
KIND_SHARE = (0.72, 0.17, 0.11)
#: Share of providers in each visit system, as SYSTEMS.
SYSTEM_SHARE = (0.34, 0.24, 0.2, 0.12, 0.1)


@dataclass
class Style:
    """How a provider works and registers, one value a provider. Honest differences, as wide as real ones."""

    duration: Floats  # mean of actual over planned minutes
    slack: Floats  # granted over planned
    skipped: Floats  # share of planned visits that come to nothing, besides those declined
    declined: Floats
    manual: Floats  # share of receipts typed by hand
    edited: Floats
    delay: Floats  # mean minutes behind plan
    own_phone: Flags  # every worker a device of their own, else shared in the office
    mixed: Floats  # share of visits logged on a colleague by mistake
    wage: Floats  # SEK an hour
    paid_over_visits: Floats  # paid minutes for each visit minute (travel, meetings)


@dataclass
class Companies:
    """One place each; months are indexes of the axis, ``NEVER`` for what does not end. Strings are objects."""

    org: Texts
    name: Texts
    form: Texts
    kind: Ints
    weight: Floats
    district: Ints
    reach: Floats  # pull in other districts than its own, against 1 at home
    system: Ints
    law: Texts
    registered: Ints  # day
    start: Ints  # first month of service
    exit: Ints  # month from which there is no service
    gone_on: Ints  # day the company is deregistered
    gone_reason: Texts
    building: Ints
    phone: Texts
    email: Texts
    f_tax: Flags
    vat: Flags
    employer: Flags
    debt_ore: Ints
    style: Style
    successor: Ints  # provider that takes over at exit, or -1
    moved_share: Floats  # of recipients and staff that follow to the successor

    def __len__(self) -> int:
        return len(self.org)

    def active(self, month: int) -> Flags:
        return (self.start <= month) & (month < self.exit)


def _style(count: int, rng: Random, manual: Floats) -> Style:
    return Style(
        duration=np.clip(rng.normal(0.955, 0.025, count), 0.86, 1.03),
        slack=np.clip(rng.normal(1.035, 0.015, count), 1.0, 1.1),
        skipped=np.clip(rng.normal(0.05, 0.015, count), 0.01, 0.12),
        declined=rng.beta(4, 160, count),
        manual=np.clip(manual * rng.lognormal(0, 0.45, count), 0.005, 0.95),
        edited=rng.beta(3, 90, count),
        delay=rng.normal(2.0, 2.0, count),
        own_phone=rng.random(count) < 0.7,
        mixed=np.minimum(rng.gamma(0.35, 0.006, count), 0.04),
        wage=rng.normal(166, 9, count),
        paid_over_visits=np.clip(rng.normal(1.34, 0.06, count), 1.18, 1.6),
    )


def companies(size: Size, land: Geography, seed: int) -> Companies:
    """The city's providers before anything is planted.

    ``size.providers`` of them are in service at the anchor month; others left before or come after.
    """
    rng = stream(seed, "companies")
    count = size.providers
    left, coming = max(1, round(count * 0.12)), max(1, round(count * 0.08))
    total = count + left + coming
    start, leaves = _times(count, left, coming, rng)
    shuffle = rng.permutation(total)  # the order says nothing of when they came
    start, leaves = start[shuffle], leaves[shuffle]
    kind = _kinds(total, rng)
    system = rng.choice(len(SYSTEMS), total, p=SYSTEM_SHARE)
    form = np.where(rng.random(total) < 0.025, "E", np.where(rng.random(total) < 0.06, "HB", "AB")).astype(object)
    form = np.where(rng.random(total) < 0.04, "EK", form)
    weight = rng.lognormal(0, 0.7 if size.name in {"XS", "S"} else 0.95, total)
    weight = np.where(form == "E", np.minimum(weight, 0.4), weight)
    age = np.where(start > 0, rng.gamma(2.0, 240, total) + 60, rng.gamma(2.2, 1500, total) + 400).astype(np.int64)
    name = company_names(total, rng)
    gone = np.where(
        leaves < NEVER, FIRST_DAY[np.minimum(leaves, MONTHS)] + rng.integers(20, 200, total), NEVER * 31 * 10
    )
    return Companies(
        org=org_numbers(total, rng), name=name, form=form, kind=kind, weight=weight,
        district=rng.integers(0, size.districts, total),
        reach=np.where(weight > 1.5, rng.uniform(0.05, 0.5, total), rng.uniform(0.0, 0.06, total)),
        system=system,
        law=np.where(rng.random(total) < np.where(kind == HOME_CARE, 0.75, 0.4), "LOV", "LOU").astype(object),
        registered=FIRST_DAY[np.maximum(start, 0)] - age, start=start, exit=leaves, gone_on=gone,
        gone_reason=rng.choice(np.array(["LIAV", "KKAV", "FUAV"], dtype=object), total, p=[0.5, 0.3, 0.2]),
        building=land_office(land, total, rng), phone=phone_numbers(total, rng), email=_emails(name),
        f_tax=np.ones(total, dtype=bool), vat=rng.random(total) < 0.6, employer=np.ones(total, dtype=bool),
        debt_ore=np.where(rng.random(total) < 0.06, rng.integers(200_000, 9_000_000, total), 0),
        style=_style(total, rng, np.array([0.05, 0.07, 0.06, 0.7, 0.05])[system]),
        successor=np.full(total, -1, dtype=np.int64), moved_share=np.zeros(total),
    )  # fmt: skip


def _times(count: int, left: int, coming: int, rng: Random) -> tuple[Ints, Ints]:
    """First and last month of each provider: at the anchor ``count`` are in service."""
    early = rng.integers(1, ANCHOR - 2, count)
    start = np.where(rng.random(count) < 0.26, early, 0)
    late_exit = np.where(rng.random(count) < 0.05, rng.integers(ANCHOR + 2, MONTHS, count), NEVER)
    gone = rng.integers(8, ANCHOR - 1, left)
    gone[0] = ANCHOR - rng.integers(2, 11)  # however small the city, one has left within the year
    return (
        np.concatenate([start, np.zeros(left, dtype=np.int64), rng.integers(ANCHOR + 1, MONTHS, coming)]),
        np.concatenate([late_exit, gone, np.full(coming, NEVER, dtype=np.int64)]),
    )


def _kinds(total: int, rng: Random) -> Ints:
    """Kinds in fixed shares, so that a small city has them all."""
    edges = np.floor(np.cumsum(KIND_SHARE) * total + 0.5)
    return rng.permutation(np.searchsorted(edges, np.arange(total), side="right").clip(0, 2)).astype(np.int64)


def land_office(land: Geography, count: int, rng: Random) -> Ints:
    """A building of its own for each company (its office)."""
    return rng.permutation(len(land.district))[np.arange(count) % len(land.district)]


def _emails(names: Texts) -> Texts:
    plain = str.maketrans("åäöéÅÄÖ", "aaoeAAO", " .&")
    return np.array([f"info@{str(name).translate(plain).lower()}.example" for name in names], dtype=object)
