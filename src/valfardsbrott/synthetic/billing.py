"""What is billed for the visits that a delivery brings: claim lines and the invoices or runs that carry them."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from valfardsbrott.synthetic import columns as make
from valfardsbrott.synthetic.arrays import Column, Flags, Ints, Random, Texts, kept, scrambled, stream
from valfardsbrott.synthetic.columns import Table
from valfardsbrott.synthetic.ownership import account_at
from valfardsbrott.synthetic.registers import board_ids
from valfardsbrott.synthetic.rows import Visits
from valfardsbrott.synthetic.services import NIGHT, PRICE_ORE, SERVICES
from valfardsbrott.synthetic.timeline import DAY, FIRST_DAY, NEVER, month_of_day
from valfardsbrott.synthetic.world import City

#: ``kind`` of a document.
ORDINARY, CREDIT, REISSUE, EXTRA = range(4)
PREFIX = "F{:03d}"


@dataclass
class Lines:
    """``quantity`` in 1/10 000 of the unit; ``document`` groups the lines of one invoice."""

    provider: Ints
    recipient: Ints
    board: Ints
    service: Ints
    period: Ints
    quantity: Ints
    price_ore: Ints
    kind: Ints
    contract: Ints

    def __len__(self) -> int:
        return len(self.provider)

    @property
    def amount_ore(self) -> Ints:
        """Quantity times price, halves of an ore away from zero."""
        product = self.quantity * self.price_ore
        amount: Ints = np.sign(product) * ((np.abs(product) + 5_000) // 10_000)
        return amount

    def take(self, rows: Column) -> Lines:
        return Lines(*(getattr(self, field.name)[rows] for field in fields(self)))

    def plus(self, *more: Lines) -> Lines:
        return Lines(*(np.concatenate([getattr(part, field.name) for part in (self, *more)]) for field in fields(self)))


def honest_lines(city: City, month: int, rows: Visits) -> Lines:
    """One line for each recipient, service and period: registered time by the hour, nights by visit.

    A provider under LOV is paid from the visits to the minute; one that invoices rounds hours to two decimals.
    """
    paid = rows.done
    decision, period = rows.decision[paid], month_of_day(rows.start[paid] // DAY)
    decisions = np.int64(len(city.decisions.spell))
    key = (rows.provider[paid] * decisions + decision) * 8 + (month - period).clip(0, 7)
    keys, place = np.unique(key, return_inverse=True)
    minutes = np.bincount(place, rows.minutes[paid], len(keys)).astype(np.int64)
    visits = np.bincount(place, minlength=len(keys))
    provider, decision = keys // 8 // decisions, keys // 8 % decisions
    service = city.decisions.service[decision]
    spell = city.decisions.spell[decision]
    client = city.cases.recipient[spell]
    board = city.clients.district[client]
    contract = city.contracts.find(provider, board, service)
    price = np.where(contract >= 0, city.contracts.price_ore[contract], PRICE_ORE[service])
    invoiced = city.firms.law[provider] != "LOV"
    hours = np.where(invoiced, (minutes * 100 + 30) // 60 * 100, (minutes * 10_000 + 30) // 60)
    return Lines(
        provider, city.clients.person[client], board, service, month - keys % 8,
        np.where(service == NIGHT, visits * 10_000, hours), price,
        np.zeros(len(keys), dtype=np.int64), contract,
    )  # fmt: skip


def honest_errors(lines: Lines, rng: Random) -> Lines:
    """Invoicing providers mistype a few quantities and, seldom, a price."""
    wrong = rng.random(len(lines)) < 0.002
    lines.quantity = np.where(
        wrong, lines.quantity * rng.choice([95, 103, 105, 110], len(lines)) // 100, lines.quantity
    )
    dear = rng.random(len(lines)) < 0.0005
    lines.price_ore = np.where(dear, lines.price_ore + rng.integers(-2, 6, len(lines)) * 100, lines.price_ore)
    return lines


def corrections(city: City, month: int, lines: Lines) -> Lines:
    """This month's credits and new lines for some of last month's, made from last month's stream so that they agree."""
    rng = stream(city.seed, "corrections", month)
    picked = np.flatnonzero((rng.random(len(lines)) < 0.004) & (city.firms.law[lines.provider] != "LOV"))
    credit, again = lines.take(picked), lines.take(picked)
    credit.quantity, credit.kind = -credit.quantity, np.full(len(picked), CREDIT)
    again.quantity = again.quantity * rng.integers(88, 100, len(picked)) // 10_000 * 100
    again.kind = np.full(len(picked), REISSUE)
    return lines.plus(credit, again)


def documents(lines: Lines) -> tuple[Ints, Ints]:
    """Document of each line and the first line of each document: one for each provider, board and kind."""
    key = (lines.provider * 64 + lines.board) * 4 + lines.kind
    _, first, document = np.unique(key, return_index=True, return_inverse=True)
    return document, first


