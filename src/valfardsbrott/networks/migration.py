"""Block migration: one provider's workers and recipients turn up at another, more than its hiring explains.

It is what a company that is wound up and goes on under a new number looks like from outside, and what an honest
acquisition looks like too: a registered transfer or group is said, and takes the matter off the table.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import pdtrc

from valfardsbrott.networks.links import HUB, Floats
from valfardsbrott.networks.projection import CAP

KINDS = ("staff", "recipient")
#: A block: at least so many people of one kind, and so large a share of those who left.
LEAST_MOVED, LEAST_SHARE = 3, 0.2
#: Expected share of chance finds among the migrations listed (Benjamini-Hochberg over all pairs with a move).
GATE = 0.01
#: Moves that a provider's size alone is worth, where few others of the district have moved.
_PRIOR = 5.0
#: A company registered at most so long before the first of them came is new.
NEW_DAYS = 365
#: What makes the new company the old one's own: see `ties`.
TIES = ("owner", "home", "account", "payee", "payments", "phone", "email", "address")
COLUMNS = (
    "from_org_number", "to_org_number", "first_month", "last_month", "staff_moved", "staff_left", "staff_expected",
    "recipient_moved", "recipient_left", "recipient_expected", "nats", "p_value", "q_value", "new_company", "ties",
    "explained", "outcome", "text_sv", "text_en",
)  # fmt: skip

_WORDS = {
    "explained": (
        "En registrerad verksamhetsövergång eller koncern förklarar flytten.",
        "A registered transfer of business or group explains the move.",
    ),
    "successor": (
        "Bolaget är nytt eller har samma företrädare, bostad, konto eller kontaktuppgift som det gamla, och ingen"
        " verksamhetsövergång är registrerad: fråga varför verksamheten bytte bolag.",
        "The company is new, or has the same officer, home, account or contact as the old one, and no transfer is"
        " registered: ask why the business changed company.",
    ),
    "unrelated": (
        "Inget annat binder bolagen samman: personalen kan ha följt en chef, och brukarna sin personal.",
        "Nothing else ties the companies: workers may have followed a manager, and recipients their workers.",
    ),
}


@dataclass(frozen=True)
class Movement:
    """What people did between deliveries (views provider_movement and provider_people), and when companies began.

    ``registered``: org_number, registered_on. ``seen``: False where no earlier delivery was read, so that nobody can
    have moved: unknown, not none.
    """

    moves: pd.DataFrame
    people: pd.DataFrame
    registered: pd.DataFrame
    seen: bool = True


def migrations(movement: Movement, providers: pd.DataFrame, links: pd.DataFrame, exempt: pd.DataFrame) -> pd.DataFrame:
    """A row for each block of people that went from one provider to another beyond chance, strongest first.

    ``providers``: org_number, district; ``links``: LINK_COLUMNS; ``exempt``: org_a, org_b, reason. For each kind of
    people the number expected is what the old one's movers times the other's share of all moves from the district give
    (the old one's own left out, its size standing in where few have moved); p is the Poisson tail, and of a pair twice
    the smaller of the two kinds', since recipients follow their workers. ``outcome``: explained (by a register),
    successor (a new company, or one tied to the old), unrelated. Columns: COLUMNS.
    """
    pairs = _pairs(movement, providers)
    found = pairs[(pairs["q_value"] <= GATE) & _is_block(pairs)]
    if found.empty:
        return pd.DataFrame(columns=list(COLUMNS))
    known: dict[str, Sequence[Any]] = {
        "new_company": _new_company(found, movement.registered),
        "ties": _ties(found, links),
        "explained": _explained(found, exempt),
    }
    found = found.assign(**{name: pd.Series(each, index=found.index, dtype=object) for name, each in known.items()})
    found = found.assign(outcome=[_outcome(row) for row in _records(found)])
    texts = [_told(row) for row in _records(found)]
    found = found.assign(text_sv=[sv for sv, _ in texts], text_en=[en for _, en in texts])
    order = ["nats", "from_org_number", "to_org_number"]
    return found.sort_values(order, ascending=[False, True, True], ignore_index=True)[list(COLUMNS)]


def strongest(found: pd.DataFrame, orgs: pd.Series, *, seen: bool) -> Floats:
    """Nats of the strongest migration that no register explains, from or to each provider; 0 none, NaN not known."""
    if not seen:
        return np.full(len(orgs), np.nan)
    open_ = found[found["outcome"] != "explained"]
    ends = pd.concat([open_.set_index(side)["nats"] for side in ("from_org_number", "to_org_number")])
    best = ends.groupby(level=0).max().reindex(orgs).fillna(0.0)
    return np.asarray(best, dtype=np.float64)


def _pairs(movement: Movement, providers: pd.DataFrame) -> pd.DataFrame:
    """Every pair with a move, with what was expected, p and q; providers that are not ranked are left out."""
    known = movement.moves["from_org_number"].isin(providers["org_number"])
    known &= movement.moves["to_org_number"].isin(providers["org_number"])
    moves = movement.moves[known]
    keys = ["from_org_number", "to_org_number"]
    out = moves.groupby(keys, sort=True).agg(first_month=("joined_month", "min"), last_month=("joined_month", "max"))
    out = out.reset_index()
    p = np.ones((len(out), len(KINDS)))
    for at, kind in enumerate(KINDS):
        mine = _expected(moves[moves["kind"] == kind], movement.people, providers, kind)
        joined = out[keys].merge(mine, on=keys, how="left")
        for name, default in (("moved", 0), ("left", 0), ("expected", 0.0)):
            out[f"{kind}_{name}"] = joined[name].fillna(default).astype(type(default)).to_numpy()
        count = out[f"{kind}_moved"].to_numpy(dtype=np.float64)
        p[:, at] = np.where(count > 0, pdtrc(count - 1, out[f"{kind}_expected"].to_numpy(dtype=np.float64)), 1.0)
    least = np.clip(2 * p.min(axis=1, initial=1.0), 1e-300, 1.0)
    return out.assign(p_value=least, nats=np.minimum(-np.log(least), CAP), q_value=_benjamini_hochberg(least))


def _expected(moves: pd.DataFrame, people: pd.DataFrame, providers: pd.DataFrame, kind: str) -> pd.DataFrame:
    """moved, left (movers and others gone) and expected, for each pair with a move of the kind."""
    district = providers.set_index("org_number")["district"]
    size = people[people["kind"] == kind].set_index("org_number")
    moves = moves.assign(district=district.reindex(moves["from_org_number"]).fillna("").to_numpy())
    counts = moves.groupby(["from_org_number", "to_org_number", "district"])["person_id"].nunique()
    pairs: pd.DataFrame = counts.rename("moved").reset_index()
    movers = _of(moves.groupby("from_org_number")["person_id"].nunique(), pairs["from_org_number"])
    own = _of(moves.groupby("from_org_number").size(), pairs["from_org_number"])
    others = _of(moves.groupby("district").size(), pairs["district"]) - own
    hires = moves.groupby(["district", "to_org_number"]).size()
    hired = _of(hires, pd.MultiIndex.from_frame(pairs[["district", "to_org_number"]])) - pairs["moved"].to_numpy()
    large = _of(size["people"], pairs["to_org_number"], 1.0) / max(int(size["people"].sum()), 1)
    share = (hired + _PRIOR * large) / (others + _PRIOR)
    gone = np.maximum(_of(size["gone"], pairs["from_org_number"]), movers)
    return pairs.assign(left=gone.astype(np.int64), expected=movers * share)


def _of(values: pd.Series, keys: pd.Series | pd.MultiIndex, absent: float = 0.0) -> Floats:
    """The figure of each key."""
    return np.asarray(values.reindex(pd.Index(keys)).fillna(absent), dtype=np.float64)


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]


def _is_block(pairs: pd.DataFrame) -> pd.Series:
    block = pd.Series(False, index=pairs.index)
    for kind in KINDS:
        moved, left = pairs[f"{kind}_moved"], pairs[f"{kind}_left"].clip(lower=1)
        block |= (moved >= LEAST_MOVED) & (moved / left >= LEAST_SHARE)
    return block


def _benjamini_hochberg(p: Floats) -> Floats:
    order = np.argsort(p, kind="stable")[::-1]
    rank = np.arange(len(p), 0, -1)
    out = np.ones(len(p))
    out[order] = np.minimum.accumulate(np.minimum(p[order] * len(p) / rank, 1.0))
    return out


def _new_company(found: pd.DataFrame, registered: pd.DataFrame) -> list[bool | None]:
    """Whether the other company was registered in the year before the first came; None where no register says."""
    since = pd.to_datetime(registered.drop_duplicates("org_number").set_index("org_number")["registered_on"])
    began = pd.Series(since.reindex(found["to_org_number"]).to_numpy(), index=found.index)
    days = (pd.to_datetime(found["first_month"]) - began).dt.days
    return [None if pd.isna(day) else bool(day <= NEW_DAYS) for day in days]


def _ties(found: pd.DataFrame, links: pd.DataFrame) -> list[list[str]]:
    """Link types of TIES by which the two have a value in common that no more than HUB providers use; sorted."""
    orgs = set(found["from_org_number"]) | set(found["to_org_number"])
    of_type = links[links["link_type"].isin(TIES)]
    mine = of_type[of_type["org_number"].isin(orgs)][["org_number", "link_type", "node_id"]].drop_duplicates()
    users = of_type.groupby(["link_type", "node_id"])["org_number"].nunique()
    used = users.reindex(pd.MultiIndex.from_frame(mine[["link_type", "node_id"]])).to_numpy()
    mine = mine[used <= HUB]
    values = {
        str(org): set(zip(rows["link_type"], rows["node_id"], strict=True)) for org, rows in mine.groupby("org_number")
    }
    nothing: set[tuple[str, str]] = set()
    sides = zip(found["from_org_number"], found["to_org_number"], strict=True)
    return [sorted({kind for kind, _ in values.get(a, nothing) & values.get(b, nothing)}) for a, b in sides]


def _explained(found: pd.DataFrame, exempt: pd.DataFrame) -> list[str | None]:
    reasons: dict[frozenset[str], str] = {}
    for a, b, reason in sorted(zip(exempt["org_a"], exempt["org_b"], exempt["reason"], strict=True)):
        reasons.setdefault(frozenset((a, b)), reason)
    sides = zip(found["from_org_number"], found["to_org_number"], strict=True)
    return [reasons.get(frozenset(pair)) for pair in sides]


def _outcome(row: dict[str, Any]) -> str:
    if row["explained"] is not None and row["explained"] == row["explained"]:
        return "explained"
    return "successor" if row["new_company"] is True or row["ties"] else "unrelated"


def _told(row: dict[str, Any]) -> tuple[str, str]:
    parts_sv, parts_en = [], []
    for kind, sv, en in (("staff", "anställda", "workers"), ("recipient", "brukare", "recipients")):
        moved, left, expected = (row[f"{kind}_{name}"] for name in ("moved", "left", "expected"))
        if moved:
            parts_sv.append(f"{moved} av {left} {sv} som slutade (väntat {expected:.1f})".replace(".", ","))
            parts_en.append(f"{moved} of {left} {en} who left (expected {expected:.1f})")
    sv, en = _WORDS[str(row["outcome"])]
    return (
        f"Till det andra bolaget gick {' och '.join(parts_sv)}. {sv}",
        f"To the other company went {' and '.join(parts_en)}. {en}",
    )
