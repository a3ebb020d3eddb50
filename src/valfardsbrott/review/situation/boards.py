"""Boards beside one another: money paid against contract follow-up, lines that rules question, contracts' terms."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from sqlalchemy import select
from sqlalchemy.orm import Session

from valfardsbrott.review.models import Provider, ProviderBoard, ProviderEvent, User
from valfardsbrott.review.published import Row, rows_of, store_rows
from valfardsbrott.review.situation.facts import Facts, Subject
from valfardsbrott.review.situation.figures import Limits, Publication, amount
from valfardsbrott.review.situation.period import Period
from valfardsbrott.review.situation.suppression import System
from valfardsbrott.review.visibility import EVERY_BOARD

MONEY = ("paid", "followed", "questioned")
#: A board stands out where its followed share is under half of the others', its questioned share twice theirs, its
#: median price a tenth from theirs, or a quarter more of its contracts lack a ceiling. Starting points: a work list.
HALF, TWICE, TENTH, QUARTER = 0.5, 2.0, 0.1, 0.25


@dataclass(frozen=True)
class FollowUps:
    """Contract follow-ups of a board in the period, and how many of them came unannounced."""

    count: int = 0
    unannounced: int = 0


@dataclass(frozen=True)
class Terms:
    """A board's contracts for a service, with how many providers, median price in ore, share without a ceiling."""

    board: str
    service: str
    contracts: int
    providers: int
    price_ore: float | None
    no_ceiling: float


@dataclass(frozen=True)
class Deviation:
    """Something for the work list: ``own`` against the median of ``others``. ``service`` empty where it is of all."""

    board: str
    kind: str
    own: float
    others: float
    service: str = ""


def money_of(db: Session, facts: Facts, out: Path, boards: Sequence[str], limits: Limits) -> System:
    """Paid, paid to providers that were followed up in the period, and questioned before payment; by board, in ore."""
    parts: dict[str, dict[str, int]] = {name: defaultdict(int) for name in MONEY}
    followed = {one.org_number for one in _events(db, facts)}
    for month in facts.runs:
        for row in rows_of(out / month / "features.parquet", ("org_number", "billed_ore")):
            parts["paid"][row["org_number"]] += row.get("billed_ore") or 0
        for row in rows_of(out / month / "claim_checks.parquet", ("org_number", "certainty", "amount_sek")):
            parts["questioned"][row["org_number"]] += round(float(row["amount_sek"] or 0) * 100)
    parts["followed"] = {org: ore for org, ore in parts["paid"].items() if org in followed}
    system = System()
    for measure in MONEY:
        of = {facts.subjects[org]: ore for org, ore in parts[measure].items() if org in facts.subjects and ore > 0}
        _by_board(system, measure, of, boards, limits)
    for breakdown, category in {key[1:] for key in system.figures}:
        system.limits.append({f"followed|{breakdown}|{category}": 1, f"paid|{breakdown}|{category}": -1})
    return system


def follow_ups_of(db: Session, facts: Facts) -> dict[str, FollowUps]:
    """By board; a follow-up counts with its contract's board, else with the provider's own."""
    found: dict[str, list[bool]] = defaultdict(list)
    for one in _events(db, facts):
        found[one.board_id or facts.subjects[one.org_number].board].append(one.kind == "unannounced")
    return {board: FollowUps(len(kinds), sum(kinds)) for board, kinds in sorted(found.items())}


def terms_of(facts: Facts, store: Path) -> list[Terms]:
    """Contracts in force at the end of the period, by board and service."""
    last = facts.period.last
    groups: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in store_rows(store, "contract", str(last), history=False):
        begins, ends = row["valid_from"], row["valid_to"]
        if (
            row["org_number"] in facts.subjects
            and (not begins or begins <= last.last)
            and (not ends or ends >= last.last)
        ):
            groups[row["board_id"], row["service_code"]].append(row)
    return [_terms(board, service, rows) for (board, service), rows in sorted(groups.items())]


