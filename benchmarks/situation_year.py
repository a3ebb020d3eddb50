"""A year of a made-up city's control unit: cases decided, and a plan approved, through the application's functions.

    python benchmarks/situation_year.py CITY RUNS [--seed 7]

on a generated city and its published months, as benchmarks/README.md has them; then `valfardsbrott situation make`.

Who decides knows the generator's truth and is right nine times of ten.
What the generator plants is not what a city has.
"""

from __future__ import annotations

import argparse
import csv
import datetime as dt
import random
from collections import defaultdict
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from valfardsbrott.domain import Month
from valfardsbrott.review import cases, database, decisions, demo
from valfardsbrott.review.decisions import Draft
from valfardsbrott.review.importing import import_month
from valfardsbrott.review.models import Board, Case, DecisionKind, NetworkProvider, State, User
from valfardsbrott.review.published import published_months
from valfardsbrott.review.settings import ReviewSettings
from valfardsbrott.review.situation import plan
from valfardsbrott.review.situation.kinds import templates

RIGHT = 0.9
FACTORS = {
    "S01": "weak_receipt_rules", "S02": "weak_receipt_rules", "S03": "weak_receipt_rules",
    "S06": "weak_invoice_control",
    "S12": "false_registration", "S13": "false_registration", "S14": "missing_ownership_check",
    "S16": "weak_invoice_control", "S17": "weak_invoice_control", "S21": "missing_ownership_check",
}  # fmt: skip


def truth(city: Path) -> dict[str, list[tuple[str, str]]]:
    """Organisation number -> the schemes it was given and from which month."""
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    with (city / "truth" / "providers.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            found[row["org_number"]].append((row["scheme"], row["from_month"]))
    return found


def decide(db: Session, planted: dict[str, list[tuple[str, str]]], month: str, draw: random.Random) -> None:
    """Decide nine tenths of the month's new cases, dated in the month after or, of the last, its last day."""
    people = {one.subject: one for one in db.scalars(select(User))}
    anna, lena = people["demo:anna"], people["demo:lena"]
    for case in db.scalars(select(Case).where(Case.state == State.HIT, Case.month == month).order_by(Case.id)).unique():
        if draw.random() > 0.9:
            continue
        orgs = [case.entity_id] if case.entity_type == "provider" else list(
            db.scalars(select(NetworkProvider.org_number).where(NetworkProvider.network_id == case.entity_id))
        )  # fmt: skip
        schemes = sorted({scheme for org in orgs for scheme, since in planted.get(org, ()) if since <= month})
        guilty = bool(schemes) == (draw.random() < RIGHT)
        cases.move(db, case, anna, State.INITIAL, "Läst skälen.")
        cases.move(db, case, anna, State.IN_DEPTH, "Behöver underlag.")
        for feature in decisions.to_try(case):
            decisions.check_innocence(db, case, anna, feature, finding="does_not_explain", text="Prövad.")
        db.flush()
        made = decisions.propose(db, case, anna, case.version, draft(case, schemes if guilty else [], guilty, draw))
        if made.kind in decisions.FOUR_EYES:
            decisions.approve(db, case, lena, made, "Läst underlaget.")
        made.decided_at = dt.datetime.combine(Month.parse(month).last, dt.time(12), dt.UTC)
        db.flush()


def draft(case: Case, schemes: list[str], guilty: bool, draw: random.Random) -> Draft:
    if not guilty:
        kind = DecisionKind.INSUFFICIENT if draw.random() < 0.15 else DecisionKind.CLEAR
        return Draft(kind, "Förklarat av verksamheten.")
    kind = DecisionKind.REFER if draw.random() < 0.2 else DecisionKind.CONFIRM
    amount = round((case.amount_ore or 0) * draw.uniform(0.2, 0.8))
    factors = sorted({FACTORS.get(scheme, "missing_follow_up") for scheme in schemes})
    return Draft(
        kind, "Underlaget visar fel.", amount_ore=amount, schemes=tuple(schemes), enabling_factors=tuple(factors),
        hearing_waived="Hörd i samband med uppföljning.",
    )  # fmt: skip


def write_plan(db: Session) -> None:
    """A plan with causes, measures, an indicator of each kind and outcomes; the last board has not answered."""
    people = {one.subject: one for one in db.scalars(select(User))}
    anna, lena = people["demo:anna"], people["demo:lena"]
    boards = list(db.scalars(select(Board.board_id).order_by(Board.board_id)))
    wanted: list[tuple[str, dict[str, str | list[str]], str | None]] = [
        ("cause", {
            "about": "weak_receipt_rules", "stopped_at": "visit", "dated": "2026-11-01",
            "text": "Besök som registreras för hand godtas utan orsak, och tider kan ändras efter månadens slut. "
            "Därför syns inte ett besök som aldrig blev av.",
            "sources": "Beslut i periodens ärenden\nAvtal om hemtjänst, bilaga om tidsregistrering",
        }, None),
        ("cause", {
            "about": "missing_ownership_check", "stopped_at": "procurement", "dated": "2026-11-01",
            "text": "Ägare och ledning prövas när avtalet tecknas men inte när de byts.",
            "sources": "Beslut i periodens ärenden",
        }, None),
        *(("measure", {**one, "ends": "2027-06-30", "begins": "2026-12-01", "progress": "done" if at < 2 else "ongoing",
                       "figures": ["confirmed", "followed"]},
          boards[at % len(boards)] if at else None)
          for at, one in enumerate(templates().values())),
        ("indicator", {"title": "Uppföljd andel", "definition": "Andel av utbetalt belopp som gått till utförare som "
                       "följts upp under perioden.", "unit": "share", "better": "higher",
                       "computed": "followed_share"}, None),
        ("indicator", {"title": "Utbildade medarbetare", "definition": "Andel som gått utbildningen.",
                       "unit": "share", "better": "higher"}, None),
        ("target", {"indicator": "Uppföljd andel", "year": "2026", "target": "0,5"}, None),
        ("target", {"indicator": "Utbildade medarbetare", "year": "2026", "target": "0,8", "partly": "0,6"}, None),
        *(("outcome", {"indicator": "Utbildade medarbetare", "year": "2026", "value": str(0.9 - 0.2 * at),
                       "source": "Lönesystemet, 2026-10-31"}, board) for at, board in enumerate(boards[:-1])),
        ("agreement", {"counterpart": "police", "title": "Överenskommelse om välfärdsbrott", "since": "2026-03-01",
                       "covers": "Kontaktvägar och återkoppling i ärenden."}, None),
    ]  # fmt: skip
    for kind, given, board in wanted:
        plan.decide(db, lena, plan.propose(db, anna, kind, given, board).entry, "Stämmer.", approve=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("city", type=Path)
    parser.add_argument("runs", type=Path)
    parser.add_argument("--seed", type=int, default=7)
    given = parser.parse_args()
    settings = ReviewSettings(out=given.runs)
    engine = database.connect(settings.database)
    database.upgrade(engine)
    make, planted, draw = database.sessions(engine), truth(given.city), random.Random(given.seed)
    with database.work(make) as db:
        demo.prepare(db)
    for month in published_months(given.runs):
        import_month(make, month, settings)
        with database.work(make) as db:
            decide(db, planted, month, draw)
    with database.work(make) as db:
        write_plan(db)


if __name__ == "__main__":
    main()