def invoice_tables(city: City, month: int, lines: Lines) -> tuple[Table, Table]:
    """The month's ``invoice`` and ``claim_line`` tables."""
    document, first = documents(lines)
    heads = lines.take(first)
    base = np.int64(month) << 22
    invoice = scrambled(base + np.arange(len(first)), city.seed)
    total = np.bincount(document, lines.amount_ore, len(first)).astype(np.int64)
    line_order = np.lexsort((lines.period, lines.service, lines.recipient, invoice[document]))
    sorted_lines, of = lines.take(line_order), document[line_order]
    return (
        _invoices(city, month, heads, total, invoice),
        {
            "line_id": make.numbered(f"R{month:03d}-", np.arange(len(lines)) + 1, 7),
            "invoice_id": make.numbered(PREFIX.format(month), invoice[of], 10),
            "org_number": make.text(city.firms.org[sorted_lines.provider]),
            "recipient_id": city.people(sorted_lines.recipient),
            "service_code": make.picked(SERVICES, sorted_lines.service), "period": _months(sorted_lines.period),
            "quantity": make.decimals(sorted_lines.quantity, 4),
            "unit_code": make.picked(("HUR", "VIS"), (sorted_lines.service == NIGHT).astype(np.int64)),
            "unit_price_sek": make.money(sorted_lines.price_ore), "amount_sek": make.money(sorted_lines.amount_ore),
        },
    )  # fmt: skip


def _invoices(city: City, month: int, heads: Lines, total: Ints, invoice: Ints) -> Table:
    rng = stream(city.seed, "invoices", month)
    prefix, order = PREFIX.format(month), np.argsort(invoice, kind="stable")
    close, count = int(FIRST_DAY[month + 1]), len(heads)
    firm = heads.provider
    lov: Flags = city.firms.law[firm] == "LOV"
    account = account_at(city.owners.accounts, close - 1, len(city.firms))[firm]
    issued = np.where(lov, close - 1, close - rng.integers(1, 4, count))
    credited = np.full(count, -1, dtype=np.int64)
    plain = {
        (int(f), int(b)): k
        for k, (f, b, kind) in enumerate(zip(firm, heads.board, heads.kind, strict=True))
        if kind == ORDINARY
    }
    for place in np.flatnonzero(heads.kind == CREDIT).tolist():
        credited[place] = plain.get((int(firm[place]), int(heads.board[place])), -1)
    table = {
        "invoice_id": make.numbered(prefix, invoice, 10), "org_number": make.text(city.firms.org[firm]),
        "invoice_number": make.text(invoice_numbers(city, month, heads)), "issue_date": make.dates(issued),
        "due_date": make.dates(np.where(lov, close + 5, issued + 30)),
        "period_from": make.dates(np.full(count, FIRST_DAY[month])), "period_to": make.dates(np.full(count, close - 1)),
        "board_id": make.picked(board_ids(np.arange(64)), heads.board),
        "contract_id": make.picked(city.contracts.label, np.where(lov, -1, heads.contract)),
        "total_sek": make.money(total), "account_number": make.text(account),
        "payee_org_number": make.text(payees(city, month)[firm]),
        "credit_of": make.picked(make.numbered(prefix, invoice, 10), credited),
        "source": make.picked(("reimbursement_run", "peppol"), (~lov).astype(np.int64)),
    }  # fmt: skip
    return make.only(table, order)


def payees(city: City, month: int) -> Texts:
    """The organisation that each provider's bills are paid to where it is another: a factor, or what a scheme says."""
    made = kept(city.factors[city.factor], city.factor >= 0)
    for since, firm, org in city.payees:
        if since <= month:
            made[firm] = org
    return made


def invoice_numbers(city: City, month: int, heads: Lines) -> np.ndarray:
    """Runs have numbers of the city; who invoices numbers in sequence, with other customers' invoices between."""
    firm = heads.provider
    pace = 25 + scrambled(firm, city.seed + 1) % 60
    start = 1000 + scrambled(firm, city.seed + 2) % 20_000
    order = np.lexsort((heads.kind, heads.board, firm))
    turn = np.empty(len(firm), dtype=np.int64)
    sorted_firm = firm[order]
    first = np.searchsorted(sorted_firm, sorted_firm)
    step = 1 + scrambled(firm[order] * 1000 + month, city.seed + 3) % 3
    turn[order] = (np.arange(len(firm)) - first) * step
    number = start + (month + 12) * pace + turn
    lov = city.firms.law[firm] == "LOV"
    return np.array(
        [f"ERS-{month:03d}-{f:05d}-{b:02d}" if run else str(n)
         for f, b, n, run in zip(firm.tolist(), heads.board.tolist(), number.tolist(), lov.tolist(), strict=True)],
        dtype=object,
    )  # fmt: skip


def _months(index: Ints) -> Column:
    made: Column = make.dates(FIRST_DAY[np.clip(index, 0, NEVER)])
    return made
