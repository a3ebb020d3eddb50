"""Each scheme leaves its trace at the provider that runs it, and was not there without it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from valfardsbrott.synthetic import registers
from valfardsbrott.synthetic.billing import honest_lines
from valfardsbrott.synthetic.columns import Table
from valfardsbrott.synthetic.companies import ASSISTANCE, HOME_CARE
from valfardsbrott.synthetic.delivery import visits_of
from valfardsbrott.synthetic.follow_up import certificate, deviation
from valfardsbrott.synthetic.payroll import payroll
from valfardsbrott.synthetic.planting import Planting
from valfardsbrott.synthetic.rows import DECLINED, MANUAL
from valfardsbrott.synthetic.schemes.money import billed
from valfardsbrott.synthetic.timeline import ANCHOR, DAY, FIRST_DAY
from valfardsbrott.synthetic.world import City

World = Callable[[str | None, int], tuple[City, int]]
Visits = Callable[[str | None, int], pd.DataFrame]


def _gaps(rows: pd.DataFrame) -> pd.DataFrame:
    """Done visits with the minutes since the same worker's visit before and whether that was in another building."""
    rows = rows[rows["done"] & (rows["minutes"] > 0)].sort_values(["staff", "start"])
    before = rows.groupby("staff")[["end", "place"]].shift()
    return rows.assign(gap=rows["start"] - before["end"], moved=rows["place"] != before["place"]).dropna(subset=["gap"])


def _overlap(rows: pd.DataFrame) -> float:
    gaps = _gaps(rows)
    return float(-gaps["gap"].clip(upper=0).sum() / rows["minutes"].sum())


def _of(table: Table, city: City, firm: int) -> pd.DataFrame:
    frame = pd.DataFrame({name: column.to_pylist() for name, column in table.items()})
    mine: pd.DataFrame = frame[frame["org_number"] == str(city.firms.org[firm])]
    return mine


def test_unperformed_visits_put_workers_in_two_homes_at_once(visits: Visits) -> None:
    assert _overlap(visits("S01", HOME_CARE)) > 0.1 > 10 * _overlap(visits(None, HOME_CARE))


def test_relocated_tags_are_read_without_a_trip_between(visits: Visits) -> None:
    def without_trip(rows: pd.DataFrame) -> float:
        gaps = _gaps(rows)
        return float((gaps["moved"] & gaps["gap"].between(0, 1)).mean())

    assert without_trip(visits("S02", HOME_CARE)) > 0.3 > 3 * without_trip(visits(None, HOME_CARE))


def test_inflated_visits_are_typed_edited_and_longer(visits: Visits) -> None:
    false, honest = visits("S03", HOME_CARE), visits(None, HOME_CARE)
    assert (false["end_receipt"] == MANUAL).mean() > (honest["end_receipt"] == MANUAL).mean() + 0.3
    assert (false["edited"] > 0).mean() > (honest["edited"] > 0).mean() + 0.3
    assert false["minutes"].sum() > 1.2 * honest["minutes"].sum()


def test_ceiling_fills_the_grant(world: World, visits: Visits) -> None:
    city, _ = world("S04", HOME_CARE)

    def full(rows: pd.DataFrame) -> float:
        done = rows[rows["done"] & (rows["start"] >= FIRST_DAY[ANCHOR] * DAY)].groupby("decision")["minutes"].sum()
        ratio = done / city.decisions.granted[done.index.to_numpy()]
        return float(ratio.between(0.96, 1.0).mean())

    assert full(visits("S04", HOME_CARE)) > 0.5 > 3 * full(visits(None, HOME_CARE))


def test_declined_visits_follow_short_ones(visits: Visits) -> None:
    false, honest = visits("S05", HOME_CARE), visits(None, HOME_CARE)
    assert (false["deviation"] == DECLINED).mean() > 0.2 > 3 * (honest["deviation"] == DECLINED).mean()
    paid = [rows.loc[rows["done"], "minutes"].sum() for rows in (false, honest)]
    assert 0.95 < paid[0] / paid[1] < 1.25


