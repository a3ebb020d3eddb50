"""A city of links alone, with planted rings and with innocent look-alikes: for choosing and measuring, not for users.

Rings of 3 to 6 providers are chained by a few shared values, each between two or three members, and hide among honest
firms: some sit at an accountant's address, some share a value with a stranger. Look-alikes: accountants' offices,
office hotels, staffing pools, registered and unregistered corporate groups, apartment blocks, spouses, care homes with
two providers, factoring companies. Behaviour is a standard normal for the honest, shifted for ring members and for lone
cheats.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from scipy.stats import norm

DISTRICTS = 14
#: Shift of ring members' behaviour (in standard deviations), link types per tie, strangers per ring.
LEVELS = {"medium": (1.6, (2, 3), 1), "hard": (1.0, (1, 2), 2)}
SOFT = ("staff", "recipient", "address", "home", "device", "overlap")
FIRM = ("owner", "account", "phone", "email", "payee")
NODE_TYPE = {
    "owner": "person", "accountant": "person", "address": "address", "account": "account", "payee": "account",
    "phone": "phone", "email": "email", "home": "address", "device": "device", "staff": "person", "recipient": "person",
    "overlap": "person",
}  # fmt: skip


@dataclass
class Simulated:
    """A simulated city: tables as the pipeline reads them, and the truth."""

    links: pd.DataFrame
    providers: pd.DataFrame
    exempt: pd.DataFrame
    behaviour: pd.DataFrame
    rings: list[set[str]]
    lookalikes: dict[str, str]


@dataclass
class _Draft:
    """Links under construction: parallel lists of arrays."""

    rng: np.random.Generator
    providers: list[np.ndarray] = field(default_factory=list)
    types: list[np.ndarray] = field(default_factory=list)
    values: list[np.ndarray] = field(default_factory=list)
    next_value: int = 0

    def fresh(self, count: int) -> np.ndarray:
        self.next_value += count
        return np.arange(self.next_value - count, self.next_value)

    def add(self, link_type: str, providers: np.ndarray | list[int], values: np.ndarray | int) -> None:
        at = np.asarray(providers, dtype=np.int64)
        self.providers.append(at)
        self.values.append(np.broadcast_to(np.asarray(values, dtype=np.int64), at.shape))
        self.types.append(np.full(len(at), link_type, dtype=object))

    def share(self, link_type: str, members: np.ndarray | list[int], count: int = 1) -> None:
        """``count`` values of a type that all of ``members`` use."""
        for value in self.fresh(count):
            self.add(link_type, members, value)

    def pick(self, pool: np.ndarray, low: int, high: int) -> np.ndarray:
        return self.rng.choice(pool, int(self.rng.integers(low, high + 1)), replace=False)


def simulate(
    seed: int,
    difficulty: str = "medium",
    *,
    providers: int = 3_000,
    staff: int = 20_000,
    recipients: int = 60_000,
    rings: int = 15,
    registered: bool = True,
    lost: float = 0.0,
    merged: float = 0.0,
) -> Simulated:
    """``registered`` False: no register of groups. ``lost``: share of links missing; ``merged``: of values made one."""
    rng = np.random.default_rng((seed, providers))
    draft = _Draft(rng)
    district = rng.integers(0, DISTRICTS, providers)
    size = rng.lognormal(0, 1, providers)
    _ordinary(draft, district, size, staff, recipients)
    everyone = rng.permutation(providers)
    scale = providers / 3_000
    kinds, groups = _lookalikes(draft, district, everyone, scale)
    members = _rings(draft, district, rng.permutation(everyone[int(providers * 0.3) :]), rings, difficulty)
    shift = np.zeros(providers)
    lone = rng.choice(providers, int(providers * 0.03), replace=False)
    shift[lone] = 2.0
    for ring in members:
        shift[ring] = LEVELS[difficulty][0]
    names = np.array([f"00{number:08d}" for number in range(providers)], dtype=object)
    p = norm.sf(rng.standard_normal(providers) + shift)
    return Simulated(
        links=_frame(draft, names, lost, merged),
        providers=pd.DataFrame({"org_number": names, "district": [f"d{d:02d}" for d in district]}),
        exempt=_exempt(groups if registered else [], names),
        behaviour=pd.DataFrame({"org_number": names, "p_behaviour": p}),
        rings=[set(names[ring]) for ring in members],
        lookalikes={names[at]: kind for at, kind in kinds.items()},
    )


def _ordinary(draft: _Draft, district: np.ndarray, size: np.ndarray, staff: int, recipients: int) -> None:
    rng, count = draft.rng, len(district)
    everyone = np.arange(count)
    for link_type in ("owner", "owner", "address", "account", "phone", "email", "home"):
        draft.add(link_type, everyone, draft.fresh(count))
    for link_type, people, second, stay in (("staff", staff, 0.15, 0.7), ("recipient", recipients, 0.06, 0.9)):
        first = rng.choice(count, people, p=size / size.sum())
        other = rng.choice(count, people, p=size / size.sum())
        near = _in_district(rng, district, size, first)
        other = np.where(rng.random(people) < stay, near, other)
        ids, two = draft.fresh(people), rng.random(people) < second
        draft.add(link_type, first, ids)
        draft.add(link_type, other[two], ids[two])
        if link_type == "staff":
            draft.add("device", first, draft.fresh(people))
    for link_type in ("phone", "email", "device", "home", "account"):
        for _ in range(int(count / 150)):
            draft.share(link_type, rng.choice(count, 2, replace=False))
    for _ in range(int(count / 50)):
        draft.share("owner", rng.choice(count, 2, replace=False))


def _in_district(rng: np.random.Generator, district: np.ndarray, size: np.ndarray, first: np.ndarray) -> np.ndarray:
    near = np.empty_like(first)
    for code in np.unique(district):
        pool, mine = np.flatnonzero(district == code), district[first] == code
        near[mine] = rng.choice(pool, int(mine.sum()), p=size[pool] / size[pool].sum())
    return near


def _lookalikes(
    draft: _Draft, district: np.ndarray, order: np.ndarray, scale: float
) -> tuple[dict[int, str], list[np.ndarray]]:
    rng, kinds = draft.rng, {}
    honest = order[: int(len(order) * 0.3)]
    used = 0

    def take(low: int, high: int, kind: str, near: bool = False) -> np.ndarray:
        nonlocal used
        number = int(rng.integers(low, high + 1))
        chosen = honest[used : used + number]
        if near and used < len(honest):
            free = honest[used:]
            chosen = free[np.argsort(district[free] != district[free[0]], kind="stable")][:number]
            honest[used:] = np.concatenate([chosen, free[~np.isin(free, chosen)]])
        used += len(chosen)
        kinds.update(dict.fromkeys(chosen.tolist(), kind))
        return chosen

    everyone = np.arange(len(district))
    for _ in range(int(12 * scale)):
        clients = draft.pick(everyone, 10, 60)
        draft.share("address", clients)
        draft.share("accountant", clients)
        draft.share("phone", clients[: int(len(clients) * 0.5)])
    for _ in range(int(20 * scale)):
        draft.share("address", draft.pick(everyone, 4, 30))
    for _ in range(3):
        draft.share("payee", draft.pick(everyone, int(30 * scale) + 5, int(90 * scale) + 10))
    for _ in range(int(15 * scale)):
        clients = take(5, 12, "staffing_pool", near=True)
        for person in draft.fresh(int(rng.integers(15, 40))):
            draft.add("staff", draft.pick(clients, min(2, len(clients)), min(6, len(clients))), person)
    groups = [_group(draft, take(2, 6, "registered_group")) for _ in range(int(25 * scale))]
    for _ in range(int(10 * scale)):
        _group(draft, take(3, 5, "unregistered_group"))
    for _ in range(int(25 * scale)):
        draft.share("home", take(3, 10, "apartment_block", near=True))
    for _ in range(int(25 * scale)):
        draft.share("home", take(2, 2, "spouses"))
    for _ in range(int(15 * scale)):
        homes = take(2, 3, "care_home", near=True)
        draft.share("recipient", homes, int(rng.integers(15, 50)))
    return kinds, groups


def _group(draft: _Draft, members: np.ndarray) -> np.ndarray:
    for link_type, chance in (("owner", 1.0), ("address", 0.7), ("phone", 0.6), ("account", 0.3), ("email", 0.5)):
        if draft.rng.random() < chance:
            draft.share(link_type, members)
    if len(members) > 1:
        for person in draft.fresh(int(draft.rng.integers(3, 15))):
            draft.add("staff", draft.rng.choice(members, 2, replace=False), person)
    return members


def _rings(draft: _Draft, district: np.ndarray, pool: np.ndarray, count: int, difficulty: str) -> list[np.ndarray]:
    _, (low, high), strangers = LEVELS[difficulty]
    rng, out = draft.rng, []
    used = np.zeros(len(pool), dtype=bool)
    for _ in range(count):
        start = int(np.flatnonzero(~used)[0])
        home = district[pool] == district[pool[start]] if rng.random() < 0.5 else np.ones(len(pool), dtype=bool)
        chosen = np.flatnonzero(home & ~used)[: int(rng.integers(3, 7))]
        used[chosen] = True
        members = pool[chosen]
        for position in range(1, len(members)):
            tie = [members[position], members[int(rng.integers(0, position))]]
            if rng.random() < 0.3 and position > 1:
                tie.append(members[int(rng.integers(0, position))])
            _tie(draft, np.unique(tie), int(rng.integers(low, high + 1)), difficulty)
        for _ in range(strangers):
            stranger = int(rng.integers(0, len(district)))
            draft.share(str(rng.choice(["address", "phone", "device", "home"])), [int(rng.choice(members)), stranger])
        out.append(members)
    return out


def _tie(draft: _Draft, members: np.ndarray, types: int, difficulty: str) -> None:
    rng = draft.rng
    kinds = [str(k) for k in rng.choice(FIRM if difficulty == "medium" else FIRM[:3] + SOFT[2:5], types, replace=False)]
    for link_type in kinds:
        draft.share(link_type, members)
    draft.share("staff", members, int(rng.integers(1, 5)))
    if rng.random() < 0.6:
        draft.share("recipient", members, int(rng.integers(2, 6)))
    if rng.random() < 0.3:
        draft.share("overlap", members)


def _exempt(groups: list[np.ndarray], names: np.ndarray) -> pd.DataFrame:
    pairs = [(names[a], names[b]) for group in groups for at, a in enumerate(group) for b in group[at + 1 :]]
    return pd.DataFrame(pairs, columns=["org_a", "org_b"], dtype=object)


def _frame(draft: _Draft, names: np.ndarray, lost: float, merged: float) -> pd.DataFrame:
    provider, value = np.concatenate(draft.providers), np.concatenate(draft.values)
    link_type = np.concatenate(draft.types)
    rng = draft.rng
    kept = rng.random(len(value)) >= lost
    provider, value, link_type = provider[kept], value[kept], link_type[kept]
    if merged:
        value = _merge(rng, value, link_type, merged)
    return pd.DataFrame(
        {
            "org_number": names[provider],
            "node_type": pd.Series(link_type).map(NODE_TYPE).to_numpy(),
            "node_id": np.char.add("v", value.astype(str)).astype(object),
            "link_type": link_type,
            "first_seen": pd.Timestamp("2026-08-01"),
            "last_seen": pd.Timestamp("2026-10-31"),
            "n_rows": 1,
            "source_table": "simulated",
            "source_rows": pd.Series([[]], dtype=object).repeat(len(value)).to_numpy(),
        }
    )


def _merge(rng: np.random.Generator, value: np.ndarray, link_type: np.ndarray, share: float) -> np.ndarray:
    """False merges: ``share`` of the values of each type become another value of the same type."""
    value = value.copy()
    for name in sorted(set(link_type)):
        mine = link_type == name
        distinct = np.unique(value[mine])
        wrong = rng.choice(distinct, int(len(distinct) * share), replace=False)
        value[mine] = (
            pd.Series(value[mine]).replace(dict(zip(wrong, rng.choice(distinct, len(wrong)), strict=True))).to_numpy()
        )
    return value
