"""The registers as a month's delivery shows them: nothing that happens later is in them."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from valfardsbrott.synthetic import columns as make
from valfardsbrott.synthetic.arrays import Ints, kept, labels
from valfardsbrott.synthetic.columns import Table
from valfardsbrott.synthetic.names import BOARD_WORDS, CITY
from valfardsbrott.synthetic.ownership import ROLES
from valfardsbrott.synthetic.services import LSS, SERVICES
from valfardsbrott.synthetic.timeline import FIRST_DAY, NO_DAY
from valfardsbrott.synthetic.world import FAMILY, City

_SNI = ("88.101", "88.102", "88.102")
BOARDS = tuple(f"{word}stads nämnd" for word in BOARD_WORDS)


def known(days: Ints, close: int) -> Ints:
    """Days up to the delivery's close; later ones are not known yet."""
    return np.where(days < close, days, NO_DAY)


def board_ids(codes: Ints) -> list[str]:
    return [str(label) for label in labels("N", codes + 1, 2)]


def provider(city: City, month: int) -> Table:
    """Every company that has been registered, with what has changed up to the month."""
    firms, close = city.firms, int(FIRST_DAY[month + 1])
    look = city.looks_at(month)
    who = np.flatnonzero((firms.registered < close) & (firms.start <= month + 1) & (firms.exit >= month - 18))
    who = who[np.argsort(firms.org[who])]
    building = look.building[who]
    gone = known(firms.gone_on[who], close)
    reason = kept(firms.gone_reason[who], gone < NO_DAY)
    return {
        "org_number": make.text(firms.org[who]), "name": make.text(firms.name[who]),
        "legal_form": make.text(firms.form[who]), "registered_on": make.dates(firms.registered[who]),
        "deregistered_on": make.dates(gone), "deregistration_reason": make.text(reason),
        "sni_code": make.picked(_SNI, firms.kind[who]), "street": make.text(city.land.street[building]),
        "postal_code": make.integers(city.land.postal[building]).cast(pa.string()), "city": make.same(CITY, len(who)),
        "phone": make.text(look.phone[who]), "email": make.text(look.email[who]), "f_tax": make.flags(look.f_tax[who]),
        "vat_registered": make.flags(firms.vat[who]), "employer_registered": make.flags(look.employer[who]),
        "enforcement_debt_sek": make.money(look.debt_ore[who]),
    }  # fmt: skip


def provider_role(city: City, month: int) -> Table:
    roles, close = city.owners.roles, int(FIRST_DAY[month + 1])
    rows = np.flatnonzero((roles.since < close) & _listed(city, roles.provider, month))
    rows = rows[np.lexsort((roles.since[rows], roles.person[rows], roles.role[rows], roles.provider[rows]))]
    return {
        "org_number": make.text(city.firms.org[roles.provider[rows]]), "person_id": city.people(roles.person[rows]),
        "role": make.picked(ROLES, roles.role[rows]), "from_date": make.dates(roles.since[rows]),
        "to_date": make.dates(known(roles.until[rows], close)),
    }  # fmt: skip


def _listed(city: City, provider: Ints, month: int) -> np.ndarray:
    firms = city.firms
    return (firms.start[provider] <= month + 1) & (firms.exit[provider] >= month - 18)


def payment_account(city: City, month: int) -> Table:
    accounts, close = city.owners.accounts, int(FIRST_DAY[month + 1])
    rows = np.flatnonzero((accounts.since < close) & _listed(city, accounts.provider, month))
    rows = rows[np.lexsort((accounts.number[rows], accounts.since[rows], city.firms.org[accounts.provider[rows]]))]
    return {
        "org_number": make.text(city.firms.org[accounts.provider[rows]]),
        "account_type": make.same("bankgiro", len(rows)),
        "account_number": make.text(accounts.number[rows]), "from_date": make.dates(accounts.since[rows]),
        "to_date": make.dates(known(accounts.until[rows], close)),
    }  # fmt: skip


