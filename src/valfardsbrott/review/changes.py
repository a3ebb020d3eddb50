"""What changed since last month, among the cases that a user may see; blind to how a case was selected."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import exists, select
from sqlalchemy.orm import Session, aliased, lazyload

from valfardsbrott.review.models import Case, CaseFlag, ImportedRun, User
from valfardsbrott.review.visibility import cases_of


@dataclass(frozen=True)
class Changes:
    """``new``: first hit this month. ``again``: hit in an earlier month too. ``silenced``: a lasting reason covers it.

    ``gone``: open cases of the month before without a hit now. ``month`` is None where nothing has been imported.
    """

    month: str | None
    before: str | None
    new: Sequence[Case]
    again: Sequence[Case]
    silenced: Sequence[Case]
    gone: Sequence[Case]


def since_last_month(db: Session, user: User) -> Changes:
    """The newest imported month against the one imported before it."""
    months = list(db.scalars(select(ImportedRun.month).order_by(ImportedRun.month.desc()).limit(2)))
    month, before = [*months, None, None][:2]
    if month is None:
        return Changes(None, None, (), (), (), ())
    flag, other = aliased(CaseFlag), aliased(CaseFlag)
    now = exists().where(flag.case_id == Case.id, flag.month == month)
    earlier = exists().where(other.case_id == Case.id, other.month < month)
    silent = exists().where(flag.case_id == Case.id, flag.month == month, flag.silenced)
    last = exists().where(other.case_id == Case.id, other.month == before)

    def cases(*conditions: object) -> Sequence[Case]:
        found = select(Case).where(cases_of(user), *conditions).order_by(Case.position, Case.id)  # type: ignore[arg-type]
        return db.scalars(found.options(lazyload("*"))).all()  # hundreds of cases, of which only columns are listed

    return Changes(
        month,
        before,
        new=cases(now, ~earlier, ~silent),
        again=cases(now, earlier, ~silent),
        silenced=cases(silent),
        gone=cases(last, ~now, Case.closed_at.is_(None)) if before else (),
    )
