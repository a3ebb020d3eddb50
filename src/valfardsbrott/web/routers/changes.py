"""What changed since last month."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response

from valfardsbrott.review.changes import since_last_month
from valfardsbrott.web.visit import In

router = APIRouter()


@router.get("/changes", name="changes")
def changes(visit: In) -> Response:
    return visit.page("changes.html.j2", changes=since_last_month(visit.db, visit.user))