def test_the_absent_and_the_dead_are_visited(world: World, visits: Visits) -> None:
    city, _ = world("S06", HOME_CARE)

    def after_death(rows: pd.DataFrame) -> int:
        return int((rows["start"] // DAY > city.persons.gone_on[rows["recipient"].to_numpy()]).sum())

    assert after_death(visits("S06", HOME_CARE)) > 0
    assert after_death(visits(None, HOME_CARE)) == 0
    assert visits("S06", HOME_CARE)["minutes"].sum() > visits(None, HOME_CARE)["minutes"].sum()


def test_merged_visits_are_fewer_with_the_same_time(visits: Visits) -> None:
    false, honest = visits("S07", HOME_CARE), visits(None, HOME_CARE)
    gaps = [_gaps(rows) for rows in (false, honest)]
    back_to_back = [(~each["moved"] & (each["gap"] == 0)).mean() for each in gaps]
    assert len(false) < len(honest) or back_to_back[0] > 5 * back_to_back[1]
    assert false["minutes"].sum() == pytest.approx(honest["minutes"].sum(), rel=0.01)


def test_relatives_serve_those_they_live_with(world: World, visits: Visits) -> None:
    def at_home(scheme: str | None) -> float:
        city, _ = world(scheme, ASSISTANCE)
        rows = visits(scheme, ASSISTANCE)
        home = city.persons.dwelling
        return float((home[rows["staff"].to_numpy()] == home[rows["recipient"].to_numpy()]).mean())

    assert at_home("S08") > 0.25
    assert at_home("S08") > at_home(None)


def test_a_few_workers_stand_for_everything(visits: Visits) -> None:
    def longest(rows: pd.DataFrame) -> float:
        done = rows[rows["done"]]
        return float(done.groupby([done["staff"], done["start"] // DAY])["minutes"].sum().quantile(0.99) / 60)

    assert longest(visits("S09", HOME_CARE)) > longest(visits(None, HOME_CARE)) + 1.5


def test_paper_assistants_are_paid_and_never_seen(world: World) -> None:
    unseen, wage = {}, {}
    for scheme in ("S10", None):
        city, firm = world(scheme, HOME_CARE)
        rows = visits_of(city, ANCHOR)
        paid = _of(payroll(city, ANCHOR, rows), city, firm)
        seen = set(city.people(rows.staff).to_pylist())
        unseen[scheme] = (~paid["staff_id"].isin(seen)).mean()
        wage[scheme] = paid["gross_pay_sek"].astype(float).sum() / paid["paid_minutes"].sum()
    assert unseen["S10"] > unseen[None] + 0.1
    assert wage["S10"] < 0.8 * wage[None]


def test_one_doctor_signs_for_many(world: World) -> None:
    def most(scheme: str | None) -> float:
        city, firm = world(scheme, HOME_CARE)
        medical = pd.concat([_of(certificate(city, month), city, firm) for month in range(ANCHOR - 8, ANCHOR + 1)])
        return float(medical["issuer_id"].value_counts(normalize=True).max())

    assert most("S11") > max(0.6, most(None))


def test_recipients_are_registered_together(world: World) -> None:
    def crowd(scheme: str | None) -> int:
        city, firm = world(scheme, HOME_CARE)
        homes = city.persons.dwelling_at(int(FIRST_DAY[ANCHOR]))
        mine = city.clients.person[city.cases.recipient[city.cases.provider == firm]]
        return int(np.bincount(homes[np.unique(mine)]).max())

    assert crowd("S12") >= 5 > crowd(None)


def test_billing_goes_on_without_a_permit(world: World, visits: Visits) -> None:
    city, firm = world("S15", HOME_CARE)
    permit = _of(registers.permit(city, ANCHOR), city, firm).iloc[0]
    ended = permit["revoked_on"] or permit["valid_to"]
    assert ended is not None
    assert ended < pd.Timestamp("2026-10-01").date()
    assert len(visits("S15", HOME_CARE)) > 100


def test_shells_lose_their_registration_and_are_paid_elsewhere(world: World) -> None:
    city, firm = world("S16", HOME_CARE)
    shown = _of(registers.provider(city, ANCHOR), city, firm).iloc[0]
    assert city.payees or not (shown["f_tax"] and shown["employer_registered"])
    role = _of(registers.provider_role(city, ANCHOR), city, firm)
    assert (pd.to_datetime(role["from_date"]) > pd.Timestamp("2026-01-01")).any()


def test_invoice_tricks_bill_more_than_the_visits_hold(world: World) -> None:
    city, firm = world("S17", HOME_CARE)
    lines = honest_lines(city, ANCHOR, visits_of(city, ANCHOR))
    honest = lines.amount_ore[lines.provider == firm].sum()
    false = billed(city, ANCHOR, lines)
    assert false.amount_ore[false.provider == firm].sum() > 1.03 * honest


def test_one_certificate_for_several_workers(world: World) -> None:
    def reused(scheme: str | None) -> float:
        city, firm = world(scheme, HOME_CARE)
        staff = _of(registers.staff(city, ANCHOR), city, firm).dropna(subset=["certificate_id"])
        return float((staff.groupby("certificate_id")["staff_id"].transform("nunique") > 1).mean())

    assert reused("S18") > 0.3
    assert reused(None) == 0


def test_one_case_worker_steers(world: World) -> None:
    def share(scheme: str | None) -> float:
        city, firm = world(scheme, HOME_CARE)
        table = _of(registers.care_decision(city, ANCHOR), city, firm)
        new = table[pd.to_datetime(table["valid_from"]) >= pd.Timestamp("2026-02-01")]
        return float(new["case_worker_id"].value_counts(normalize=True).max())

    assert share("S19") > 1.5 * share(None)
    city, firm = world("S19", HOME_CARE)
    reports = pd.concat([_of(deviation(city, month), city, firm) for month in range(ANCHOR - 5, ANCHOR + 4)])
    assert (reports["kind"] == "undue_influence").sum() > 0


def test_many_workers_share_one_device(visits: Visits) -> None:
    def crew(rows: pd.DataFrame) -> int:
        return int(rows.groupby("device")["staff"].nunique().max())

    assert crew(visits("S20", HOME_CARE)) > 2 * crew(visits(None, HOME_CARE))


def test_less_is_paid_in_wages_than_worked(world: World) -> None:
    def ratio(scheme: str | None) -> float:
        city, firm = world(scheme, HOME_CARE)
        rows = visits_of(city, ANCHOR)
        paid = _of(payroll(city, ANCHOR, rows), city, firm)["paid_minutes"].sum()
        return float(rows.minutes[rows.provider == firm].sum() / paid)

    assert ratio("S21") > 1.3 * ratio(None)
    city, firm = world("S21", HOME_CARE)
    assert _of(registers.provider(city, ANCHOR), city, firm)["enforcement_debt_sek"].iloc[0] > 0


def test_nothing_planted_is_nothing_planted(world: World) -> None:
    city, _ = world(None, HOME_CARE)
    assert city.planting == Planting("easy", (), ())
    assert not city.changes
    assert not city.payees
