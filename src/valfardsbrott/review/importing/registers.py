"""What is needed around the cases: boards by name, providers and their boards, networks, follow-up and deviations."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from valfardsbrott.domain import Month
from valfardsbrott.review.models import Board, NetworkProvider, Provider, ProviderBoard, ProviderEvent
from valfardsbrott.review.published import Published, Row, store_rows

_SPINE = ("name", "board_id", "district", "service_code", "size_class", "billed_ore")


def take_over_registers(db: Session, result: Published, store: Path) -> dict[str, int]:
    """How many of each were taken over. A provider keeps what its newest month says, whatever order months come in."""
    providers = {row["org_number"]: row for row in result.providers()}
    contracts = [row for row in store_rows(store, "contract", result.month, history=False) if _valid(row, result.month)]
    _boards(db, store_rows(store, "board", result.month, history=False), providers.values())
    newer = _providers(db, result.month, providers)
    _provider_boards(db, {org: providers[org] for org in newer}, contracts)
    networks = _networks(db, result)
    events = _events(db, set(providers), store, result.month)
    return {"providers": len(newer), "networks": networks, "events": events}


def _boards(db: Session, named: list[Row], providers: Iterable[Row]) -> None:
    for row in named:
        db.merge(Board(board_id=row["board_id"], name=row["name"] or row["board_id"], district=row.get("district")))
    known = {row["board_id"] for row in named}
    for board_id in sorted({row["board_id"] for row in providers if row.get("board_id")} - known):
        if db.get(Board, board_id) is None:
            db.add(Board(board_id=board_id, name=board_id))
    db.flush()


def _providers(db: Session, month: str, rows: dict[str, Row]) -> list[str]:
    """Write those that no later month has been imported of; their organisation numbers."""
    there = {each.org_number: each for each in db.scalars(select(Provider))}
    taken = []
    for org, row in rows.items():
        kept = there.get(org)
        if kept is not None and kept.month > month:
            continue
        kept = kept or Provider(org_number=org)
        for name in _SPINE:
            setattr(kept, name, row.get(name))
        kept.name, kept.month = row.get("name") or org, month
        kept.sole_trader = bool(row.get("sole_trader"))
        db.add(kept)
        taken.append(org)
    db.flush()
    return taken


def _provider_boards(db: Session, providers: dict[str, Row], contracts: list[Row]) -> None:
    pairs = {(row["org_number"], row["board_id"]) for row in contracts if row["org_number"] in providers}
    pairs |= {(org, row["board_id"]) for org, row in providers.items()}
    there = {(org, board) for org, board in db.execute(select(ProviderBoard.org_number, ProviderBoard.board_id))}
    wanted = {(org, board) for org, board in pairs if board}
    db.add_all(ProviderBoard(org_number=org, board_id=board) for org, board in sorted(wanted - there))
    for org, board in sorted(each for each in there - wanted if each[0] in providers):
        db.execute(delete(ProviderBoard).where(ProviderBoard.org_number == org, ProviderBoard.board_id == board))
    db.flush()


def _networks(db: Session, result: Published) -> int:
    db.execute(delete(NetworkProvider).where(NetworkProvider.month == result.month))
    pairs = {(row["network_id"], row["node_id"]) for row in result.network_providers() if row["role"] == "member"}
    db.add_all(NetworkProvider(network_id=one, month=result.month, org_number=org) for one, org in sorted(pairs))
    return len({network for network, _ in pairs})


def _events(db: Session, known: set[str], store: Path, month: str) -> int:
    """Follow-ups and deviations up to the month, of providers that are published: a protected one has none here."""
    contracts = {row["contract_id"]: row for row in store_rows(store, "contract", month, history=True)}
    found = [
        _follow_up(row, contracts.get(row["contract_id"], {})) for row in _rows(store, "contract_follow_up", month)
    ]
    found += [_deviation(row) for row in _rows(store, "deviation", month)]
    known_rows = db.execute(select(ProviderEvent.source_table, ProviderEvent.source_id))
    there = {(table, source_id) for table, source_id in known_rows}
    new = {
        (each["source_table"], each["source_id"]): each
        for each in found
        if each["org_number"] in known and each["date"] and (each["source_table"], each["source_id"]) not in there
    }
    db.add_all(ProviderEvent(**each) for each in new.values())
    return len(new)


def _rows(store: Path, table: str, month: str) -> list[Row]:
    return store_rows(store, table, month, history=True)


def _follow_up(row: Row, contract: Row) -> dict[str, Any]:
    return {
        "org_number": contract.get("org_number"), "date": row["date"], "source_table": "contract_follow_up",
        "source_id": row["follow_up_id"], "kind": row["type"], "severity": row["severity"],
        "board_id": contract.get("board_id"),
        "detail": {
            "contract_id": row["contract_id"], "finding_code": row["finding_code"], "sanction": row["sanction"],
            "remedied_on": row["remedied_on"].isoformat() if row["remedied_on"] else None,
            "amount_ore": row["amount_ore"],
        },
    }  # fmt: skip


def _deviation(row: Row) -> dict[str, Any]:
    kept = ("org_number", "date", "kind", "severity", "board_id")
    return {name: row[name] for name in kept} | {"source_table": "deviation", "source_id": row["deviation_id"]}


def _valid(contract: Row, month: str) -> bool:
    at = Month.parse(month)
    begins, ends = contract["valid_from"], contract["valid_to"]
    return begins is not None and begins <= at.last and (ends is None or ends >= at.first)
