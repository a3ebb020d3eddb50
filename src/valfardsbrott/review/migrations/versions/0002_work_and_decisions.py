"""Decisions, tasks, comments, files, hearing, corrections, filters and notes."""

import sqlalchemy as sa
from alembic import op

from valfardsbrott.review.migrations import columns as c

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for make in _TABLES.values():
        make()


def downgrade() -> None:
    for name in reversed(_TABLES):
        op.drop_table(name)


def _stored_file() -> None:
    op.create_table(
        "stored_file",
        c.code("sha256", primary_key=True),
        c.big("size"),
        c.code("media_type", 128),
        c.instant("stored_at"),
    )


def _graph_layout() -> None:
    op.create_table(
        "graph_layout",
        c.key(),
        c.ref("user_id", "app_user.id"),
        c.code("network_id", index=True),
        c.code("name", 80),
        c.json("positions"),
        c.instant("at"),
        *c.said("name"),
        sa.UniqueConstraint("user_id", "network_id", "name"),
    )


def _graph_note() -> None:
    op.create_table(
        "graph_note",
        c.key(),
        c.code("network_id", index=True),
        c.code("target"),
        c.code("target_id", 255),
        c.text("text"),
        c.ref("user_id", "app_user.id"),
        c.instant("at"),
        c.instant("removed_at", optional=True),
        c.ref("removed_by_id", "app_user.id", optional=True, index=False),
        sa.CheckConstraint("target IN ('node', 'link')", name="target"),
        *c.said("text"),
    )


def _saved_filter() -> None:
    op.create_table(
        "saved_filter",
        c.key(),
        c.ref("user_id", "app_user.id"),
        c.code("name", 80),
        c.json("query"),
        c.instant("at"),
        *c.said("name"),
        sa.UniqueConstraint("user_id", "name"),
    )


def _case_file() -> None:
    op.create_table(
        "case_file",
        c.key(),
        c.ref("case_id", "review_case.id"),
        c.ref("sha256", "stored_file.sha256", sa.String(64), index=False),
        c.text("name"),
        c.text("about"),
        c.ref("user_id", "app_user.id"),
        c.instant("at"),
        c.instant("removed_at", optional=True),
        c.ref("removed_by_id", "app_user.id", optional=True, index=False),
        c.text("removal_reasons", optional=True),
        *c.said("name", "removal_reasons"),
    )


def _comment() -> None:
    op.create_table(
        "comment",
        c.key(),
        c.ref("case_id", "review_case.id"),
        c.ref("user_id", "app_user.id"),
        c.text("text"),
        c.instant("at"),
        *c.said("text"),
    )


def _correction() -> None:
    op.create_table(
        "correction",
        c.key(),
        c.ref("case_id", "review_case.id"),
        c.code("source_table"),
        c.code("source_row_id", 255),
        c.code("column", optional=True),
        c.text("wrong", comment="what is wrong, without the value of a personal field"),
        c.json("features"),
        c.text("source_owner"),
        c.code("status"),
        c.ref("user_id", "app_user.id"),
        c.instant("at"),
        c.day("answered_on", optional=True),
        c.text("answer", optional=True),
        sa.CheckConstraint("status IN ('sent', 'corrected', 'refused')", name="status"),
        *c.said("wrong"),
    )


def _decision() -> None:
    op.create_table(
        "decision",
        c.key(),
        c.ref("case_id", "review_case.id"),
        c.choice("kind", ("confirm", "clear", "insufficient", "refer"), "decision_kind"),
        c.choice("status", ("proposed", "decided", "returned", "withdrawn", "reversed"), "decision_status"),
        c.text("reasons"),
        c.text("lasting_reason", optional=True),
        c.day("lasting_until", optional=True),
        c.big("amount_ore", optional=True),
        c.json("schemes"),
        c.json("enabling_factors"),
        c.code("arm", 16, comment="how the case had been selected"),
        c.whole("case_version"),
        c.ref("proposed_by_id", "app_user.id"),
        c.instant("proposed_at"),
        c.instant("decided_at", optional=True),
        c.instant("reversed_at", optional=True),
        c.ref("reversed_by_id", "app_user.id", optional=True, index=False),
        c.text("reversal_reasons", optional=True),
        c.json("detail"),
        *c.said("lasting_reason", "reasons", "reversal_reasons"),
    )
    op.create_index(
        "uq_decision_one_proposed",
        "decision",
        ["case_id"],
        unique=True,
        sqlite_where=sa.text("status = 'proposed'"),
        postgresql_where=sa.text("status = 'proposed'"),
    )
    op.create_index(
        "uq_decision_one_standing",
        "decision",
        ["case_id"],
        unique=True,
        sqlite_where=sa.text("status = 'decided'"),
        postgresql_where=sa.text("status = 'decided'"),
    )


def _hearing() -> None:
    op.create_table(
        "hearing",
        c.key(),
        c.ref("case_id", "review_case.id"),
        c.choice("kind", ("told", "answer", "meeting", "extension"), "hearing_kind"),
        c.day("date"),
        c.day("due", optional=True),
        c.text("text"),
        c.ref("answers_id", "hearing.id", optional=True, index=False),
        c.ref("user_id", "app_user.id"),
        c.instant("at"),
        *c.said("text"),
    )


def _second_review() -> None:
    op.create_table(
        "second_review",
        c.key(),
        c.ref("case_id", "review_case.id"),
        c.ref("user_id", "app_user.id"),
        c.choice("kind", ("confirm", "clear", "insufficient", "refer"), "decision_kind"),
        c.text("reasons"),
        c.instant("at"),
        *c.said("reasons"),
        sa.UniqueConstraint("case_id", "user_id"),
    )


def _task() -> None:
    op.create_table(
        "task",
        c.key(),
        c.ref("case_id", "review_case.id"),
        c.text("title"),
        c.ref("assignee_id", "app_user.id", optional=True),
        c.day("due", optional=True),
        c.ref("created_by_id", "app_user.id", index=False),
        c.instant("created_at"),
        c.ref("done_by_id", "app_user.id", optional=True, index=False),
        c.instant("done_at", optional=True),
        *c.said("title"),
    )


def _approval() -> None:
    op.create_table(
        "approval",
        c.ref("decision_id", "decision.id", primary_key=True, index=False),
        c.ref("user_id", "app_user.id"),
        c.ref("proposed_by_id", "app_user.id", index=False),
        c.flag("approved"),
        c.text("reasons"),
        c.instant("at"),
        sa.CheckConstraint("user_id <> proposed_by_id", name="four_eyes"),
        *c.said("reasons"),
    )


#: In the order of their references.
_TABLES = {
    "stored_file": _stored_file,
    "graph_layout": _graph_layout,
    "graph_note": _graph_note,
    "saved_filter": _saved_filter,
    "case_file": _case_file,
    "comment": _comment,
    "correction": _correction,
    "decision": _decision,
    "hearing": _hearing,
    "second_review": _second_review,
    "task": _task,
    "approval": _approval,
}
