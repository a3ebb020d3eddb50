"""Disclosure, evidence packs, re-identification, the audit log and its review."""

import sqlalchemy as sa
from alembic import op

from valfardsbrott.review.models.base import UtcDateTime as Instant

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit_entry",
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column(
            "actor", sa.String(length=255), nullable=False, comment="the user's subject, or the command that acted"
        ),
        sa.Column("action", sa.String(length=64), nullable=False),
        sa.Column("object_kind", sa.String(length=64), nullable=False),
        sa.Column("object_id", sa.String(length=128), nullable=False),
        sa.Column("purpose", sa.String(length=64), nullable=True),
        sa.Column("granted", sa.Boolean(), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_audit_entry")),
        sa.UniqueConstraint("hash", name=op.f("uq_audit_entry_hash")),
    )
    op.create_index(op.f("ix_audit_entry_at"), "audit_entry", ["at"], unique=False)
    op.create_index("ix_audit_entry_object", "audit_entry", ["object_kind", "object_id"], unique=False)
    op.create_index("ix_audit_entry_user_at", "audit_entry", ["user_id", "at"], unique=False)
    op.create_table(
        "log_review",
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("drawn_at", Instant(), nullable=False),
        sa.Column("drawn_by_id", sa.Integer(), nullable=True),
        sa.Column("first_seq", sa.Integer(), nullable=True),
        sa.Column("last_seq", sa.Integer(), nullable=True),
        sa.Column("signed_by_id", sa.Integer(), nullable=True),
        sa.Column("signed_at", Instant(), nullable=True),
        sa.Column("conclusion", sa.Text(), nullable=True),
        sa.CheckConstraint("length(trim(conclusion)) > 0", name=op.f("ck_log_review_conclusion_said")),
        sa.ForeignKeyConstraint(["drawn_by_id"], ["app_user.id"], name=op.f("fk_log_review_drawn_by_id")),
        sa.ForeignKeyConstraint(["signed_by_id"], ["app_user.id"], name=op.f("fk_log_review_signed_by_id")),
        sa.PrimaryKeyConstraint("month", name=op.f("pk_log_review")),
    )
    op.create_index(op.f("ix_log_review_drawn_by_id"), "log_review", ["drawn_by_id"], unique=False)
    op.create_index(op.f("ix_log_review_signed_by_id"), "log_review", ["signed_by_id"], unique=False)
    op.create_table(
        "disclosure",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "proposed",
                "approved",
                "returned",
                "sent",
                "answered",
                name="disclosure_status",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "recipient", sa.String(length=64), nullable=False, comment="authority: police, ivo, fk, skv, utbm, board"
        ),
        sa.Column("recipient_board_id", sa.String(length=64), nullable=True),
        sa.Column("statute_id", sa.String(length=64), nullable=False),
        sa.Column("statute_version", sa.String(length=64), nullable=False),
        sa.Column("purpose", sa.String(length=64), nullable=False),
        sa.Column("conditions", sa.JSON(), nullable=False),
        sa.Column("balancing", sa.Text(), nullable=False),
        sa.Column("categories", sa.JSON(), nullable=False),
        sa.Column(
            "penalty_months", sa.Integer(), nullable=True, comment="least penalty of the suspected crime, where asked"
        ),
        sa.Column("proposed_by_id", sa.Integer(), nullable=False),
        sa.Column("proposed_at", Instant(), nullable=False),
        sa.Column("approved_by_id", sa.Integer(), nullable=True),
        sa.Column("approved_at", Instant(), nullable=True),
        sa.Column("approval_reasons", sa.Text(), nullable=True),
        sa.Column("sent_at", Instant(), nullable=True),
        sa.Column("sent_how", sa.Text(), nullable=True),
        sa.Column("answered_on", sa.Date(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("answer_outcome", sa.String(length=32), nullable=True),
        sa.CheckConstraint("kind IN ('referral', 'notification', 'police_report')", name=op.f("ck_disclosure_kind")),
        sa.CheckConstraint(
            "status NOT IN ('approved', 'sent', 'answered') OR approved_by_id IS NOT NULL",
            name=op.f("ck_disclosure_approved"),
        ),
        sa.CheckConstraint("approved_by_id <> proposed_by_id", name=op.f("ck_disclosure_four_eyes")),
        sa.CheckConstraint("length(trim(approval_reasons)) > 0", name=op.f("ck_disclosure_approval_reasons_said")),
        sa.CheckConstraint("length(trim(balancing)) > 0", name=op.f("ck_disclosure_balancing_said")),
        sa.ForeignKeyConstraint(["approved_by_id"], ["app_user.id"], name=op.f("fk_disclosure_approved_by_id")),
        sa.ForeignKeyConstraint(["case_id"], ["review_case.id"], name=op.f("fk_disclosure_case_id")),
        sa.ForeignKeyConstraint(["proposed_by_id"], ["app_user.id"], name=op.f("fk_disclosure_proposed_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disclosure")),
    )
    op.create_index(op.f("ix_disclosure_approved_by_id"), "disclosure", ["approved_by_id"], unique=False)
    op.create_index(op.f("ix_disclosure_case_id"), "disclosure", ["case_id"], unique=False)
    op.create_index(op.f("ix_disclosure_proposed_by_id"), "disclosure", ["proposed_by_id"], unique=False)
    op.create_table(
        "log_review_item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("pattern", sa.String(length=64), nullable=False, comment="sample, volume, hours or unassigned"),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("seqs", sa.JSON(), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("finding", sa.String(length=32), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "finding IN ('in_order', 'to_follow_up', 'breach')", name=op.f("ck_log_review_item_finding")
        ),
        sa.CheckConstraint("length(trim(note)) > 0", name=op.f("ck_log_review_item_note_said")),
        sa.ForeignKeyConstraint(["month"], ["log_review.month"], name=op.f("fk_log_review_item_month")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_log_review_item")),
    )
    op.create_index(op.f("ix_log_review_item_month"), "log_review_item", ["month"], unique=False)
    op.create_table(
        "reidentification",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("pseudonym", sa.String(length=64), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("status", sa.String(length=64), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=False),
        sa.Column("asked_at", Instant(), nullable=False),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", Instant(), nullable=True),
        sa.Column("decision_reasons", sa.Text(), nullable=True),
        sa.Column("expires_at", Instant(), nullable=True),
        sa.Column("looks", sa.Integer(), nullable=False),
        sa.CheckConstraint("status IN ('asked', 'approved', 'refused')", name=op.f("ck_reidentification_status")),
        sa.CheckConstraint("decided_by_id <> asked_by_id", name=op.f("ck_reidentification_four_eyes")),
        sa.CheckConstraint(
            "length(trim(decision_reasons)) > 0", name=op.f("ck_reidentification_decision_reasons_said")
        ),
        sa.CheckConstraint("length(trim(reasons)) > 0", name=op.f("ck_reidentification_reasons_said")),
        sa.ForeignKeyConstraint(["asked_by_id"], ["app_user.id"], name=op.f("fk_reidentification_asked_by_id")),
        sa.ForeignKeyConstraint(["case_id"], ["review_case.id"], name=op.f("fk_reidentification_case_id")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["app_user.id"], name=op.f("fk_reidentification_decided_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reidentification")),
    )
    op.create_index(op.f("ix_reidentification_asked_by_id"), "reidentification", ["asked_by_id"], unique=False)
    op.create_index(op.f("ix_reidentification_case_id"), "reidentification", ["case_id"], unique=False)
    op.create_index(op.f("ix_reidentification_decided_by_id"), "reidentification", ["decided_by_id"], unique=False)
    op.create_table(
        "evidence_pack",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("disclosure_id", sa.Integer(), nullable=True),
        sa.Column("file_sha256", sa.String(length=64), nullable=False),
        sa.Column("manifest", sa.JSON(), nullable=False),
        sa.Column("signature", sa.Text(), nullable=False),
        sa.Column("key_id", sa.String(length=64), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["review_case.id"], name=op.f("fk_evidence_pack_case_id")),
        sa.ForeignKeyConstraint(["disclosure_id"], ["disclosure.id"], name=op.f("fk_evidence_pack_disclosure_id")),
        sa.ForeignKeyConstraint(["file_sha256"], ["stored_file.sha256"], name=op.f("fk_evidence_pack_file_sha256")),
        sa.ForeignKeyConstraint(["made_by_id"], ["app_user.id"], name=op.f("fk_evidence_pack_made_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence_pack")),
    )
    op.create_index(op.f("ix_evidence_pack_case_id"), "evidence_pack", ["case_id"], unique=False)
    op.create_index(op.f("ix_evidence_pack_disclosure_id"), "evidence_pack", ["disclosure_id"], unique=False)
    op.create_index(op.f("ix_evidence_pack_made_by_id"), "evidence_pack", ["made_by_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_evidence_pack_made_by_id"), table_name="evidence_pack")
    op.drop_index(op.f("ix_evidence_pack_disclosure_id"), table_name="evidence_pack")
    op.drop_index(op.f("ix_evidence_pack_case_id"), table_name="evidence_pack")
    op.drop_table("evidence_pack")
    op.drop_index(op.f("ix_reidentification_decided_by_id"), table_name="reidentification")
    op.drop_index(op.f("ix_reidentification_case_id"), table_name="reidentification")
    op.drop_index(op.f("ix_reidentification_asked_by_id"), table_name="reidentification")
    op.drop_table("reidentification")
    op.drop_index(op.f("ix_log_review_item_month"), table_name="log_review_item")
    op.drop_table("log_review_item")
    op.drop_index(op.f("ix_disclosure_proposed_by_id"), table_name="disclosure")
    op.drop_index(op.f("ix_disclosure_case_id"), table_name="disclosure")
    op.drop_index(op.f("ix_disclosure_approved_by_id"), table_name="disclosure")
    op.drop_table("disclosure")
    op.drop_index(op.f("ix_log_review_signed_by_id"), table_name="log_review")
    op.drop_index(op.f("ix_log_review_drawn_by_id"), table_name="log_review")
    op.drop_table("log_review")
    op.drop_index("ix_audit_entry_user_at", table_name="audit_entry")
    op.drop_index("ix_audit_entry_object", table_name="audit_entry")
    op.drop_index(op.f("ix_audit_entry_at"), table_name="audit_entry")
    op.drop_table("audit_entry")
