"""Disclosure, evidence packs, re-identification, the audit log and its review."""

import sqlalchemy as sa
from alembic import op

from valfardsbrott.review.migrations import columns as c

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for make in _TABLES.values():
        make()


def downgrade() -> None:
    for name in reversed(_TABLES):
        op.drop_table(name)


def _audit_entry() -> None:
    op.create_table(
        "audit_entry",
        c.whole("seq", primary_key=True, autoincrement=False),
        c.instant("at", index=True),
        c.whole("user_id", optional=True),
        c.code("actor", 255, comment="the user's subject, or the command that acted"),
        c.code("action"),
        c.code("object_kind"),
        c.code("object_id", 128),
        c.code("purpose", optional=True),
        c.flag("granted"),
        c.json("detail"),
        c.code("previous"),
        c.code("hash", unique=True),
    )
    op.create_index("ix_audit_entry_object", "audit_entry", ["object_kind", "object_id"])
    op.create_index("ix_audit_entry_user_at", "audit_entry", ["user_id", "at"])


def _log_review() -> None:
    op.create_table(
        "log_review",
        c.code("month", 7, primary_key=True),
        c.instant("drawn_at"),
        c.ref("drawn_by_id", "app_user.id", optional=True),
        c.whole("first_seq", optional=True),
        c.whole("last_seq", optional=True),
        c.ref("signed_by_id", "app_user.id", optional=True),
        c.instant("signed_at", optional=True),
        c.text("conclusion", optional=True),
        *c.said("conclusion"),
    )


def _disclosure() -> None:
    op.create_table(
        "disclosure",
        c.key(),
        c.ref("case_id", "review_case.id"),
        c.code("kind"),
        c.choice("status", ("proposed", "approved", "returned", "sent", "answered"), "disclosure_status"),
        c.code("recipient", comment="authority: police, ivo, fk, skv, utbm, board"),
        c.code("recipient_board_id", optional=True),
        c.code("statute_id"),
        c.code("statute_version"),
        c.code("purpose"),
        c.json("conditions"),
        c.text("balancing"),
        c.json("categories"),
        c.whole("penalty_months", optional=True, comment="least penalty of the suspected crime, where asked"),
        c.ref("proposed_by_id", "app_user.id"),
        c.instant("proposed_at"),
        c.ref("approved_by_id", "app_user.id", optional=True),
        c.instant("approved_at", optional=True),
        c.text("approval_reasons", optional=True),
        c.instant("sent_at", optional=True),
        c.text("sent_how", optional=True),
        c.day("answered_on", optional=True),
        c.text("answer", optional=True),
        c.code("answer_outcome", 32, optional=True),
        sa.CheckConstraint("kind IN ('referral', 'notification', 'police_report')", name="kind"),
        sa.CheckConstraint(
            "status NOT IN ('approved', 'sent', 'answered') OR approved_by_id IS NOT NULL", name="approved"
        ),
        sa.CheckConstraint("approved_by_id <> proposed_by_id", name="four_eyes"),
        *c.said("approval_reasons", "balancing"),
    )


def _log_review_item() -> None:
    op.create_table(
        "log_review_item",
        c.key(),
        c.ref("month", "log_review.month", sa.String(7)),
        c.code("pattern", comment="sample, volume, hours or unassigned"),
        c.whole("user_id", optional=True),
        c.json("seqs"),
        c.json("detail"),
        c.code("finding", 32, optional=True),
        c.text("note", optional=True),
        sa.CheckConstraint("finding IN ('in_order', 'to_follow_up', 'breach')", name="finding"),
        *c.said("note"),
    )


def _reidentification() -> None:
    op.create_table(
        "reidentification",
        c.key(),
        c.ref("case_id", "review_case.id"),
        c.code("pseudonym"),
        c.text("reasons"),
        c.code("status"),
        c.ref("asked_by_id", "app_user.id"),
        c.instant("asked_at"),
        c.ref("decided_by_id", "app_user.id", optional=True),
        c.instant("decided_at", optional=True),
        c.text("decision_reasons", optional=True),
        c.instant("expires_at", optional=True),
        c.whole("looks"),
        sa.CheckConstraint("status IN ('asked', 'approved', 'refused')", name="status"),
        sa.CheckConstraint("decided_by_id <> asked_by_id", name="four_eyes"),
        *c.said("decision_reasons", "reasons"),
    )


def _evidence_pack() -> None:
    op.create_table(
        "evidence_pack",
        c.key(),
        c.ref("case_id", "review_case.id"),
        c.ref("disclosure_id", "disclosure.id", optional=True),
        c.ref("file_sha256", "stored_file.sha256", sa.String(64), index=False),
        c.json("manifest"),
        c.text("signature"),
        c.code("key_id"),
        c.ref("made_by_id", "app_user.id"),
        c.instant("made_at"),
    )


#: In the order of their references.
_TABLES = {
    "audit_entry": _audit_entry,
    "log_review": _log_review,
    "disclosure": _disclosure,
    "log_review_item": _log_review_item,
    "reidentification": _reidentification,
    "evidence_pack": _evidence_pack,
}
