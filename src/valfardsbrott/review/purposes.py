"""Why a case may be opened, as data, and the stating of it."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from valfardsbrott.review import audit
from valfardsbrott.review.models import Case, CasePurpose, WebSession, utc_now

#: Code -> legal basis. The texts are in the application's locales (``purpose.<code>``); the first is offered first.
PURPOSES: dict[str, str] = {
    "review": "KL (2017:725) 10:8",
    "follow_up": "KL (2017:725) 10:8; SoL (2025:400) 5:2",
    "second_review": "KL (2017:725) 6:6",
    "approval": "KL (2017:725) 6:6",
    "request": "OSL (2009:400) 6:4-5",
    "complaint": "FL (2017:900) 36-39",
}


def state(db: Session, session: WebSession, case: Case, purpose: str, note: str = "") -> None:
    """Write down why the session's user opens the case; stating it again replaces it, and both are logged."""
    assert session.user is not None  # noqa: S101 - nobody anonymous gets here
    given = db.scalar(select(CasePurpose).where(CasePurpose.session_id == session.id, CasePurpose.case_id == case.id))
    row = given or CasePurpose(session_id=session.id, user_id=session.user.id, case_id=case.id)
    row.purpose, row.note, row.at = purpose, note.strip(), utc_now()
    db.add(row)
    access = audit.by(session.user, "state_purpose", "case", case.id)
    audit.note(db, audit.replace(access, purpose=purpose))
