"""Comments, tasks, files, the hearing of the provider and corrections of data: each a short form on one page."""

from __future__ import annotations

from typing import Annotated, TypeVar
from urllib.parse import quote

from fastapi import APIRouter, Form, UploadFile
from fastapi.responses import Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from valfardsbrott.catalogue import tables
from valfardsbrott.review import files, work
from valfardsbrott.review.models import CaseFile, Comment, Correction, Hearing, HearingKind, Task, utc_now
from valfardsbrott.web.problems import Problem
from valfardsbrott.web.routers.inbox import day
from valfardsbrott.web.visit import In, Visit

router = APIRouter(prefix="/cases/{case_id}")
_Owned = TypeVar("_Owned", Comment, Task, CaseFile, Hearing, Correction)


@router.get("/work", name="case_work")
def show(visit: In) -> Response:
    db, case = visit.db, visit.case
    return visit.page(
        "work.html.j2", case=case, comments=_all(db, Comment, case.id), tasks=_all(db, Task, case.id),
        files=_all(db, CaseFile, case.id), hearings=_all(db, Hearing, case.id), kinds=list(HearingKind),
        corrections=_all(db, Correction, case.id), tables=sorted(tables()), accept=", ".join(sorted(files.KINDS)),
        today=utc_now().date(),
    )  # fmt: skip


@router.post("/comments", name="case_comment")
def comment(visit: In, text: Annotated[str, Form()] = "") -> Response:
    work.comment(visit.db, visit.case, visit.user, text)
    return _back(visit, "comments")


@router.post("/tasks", name="case_task")
def add_task(visit: In, title: Annotated[str, Form()] = "", due: Annotated[str, Form()] = "") -> Response:
    work.add_task(visit.db, visit.case, visit.user, title, day(due) if due else None)
    return _back(visit, "tasks")


@router.post("/tasks/{task_id}/done", name="case_task_done")
def task_done(visit: In, task_id: int) -> Response:
    work.finish_task(visit.db, visit.case, visit.user, _own(visit, Task, task_id))
    return _back(visit, "tasks")


@router.post("/files", name="case_file_add")
def add_file(visit: In, file: UploadFile, about: Annotated[str, Form()] = "") -> Response:
    """Read to the limit and no further: what is larger is refused before it is kept."""
    most = visit.settings.upload_mb * 1024 * 1024
    data = file.file.read(most + 1)
    if len(data) > most:
        raise Problem(413, "large")
    folder = visit.settings.files_folder
    files.attach(visit.db, visit.case, visit.user, folder=folder, name=file.filename or "", data=data, about=about)
    return _back(visit, "files")


@router.get("/files/{file_id}", name="case_file")
def download(visit: In, file_id: int) -> Response:
    """Always an attachment: nothing that was uploaded is shown in the application's own pages."""
    found = _own(visit, CaseFile, file_id)
    if found.removed_at is not None:
        raise Problem(404, "missing")
    headers = {"content-disposition": f"attachment; filename*=UTF-8''{quote(found.name)}"}
    data = files.read(visit.settings.files_folder, found.stored)
    return Response(data, media_type=found.stored.media_type, headers=headers)


@router.post("/files/{file_id}/remove", name="case_file_remove")
def remove_file(visit: In, file_id: int, reasons: Annotated[str, Form()] = "") -> Response:
    files.remove(visit.db, visit.case, visit.user, _own(visit, CaseFile, file_id), reasons)
    return _back(visit, "files")


@router.post("/hearing", name="case_hearing")
def hear(
    visit: In,
    kind: Annotated[str, Form()] = "",
    on: Annotated[str, Form()] = "",
    due: Annotated[str, Form()] = "",
    text: Annotated[str, Form()] = "",
    answers: Annotated[str, Form()] = "",
) -> Response:
    if kind not in {each.value for each in HearingKind}:
        raise Problem(422, "input")
    answered = _own(visit, Hearing, int(answers)) if answers.isdecimal() and len(answers) < 10 else None
    work.hear(
        visit.db, visit.case, visit.user, HearingKind(kind), on=day(on), text=text, due=day(due) if due else None,
        answers=answered,
    )  # fmt: skip
    return _back(visit, "hearing")


@router.post("/corrections", name="case_correct")
def correct(
    visit: In,
    table: Annotated[str, Form()] = "",
    row: Annotated[str, Form()] = "",
    column: Annotated[str, Form()] = "",
    wrong: Annotated[str, Form()] = "",
    owner: Annotated[str, Form()] = "",
) -> Response:
    work.correct(
        visit.db, visit.case, visit.user, table=table, row=row, column=column.strip(), wrong=wrong, owner=owner
    )
    return _back(visit, "corrections")


@router.post("/corrections/{correction_id}/answer", name="case_correction_answer")
def answer_correction(
    visit: In,
    correction_id: int,
    status: Annotated[str, Form()] = "",
    answer: Annotated[str, Form()] = "",
    on: Annotated[str, Form()] = "",
) -> Response:
    if status not in work.ANSWERS:
        raise Problem(422, "input")
    one = _own(visit, Correction, correction_id)
    work.answer_correction(visit.db, visit.case, visit.user, one, status=status, answer=answer, on=day(on))
    return _back(visit, "corrections")


def _own(visit: Visit, kind: type[_Owned], number: int) -> _Owned:
    found = visit.db.get(kind, number)
    if found is None or found.case_id != visit.case.id:
        raise Problem(404, "missing")
    return found


def _all(db: Session, kind: type[_Owned], case_id: int) -> list[_Owned]:
    return list(db.scalars(select(kind).where(kind.case_id == case_id).order_by(kind.id)).unique())


def _back(visit: Visit, part: str) -> Response:
    return visit.on(visit.url("case_work", case_id=visit.case.id) + f"#{part}")
