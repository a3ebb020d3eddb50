"""What the city itself writes down: follow-ups of contracts, deviations, absences, certificates, known cases."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from valfardsbrott.synthetic import columns as make
from valfardsbrott.synthetic.absences import KINDS, stays_from
from valfardsbrott.synthetic.arrays import Ints, Random, labels, scrambled, stream
from valfardsbrott.synthetic.columns import Table
from valfardsbrott.synthetic.registers import board_ids
from valfardsbrott.synthetic.schemes.money import known_cases
from valfardsbrott.synthetic.timeline import FIRST_DAY, NO_DAY
from valfardsbrott.synthetic.world import City

_FINDINGS = (None, "documentation", "staffing", "care_plan", "time_registration", "medication", "insurance")
_DEVIATIONS = ("deviation", "lex_sarah", "complaint", "tip_off", "ivo_decision", "undue_influence")


def _volume(city: City, month: int) -> Ints:
    """Recipients of each provider in the month."""
    live = (city.cases.start <= month) & (month < city.cases.end)
    return np.bincount(city.cases.provider[live], minlength=len(city.firms))


def contract_follow_up(city: City, month: int) -> Table:
    """Each contract is followed up about every second year, the larger ones oftener."""
    rng = stream(city.seed, "follow-up", month)
    all_ = city.contracts
    live = city.firms.active(month)[all_.provider] & (all_.since < FIRST_DAY[month + 1])
    rate = np.minimum(0.03 + 0.00004 * _volume(city, month)[all_.provider], 0.1)
    per = np.bincount(all_.provider, minlength=len(city.firms))[all_.provider]
    rows = np.flatnonzero(live & (rng.random(len(live)) < rate * 4 / np.maximum(per, 1)))
    severity = rng.choice(4, len(rows), p=[0.62, 0.25, 0.1, 0.03])
    date = rng.integers(FIRST_DAY[month], FIRST_DAY[month + 1], len(rows))
    mended = (severity > 0) & (rng.random(len(rows)) < 0.4)
    remedied = np.where(mended, np.minimum(date + rng.integers(3, 25, len(rows)), FIRST_DAY[month + 1] - 1), NO_DAY)
    sanction = np.where(
        severity == 3, rng.choice([1, 2], len(rows)), np.where((severity == 2) & (rng.random(len(rows)) < 0.2), 1, 0)
    )
    amount = np.where(sanction == 2, rng.integers(2, 40, len(rows)) * 500_000, 0)
    return {
        "follow_up_id": make.numbered(f"U{month:03d}-", np.arange(len(rows)) + 1, 5),
        "contract_id": make.picked(all_.label, rows), "date": make.dates(date),
        "type": make.picked(("planned", "unannounced", "desk"), rng.choice(3, len(rows), p=[0.6, 0.15, 0.25])),
        "finding_code": make.picked(_FINDINGS, np.where(severity > 0, rng.integers(1, 7, len(rows)), 0)),
        "severity": make.integers(severity), "remedied_on": make.dates(remedied),
        "sanction": make.picked(("none", "warning", "penalty", "rescission"), sanction),
        "amount_sek": make.money(amount, amount == 0),
    }  # fmt: skip


def deviation(city: City, month: int) -> Table:
    """Reports by the provider, recipients, staff and the inspectorate, more where there are more recipients."""
    rng = stream(city.seed, "deviation", month)
    volume = _volume(city, month)
    talked = np.ones(len(volume))
    pressed = np.zeros(len(volume))
    for plant in city.planting.plants:
        if plant.month <= month and plant.arm == "single":
            talked[plant.firm] = 1.5
        if plant.month <= month and plant.scheme == "S19":
            pressed[plant.firm] = 0.4
    habit = talked * np.exp(stream(city.seed, "reporting").normal(0, 0.5, len(volume)))  # some report more than others
    firm = np.repeat(np.arange(len(volume)), rng.poisson(volume * 0.03 * habit * (0.12 if city.size.thin else 1)))
    kind = rng.choice(6, len(firm), p=[0.7, 0.04, 0.21, 0.035, 0.01, 0.005])
    reports = np.repeat(np.arange(len(volume)), rng.poisson(pressed))
    kind = np.concatenate([kind, np.full(len(reports), _DEVIATIONS.index("undue_influence"))])
    return deviations(city, month, np.concatenate([firm, reports]), kind, rng)


def deviations(city: City, month: int, firm: Ints, kind: Ints, rng: Random) -> Table:
    """The table for these reports, dated inside the month."""
    severity = np.where(kind == 0, rng.choice(3, len(firm), p=[0.5, 0.38, 0.12]), rng.choice([1, 2, 3], len(firm)))
    order = np.argsort(scrambled(np.arange(len(firm)) + 1000 * month, city.seed))
    return {
        "deviation_id": make.numbered(f"D{month:03d}-", np.arange(len(firm)) + 1, 6),
        "org_number": make.text(city.firms.org[firm[order]]),
        "date": make.dates(rng.integers(FIRST_DAY[month], FIRST_DAY[month + 1], len(firm))),
        "kind": make.picked(_DEVIATIONS, kind[order]), "severity": make.integers(severity[order]),
        "board_id": make.picked(board_ids(np.arange(64)), city.firms.district[firm[order]]),
    }  # fmt: skip


def absence(city: City, month: int) -> Table:
    """Stays that ended in the month, and those that began in it and go on to a day already known."""
    parts = [stays_from(city, begun) for begun in (month - 1, month)]
    close, first = FIRST_DAY[month + 1], FIRST_DAY[month]
    client, kind, since, until = (
        np.concatenate([getattr(part, name) for part in parts]) for name in ("client", "kind", "first", "last")
    )
    rows = np.flatnonzero((until >= first) & (until < close))
    rows = rows[np.lexsort((since[rows], city.persons.number[city.clients.person[client[rows]]]))]
    return {
        "recipient_id": city.people(city.clients.person[client[rows]]), "kind": make.picked(KINDS, kind[rows]),
        "from_date": make.dates(since[rows]), "to_date": make.dates(until[rows]),
    }  # fmt: skip


def certificate(city: City, month: int) -> Table:
    """Training certificates of staff who begin, and medical ones behind some new decisions."""
    staff = city.staff
    begun = np.flatnonzero((staff.start == month) & np.array([value is not None for value in city.certificate]))
    begun = begun[np.unique(city.certificate[begun].astype(str), return_index=True)[1]]
    days = FIRST_DAY[month] - 30 - scrambled(staff.person[begun], city.seed) % 3000
    served, decisions = np.unique(city.decisions.spell, return_index=True)
    new = served[city.cases.new[served] & (city.cases.start[served] == month)]
    new = new[scrambled(new, city.seed + 11) % 4 == 0]
    doctor = city.doctors[scrambled(new, city.seed + 12) % len(city.doctors)]
    doctor = np.where(city.false_doctor[new] >= 0, city.false_doctor[new], doctor)
    subject = np.concatenate([staff.person[begun], city.clients.person[city.cases.recipient[new]]])
    medical = labels("LI-", scrambled(new + 5_000_000, city.seed), 10)
    decision = decisions[np.searchsorted(served, new)]
    org = np.concatenate([city.firms.org[staff.provider[begun]], city.firms.org[city.cases.provider[new]]])
    table = {
        "certificate_id": make.text(np.concatenate([city.certificate[begun], medical])),
        "kind": make.picked(("training", "medical"), (np.arange(len(subject)) >= len(begun)).astype(np.int64)),
        "subject_id": city.people(subject), "org_number": make.text(org),
        "decision_id": pa.concat_arrays(
            [make.same(None, len(begun)), make.numbered("B", city.decision_number[decision], 10)]
        ),
        "issuer_id": city.people(np.concatenate([np.full(len(begun), -1), doctor])),
        "document_hash": make.text(np.concatenate([_hashes(city.certificate[begun]), _hashes(medical)])),
        "issued_on": make.dates(np.concatenate([days, city.first_day[new] - city.lead_days[new] - 5])),
    }  # fmt: skip
    return make.only(table, np.argsort(np.concatenate([city.certificate[begun], medical]).astype(str)))


def known_case(city: City, month: int) -> Table:
    """What was decided in the month about providers looked into before."""
    cases = sorted(known_cases(city, month), key=lambda case: str(city.firms.org[case[0]]))
    firm = np.array([case[0] for case in cases], dtype=np.int64)
    day = FIRST_DAY[month] + scrambled(firm, city.seed + month) % 27
    return {
        "org_number": make.text(city.firms.org[firm]), "decided_on": make.dates(day),
        "outcome": pa.array([case[1] for case in cases], pa.string()), "source": make.same("control_unit", len(firm)),
    }  # fmt: skip


def _hashes(names: np.ndarray) -> np.ndarray:
    from hashlib import blake2s

    return np.array([blake2s(str(name).encode(), digest_size=16).hexdigest() for name in names], dtype=object)