def corporate_group(city: City, month: int) -> Table:
    rows = [row for row in sorted(city.groups) if row[2] < FIRST_DAY[month + 1]]
    firm = np.array([row[1] for row in rows], dtype=np.int64)
    return {
        "org_number": make.text(city.firms.org[firm]),
        "group_id": pa.array([f"K{row[0]:05d}" for row in rows], pa.string()),
        "from_date": make.dates(np.array([row[2] for row in rows], dtype=np.int64)),
        "to_date": make.dates(np.full(len(rows), NO_DAY)),
    }  # fmt: skip


def business_transfer(city: City, month: int) -> Table:
    rows = [row for row in sorted(city.transfers) if row[2] < FIRST_DAY[month + 1]]
    one, other, day = (np.array([row[place] for row in rows], dtype=np.int64) for place in range(3))
    return {
        "from_org_number": make.text(city.firms.org[one]), "to_org_number": make.text(city.firms.org[other]),
        "date": make.dates(day), "kind": pa.array([row[3] for row in rows], pa.string()),
    }  # fmt: skip


def permit(city: City, month: int) -> Table:
    permits, close = city.permits, int(FIRST_DAY[month + 1])
    rows = np.flatnonzero((permits.since < close) & _listed(city, permits.provider, month))
    rows = rows[np.argsort(city.firms.org[permits.provider[rows]])]
    return {
        "org_number": make.text(city.firms.org[permits.provider[rows]]),
        "permit_number": make.text(permits.label[rows]),
        "service_code": make.same(None, len(rows)), "valid_from": make.dates(permits.since[rows]),
        "valid_to": make.dates(permits.until[rows]), "revoked_on": make.dates(known(permits.revoked[rows], close)),
    }  # fmt: skip


def board(city: City, _month: int) -> Table:
    codes = np.arange(city.size.districts)
    return {
        "board_id": make.text(np.array(board_ids(codes), dtype=object)),
        "name": make.picked(BOARDS, codes), "district": make.picked([f"{word}stad" for word in BOARD_WORDS], codes),
    }  # fmt: skip


def contract(city: City, month: int) -> Table:
    all_, close = city.contracts, int(FIRST_DAY[month + 1])
    rows = np.flatnonzero((all_.signed < close) & _listed(city, all_.provider, month))
    rows = rows[np.argsort(all_.label[rows])]
    return {
        "contract_id": make.text(all_.label[rows]), "org_number": make.text(city.firms.org[all_.provider[rows]]),
        "board_id": make.picked(board_ids(np.arange(64)), all_.board[rows]), "law": make.text(all_.law[rows]),
        "service_code": make.picked(SERVICES, all_.service[rows]), "signed_on": make.dates(all_.signed[rows]),
        "valid_from": make.dates(all_.since[rows]), "valid_to": make.dates(all_.until[rows]),
        "ceiling_sek": make.money(all_.ceiling_ore[rows], all_.ceiling_ore[rows] == 0),
        "unit_price_sek": make.money(all_.price_ore[rows]),
    }  # fmt: skip


def care_decision(city: City, month: int) -> Table:
    """Decisions in force some time in the last 13 months. The end is known once it has come, or when a year was set."""
    close = int(FIRST_DAY[month + 1])
    spell = city.decisions.spell
    rows = np.flatnonzero((city.first_day[spell] < close) & (city.last_day[spell] >= FIRST_DAY[max(month - 12, 0)]))
    rows = rows[np.argsort(city.decision_number[rows])]
    spell = spell[rows]
    client = city.cases.recipient[spell]
    service = city.decisions.service[rows]
    return {
        "decision_id": make.numbered("B", city.decision_number[rows], 10),
        "recipient_id": city.people(city.clients.person[client]),
        "board_id": make.picked(board_ids(np.arange(64)), city.clients.district[client]),
        "law": make.picked(("SoL", "LSS"), LSS[service].astype(np.int64)),
        "service_code": make.picked(SERVICES, service),
        "granted_minutes_month": make.integers(city.decisions.granted[rows]),
        "valid_from": make.dates(city.first_day[spell]), "valid_to": make.dates(known(city.last_day[spell], close)),
        "decided_on": make.dates(city.first_day[spell] - city.lead_days[spell]),
        "case_worker_id": city.people(city.case_worker[spell]),
        "org_number": make.text(city.firms.org[city.cases.provider[spell]]),
        "double_staffing": make.flags(city.decisions.double[rows]),
    }  # fmt: skip