def deviations(
    shown: Publication, follow_ups: Mapping[str, FollowUps], terms: Sequence[Terms], limits: Limits
) -> list[Deviation]:
    """Where a board stands out from the others, by kind and board; only from figures that are shown."""
    paid = {board: value for board in shown.categories["board"] if (value := shown.get("paid", "board", board))}
    shares = {
        "thin_follow_up": _shares(shown, "followed", paid),
        "no_unannounced": {
            board: found.unannounced / found.count
            for board, found in follow_ups.items()
            if board in paid and found.count
        },
        "questioned": _shares(shown, "questioned", paid),
    }
    found = []
    for kind, by_board in shares.items():
        for board, own in by_board.items():
            others = _others(by_board, board)
            if others and (own > TWICE * others if kind == "questioned" else own < HALF * others):
                found.append(Deviation(board, kind, own, others))
    enough = [one for one in terms if one.providers >= limits.providers]
    return found + [deviation for one in enough for deviation in _unlike(one, enough)]


def _unlike(own: Terms, terms: Sequence[Terms]) -> list[Deviation]:
    same = [one for one in terms if one.service == own.service and one.board != own.board]
    prices = [one.price_ore for one in same if one.price_ore is not None]
    found = []
    if prices and own.price_ore is not None and abs(own.price_ore - median(prices)) > TENTH * median(prices):
        found.append(Deviation(own.board, "price", own.price_ore, median(prices), own.service))
    lacking = [one.no_ceiling for one in same]
    if lacking and own.no_ceiling > median(lacking) + QUARTER:
        found.append(Deviation(own.board, "no_ceiling", own.no_ceiling, median(lacking), own.service))
    return found


def _by_board(system: System, measure: str, of: Mapping[Subject, int], boards: Sequence[str], limits: Limits) -> None:
    for board in boards:
        part = {who: ore for who, ore in of.items() if who.board == board}
        system.add(amount((measure, "board", board), part, {f"{measure}|board|{board}": 1}, limits))
    system.add(amount((measure, "total", ""), of, {f"{measure}|total|": 1}, limits))
    system.laws.append({**{f"{measure}|board|{board}": 1 for board in boards}, f"{measure}|total|": -1})


def _events(db: Session, facts: Facts) -> list[ProviderEvent]:
    period = facts.period
    of = select(ProviderEvent).where(
        ProviderEvent.source_table == "contract_follow_up",
        ProviderEvent.date >= period.first.first,
        ProviderEvent.date <= period.last.last,
    )
    return [one for one in db.scalars(of.order_by(ProviderEvent.id)) if one.org_number in facts.subjects]


def _terms(board: str, service: str, rows: Sequence[Row]) -> Terms:
    prices = [row["unit_price_ore"] for row in rows if row["unit_price_ore"] is not None]
    lacking = sum(row["ceiling_ore"] is None for row in rows) / len(rows)
    providers = len({row["org_number"] for row in rows})
    return Terms(board, service or "unknown", len(rows), providers, median(prices) if prices else None, lacking)


def _shares(shown: Publication, measure: str, paid: Mapping[str, int]) -> dict[str, float]:
    values = {board: shown.get(measure, "board", board) for board in paid}
    return {board: value / paid[board] for board, value in values.items() if value is not None}


def _others(by_board: Mapping[str, float], board: str) -> float | None:
    """The median of the other boards, None where there are none."""
    rest = [value for other, value in by_board.items() if other != board]
    return median(rest) if rest else None


def unfollowed(db: Session, period: Period, user: User, most: int = 50) -> list[Provider]:
    """Providers of the user's boards without a contract follow-up in the period, who billed the most first.

    For those who may see providers: nothing of it goes into the document.
    """
    seen = select(ProviderEvent.org_number).where(
        ProviderEvent.source_table == "contract_follow_up",
        ProviderEvent.date >= period.first.first,
        ProviderEvent.date <= period.last.last,
    )
    wanted = select(Provider).where(Provider.org_number.not_in(seen), Provider.billed_ore > 0)
    if EVERY_BOARD not in user.boards:
        mine = select(ProviderBoard.org_number).where(ProviderBoard.board_id.in_(user.boards))
        wanted = wanted.where(Provider.org_number.in_(mine))
    return list(db.scalars(wanted.order_by(Provider.billed_ore.desc(), Provider.org_number).limit(most)))
