"""Would a network still be found if the data were a little different? One link fewer, a tenth of them, another seed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from valfardsbrott.networks.calibration import calibrate, found
from valfardsbrott.networks.candidates import communities
from valfardsbrott.networks.explanation import LABELS
from valfardsbrott.networks.links import City, Floats, Incidence, Ints
from valfardsbrott.networks.projection import Projection
from valfardsbrott.networks.ranking import GATE
from valfardsbrott.networks.structure import Structure, structure

#: Share of links taken away at random, how often that is tried, and how many other seeds.
LOST, DRAWS, SEEDS = 0.1, 5, 5
#: A network is found again where one that chance does not explain has so much of it (Jaccard).
SAME = 0.5
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Sensitivity:
    """For each network: found without its strongest value; share of draws with a tenth of the links gone, and of other
    seeds, in which it is found; ``strongest``: that value's link type."""

    without_strongest: Flags
    links_lost: Floats
    other_seeds: Floats
    strongest: tuple[str, ...]

    @property
    def stability(self) -> Floats:
        """Mean of the three, 0 to 1: 1 is found whatever was changed."""
        return np.asarray((self.without_strongest + self.links_lost + self.other_seeds) / 3, dtype=np.float64)


def sensitivity(  # noqa: PLR0917
    city: City, projection: Projection, groups: Sequence[Ints], shared: Sequence[pd.DataFrame],
    null: Sequence[Structure], seed: int,
) -> Sensitivity:  # fmt: skip
    """``groups``: the providers (positions) of each network; ``shared``: its rows of `members.shared_links`.

    All networks are tried at once: eleven runs of the pipeline, however many there are. What chance explains in
    the changed cities is read off the unchanged city's null, so a variant is as hard to pass as the original was.
    """
    strongest = [_strongest(rows) for rows in shared]
    at_hand = zip(groups, strongest, strict=True)
    values = [(kind, _value(city, members, kind, orgs)) for members, (kind, orgs) in at_hand if kind]
    reduced = _still(*found(_without(city, values), seed), null, groups)
    lost = [_still(*found(thinned(city, LOST, (seed, 1_000_000 + draw)), seed), null, groups) for draw in range(DRAWS)]
    seeds = []
    for other in range(1, SEEDS + 1):
        labels = communities(projection, city.size, seed + other)
        seeds.append(_still(labels, structure(projection, labels), null, groups))
    return Sensitivity(reduced, _share(lost), _share(seeds), tuple(kind for kind, _ in strongest))


def thinned(city: City, share: float, seed: Sequence[int]) -> City:
    """The city with ``share`` of its links gone, each as likely as another."""
    rng = np.random.default_rng(seed)
    out = {}
    for name, entry in city.incidences.items():
        kept = rng.random(len(entry.value)) >= share
        alone = entry.reach - np.bincount(entry.provider, minlength=city.size)
        left = np.bincount(entry.provider[kept], minlength=city.size) + rng.binomial(alone, 1 - share)
        out[name] = Incidence(entry.provider[kept], entry.value[kept], entry.weight[kept], left.astype(np.int64))
    return replace(city, incidences=out)


def told(found_: Sensitivity, at: int) -> dict[str, object]:
    """The figures of one network in words."""
    kind, lost, seeds = found_.strongest[at], found_.links_lost[at], found_.other_seeds[at]
    label = LABELS.get(kind, {"sv": "uppgifter", "en": "things"})
    there = bool(found_.without_strongest[at])
    return {
        "check": "stability",
        "outcome": "stable" if found_.stability[at] >= 0.8 else "sensitive",
        "text_sv": f"Utan sitt starkaste samband ({label['sv']}) skulle nätverket {'ändå' if there else 'inte'} ha"
        f" hittats. Med en tiondel av länkarna borta hittas det i {round(lost * DRAWS)} av {DRAWS} försök, med annat"
        f" slumpfrö i {round(seeds * SEEDS)} av {SEEDS}.",
        "text_en": f"Without its strongest tie ({label['en']}) the network would {'still' if there else 'not'} be"
        f" found. With a tenth of the links gone it is found in {round(lost * DRAWS)} of {DRAWS} tries, with another"
        f" seed in {round(seeds * SEEDS)} of {SEEDS}.",
    }


def _share(tries: Sequence[Flags]) -> Floats:
    return np.asarray(np.mean(np.array(tries, dtype=np.float64), axis=0), dtype=np.float64)


def _still(labels: Ints, shape: Structure, null: Sequence[Structure], groups: Sequence[Ints]) -> Flags:
    """Whether each group is there among the networks that chance does not explain."""
    passed = shape.carried & (calibrate(shape, null).q_value <= GATE)
    out = np.zeros(len(groups), dtype=bool)
    for at, members in enumerate(groups):
        inside = labels[members]
        for label in np.unique(inside[inside >= 0]):
            common = int((inside == label).sum())
            union = len(members) + int(shape.members[label]) - common
            out[at] |= bool(passed[label]) and common >= SAME * union
    return out


def _strongest(rows: pd.DataFrame) -> tuple[str, frozenset[str]]:
    """Link type and users (in the network) of the value that most evidence hangs on; ties by type and value."""
    counted = rows[rows["weight"] > 0]
    if counted.empty:
        return "", frozenset()
    values = counted.groupby(["link_type", "node_id"]).agg(weight=("weight", "max"), users=("org_number", "nunique"))
    worth = values["weight"] * (values["users"] - 1)
    kind, node = values.index[int(np.argmax(worth.to_numpy()))]
    mine = counted[(counted["link_type"] == kind) & (counted["node_id"] == node)]
    return str(kind), frozenset(mine["org_number"])


def _value(city: City, members: Ints, link_type: str, orgs: frozenset[str]) -> int:
    """Number of the type's value that just these of the members use; of several alike the first; -1 where none is."""
    entry = city.incidences[link_type]
    wanted = np.array([at for at in members if city.orgs[at] in orgs])
    rows = np.flatnonzero(np.isin(entry.provider, members))
    value, provider = entry.value[rows], entry.provider[rows]
    right = np.bincount(value, weights=np.isin(provider, wanted)) == len(wanted)
    alone = np.bincount(value) == len(wanted)
    hits = np.flatnonzero(right & alone)
    return int(hits[0]) if len(hits) else -1


def _without(city: City, values: Sequence[tuple[str, int]]) -> City:
    """The city without these values."""
    out = dict(city.incidences)
    for name in {kind for kind, _ in values}:
        entry = out[name]
        kept = ~np.isin(entry.value, [value for kind, value in values if kind == name])
        dropped = np.bincount(entry.provider[~kept], minlength=city.size)
        out[name] = Incidence(entry.provider[kept], entry.value[kept], entry.weight[kept], entry.reach - dropped)
    return replace(city, incidences=out)