def staff(city: City, month: int) -> Table:
    """Everybody employed some time in the last twelve months."""
    force, close = city.staff, int(FIRST_DAY[month + 1])
    rows = np.flatnonzero((force.start <= month) & (force.end > month - 12))
    rows = rows[
        np.lexsort((city.since[rows], city.persons.number[force.person[rows]], city.firms.org[force.provider[rows]]))
    ]
    ended = np.where(
        force.end[rows] <= month + 1, FIRST_DAY[np.clip(force.end[rows], 0, len(FIRST_DAY) - 1)] - 1, NO_DAY
    )
    return {
        "staff_id": city.people(force.person[rows]), "org_number": make.text(city.firms.org[force.provider[rows]]),
        "employed_from": make.dates(city.since[rows]), "employed_to": make.dates(known(ended, close)),
        "employment_pct": make.decimals(city.percent[rows] * 100, 2), "phone": make.text(city.staff_phone[rows]),
        "certificate_id": make.text(city.certificate[rows]),
    }  # fmt: skip


def person(city: City, month: int) -> Table:
    """The population register for everybody whom another table of the year names."""
    people, close = city.persons, int(FIRST_DAY[month + 1])
    who = city.named(month)
    who = who[np.argsort(people.number[who])]
    moved = (people.moved_on[who] < close) & (people.moved_on[who] <= people.gone_on[who])
    dwelling = np.where(moved, people.moved_to[who], people.dwelling[who])
    building = city.land.home[dwelling]
    gone = known(people.gone_on[who], close)
    return {
        "person_id": city.people(who), "dwelling_id": make.text(city.land.dwelling_labels(dwelling, city.seed)),
        "street": make.text(city.land.street[building]),
        "postal_code": make.integers(city.land.postal[building]).cast(pa.string()), "city": make.same(CITY, len(who)),
        "registered_from": make.dates(np.where(moved, people.moved_on[who], people.registered[who])),
        "deregistration_reason": make.text(kept(people.gone_code[who], gone < NO_DAY)),
        "deregistered_on": make.dates(gone), "secrecy_marked": make.flags(people.protected[who] & (who % 3 > 0)),
        "protected_registration": make.flags(people.protected[who] & (who % 3 == 0)),
    }  # fmt: skip


def person_relation(city: City, month: int) -> Table:
    """Families of owners, staff and recipients, both ways, of those who are in the month's person table."""
    listed = np.zeros(len(city.persons), dtype=bool)
    listed[city.named(month)] = True
    one, other, kind = (np.array([row[place] for row in city.families], dtype=np.int64) for place in range(3))
    back = np.array([FAMILY.index("F"), FAMILY.index("B"), FAMILY.index("M")])[kind]
    who, related = np.concatenate([one, other]), np.concatenate([other, one])
    kinds = np.concatenate([kind, back])
    rows = np.flatnonzero(listed[who] & listed[related])
    rows = rows[np.lexsort((kinds[rows], city.persons.number[related[rows]], city.persons.number[who[rows]]))]
    return {
        "person_id": city.people(who[rows]), "related_person_id": city.people(related[rows]),
        "relation": make.picked(FAMILY, kinds[rows]),
    }  # fmt: skip


REGISTERS = (
    provider, provider_role, payment_account, corporate_group, business_transfer, permit, board, contract,
    care_decision, staff, person, person_relation,
)  # fmt: skip
