"""Decisions, tasks, comments, files, hearing, corrections, filters and notes."""

import sqlalchemy as sa
from alembic import op

from valfardsbrott.review.models.base import UtcDateTime as Instant

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "stored_file",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("media_type", sa.String(length=128), nullable=False),
        sa.Column("stored_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_stored_file")),
    )
    op.create_table(
        "graph_layout",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("network_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("positions", sa.JSON(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.CheckConstraint("length(trim(name)) > 0", name=op.f("ck_graph_layout_name_said")),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_graph_layout_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_graph_layout")),
        sa.UniqueConstraint("user_id", "network_id", "name", name=op.f("uq_graph_layout_user_id_network_id_name")),
    )
    op.create_index(op.f("ix_graph_layout_network_id"), "graph_layout", ["network_id"], unique=False)
    op.create_index(op.f("ix_graph_layout_user_id"), "graph_layout", ["user_id"], unique=False)
    op.create_table(
        "graph_note",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("network_id", sa.String(length=64), nullable=False),
        sa.Column("target", sa.String(length=64), nullable=False),
        sa.Column("target_id", sa.String(length=255), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("removed_at", Instant(), nullable=True),
        sa.Column("removed_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("target IN ('node', 'link')", name=op.f("ck_graph_note_target")),
        sa.CheckConstraint("length(trim(text)) > 0", name=op.f("ck_graph_note_text_said")),
        sa.ForeignKeyConstraint(["removed_by_id"], ["app_user.id"], name=op.f("fk_graph_note_removed_by_id")),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_graph_note_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_graph_note")),
    )
    op.create_index(op.f("ix_graph_note_network_id"), "graph_note", ["network_id"], unique=False)
    op.create_index(op.f("ix_graph_note_user_id"), "graph_note", ["user_id"], unique=False)
    op.create_table(
        "saved_filter",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("query", sa.JSON(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.CheckConstraint("length(trim(name)) > 0", name=op.f("ck_saved_filter_name_said")),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_saved_filter_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_filter")),
        sa.UniqueConstraint("user_id", "name", name=op.f("uq_saved_filter_user_id_name")),
    )
    op.create_index(op.f("ix_saved_filter_user_id"), "saved_filter", ["user_id"], unique=False)
    op.create_table(
        "case_file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("removed_at", Instant(), nullable=True),
        sa.Column("removed_by_id", sa.Integer(), nullable=True),
        sa.Column("removal_reasons", sa.Text(), nullable=True),
        sa.CheckConstraint("length(trim(name)) > 0", name=op.f("ck_case_file_name_said")),
        sa.CheckConstraint("length(trim(removal_reasons)) > 0", name=op.f("ck_case_file_removal_reasons_said")),
        sa.ForeignKeyConstraint(["case_id"], ["review_case.id"], name=op.f("fk_case_file_case_id")),
        sa.ForeignKeyConstraint(["removed_by_id"], ["app_user.id"], name=op.f("fk_case_file_removed_by_id")),
        sa.ForeignKeyConstraint(["sha256"], ["stored_file.sha256"], name=op.f("fk_case_file_sha256")),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_case_file_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_file")),
    )
    op.create_index(op.f("ix_case_file_case_id"), "case_file", ["case_id"], unique=False)
    op.create_index(op.f("ix_case_file_user_id"), "case_file", ["user_id"], unique=False)
    op.create_table(
        "comment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.CheckConstraint("length(trim(text)) > 0", name=op.f("ck_comment_text_said")),
        sa.ForeignKeyConstraint(["case_id"], ["review_case.id"], name=op.f("fk_comment_case_id")),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_comment_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comment")),
    )
    op.create_index(op.f("ix_comment_case_id"), "comment", ["case_id"], unique=False)
    op.create_index(op.f("ix_comment_user_id"), "comment", ["user_id"], unique=False)
    op.create_table(
        "correction",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("source_table", sa.String(length=64), nullable=False),
        sa.Column("source_row_id", sa.String(length=255), nullable=False),
        sa.Column("column", sa.String(length=64), nullable=True),
        sa.Column("wrong", sa.Text(), nullable=False, comment="what is wrong, without the value of a personal field"),
        sa.Column("features", sa.JSON(), nullable=False),
        sa.Column("source_owner", sa.Text(), nullable=False),
        sa.Column("status", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("answered_on", sa.Date(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.CheckConstraint("status IN ('sent', 'corrected', 'refused')", name=op.f("ck_correction_status")),
        sa.CheckConstraint("length(trim(wrong)) > 0", name=op.f("ck_correction_wrong_said")),
        sa.ForeignKeyConstraint(["case_id"], ["review_case.id"], name=op.f("fk_correction_case_id")),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_correction_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_correction")),
    )
    op.create_index(op.f("ix_correction_case_id"), "correction", ["case_id"], unique=False)
    op.create_index(op.f("ix_correction_user_id"), "correction", ["user_id"], unique=False)
    op.create_table(
        "decision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "confirm",
                "clear",
                "insufficient",
                "refer",
                name="decision_kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "status",
            sa.Enum(
                "proposed",
                "decided",
                "returned",
                "withdrawn",
                "reversed",
                name="decision_status",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("lasting_reason", sa.Text(), nullable=True),
        sa.Column("lasting_until", sa.Date(), nullable=True),
        sa.Column("amount_ore", sa.BigInteger(), nullable=True),
        sa.Column("schemes", sa.JSON(), nullable=False),
        sa.Column("enabling_factors", sa.JSON(), nullable=False),
        sa.Column("arm", sa.String(length=16), nullable=False, comment="how the case had been selected"),
        sa.Column("case_version", sa.Integer(), nullable=False),
        sa.Column("proposed_by_id", sa.Integer(), nullable=False),
        sa.Column("proposed_at", Instant(), nullable=False),
        sa.Column("decided_at", Instant(), nullable=True),
        sa.Column("reversed_at", Instant(), nullable=True),
        sa.Column("reversed_by_id", sa.Integer(), nullable=True),
        sa.Column("reversal_reasons", sa.Text(), nullable=True),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.CheckConstraint("length(trim(lasting_reason)) > 0", name=op.f("ck_decision_lasting_reason_said")),
        sa.CheckConstraint("length(trim(reasons)) > 0", name=op.f("ck_decision_reasons_said")),
        sa.CheckConstraint("length(trim(reversal_reasons)) > 0", name=op.f("ck_decision_reversal_reasons_said")),
        sa.ForeignKeyConstraint(["case_id"], ["review_case.id"], name=op.f("fk_decision_case_id")),
        sa.ForeignKeyConstraint(["proposed_by_id"], ["app_user.id"], name=op.f("fk_decision_proposed_by_id")),
        sa.ForeignKeyConstraint(["reversed_by_id"], ["app_user.id"], name=op.f("fk_decision_reversed_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision")),
    )
    op.create_index(op.f("ix_decision_case_id"), "decision", ["case_id"], unique=False)
    op.create_index(op.f("ix_decision_proposed_by_id"), "decision", ["proposed_by_id"], unique=False)
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
    op.create_table(
        "hearing",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "told",
                "answer",
                "meeting",
                "extension",
                name="hearing_kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("due", sa.Date(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("answers_id", sa.Integer(), nullable=True),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.CheckConstraint("length(trim(text)) > 0", name=op.f("ck_hearing_text_said")),
        sa.ForeignKeyConstraint(["answers_id"], ["hearing.id"], name=op.f("fk_hearing_answers_id")),
        sa.ForeignKeyConstraint(["case_id"], ["review_case.id"], name=op.f("fk_hearing_case_id")),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_hearing_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hearing")),
    )
    op.create_index(op.f("ix_hearing_case_id"), "hearing", ["case_id"], unique=False)
    op.create_index(op.f("ix_hearing_user_id"), "hearing", ["user_id"], unique=False)
    op.create_table(
        "second_review",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "confirm",
                "clear",
                "insufficient",
                "refer",
                name="decision_kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.CheckConstraint("length(trim(reasons)) > 0", name=op.f("ck_second_review_reasons_said")),
        sa.ForeignKeyConstraint(["case_id"], ["review_case.id"], name=op.f("fk_second_review_case_id")),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_second_review_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_second_review")),
        sa.UniqueConstraint("case_id", "user_id", name=op.f("uq_second_review_case_id_user_id")),
    )
    op.create_index(op.f("ix_second_review_case_id"), "second_review", ["case_id"], unique=False)
    op.create_index(op.f("ix_second_review_user_id"), "second_review", ["user_id"], unique=False)
    op.create_table(
        "task",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("assignee_id", sa.Integer(), nullable=True),
        sa.Column("due", sa.Date(), nullable=True),
        sa.Column("created_by_id", sa.Integer(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("done_by_id", sa.Integer(), nullable=True),
        sa.Column("done_at", Instant(), nullable=True),
        sa.CheckConstraint("length(trim(title)) > 0", name=op.f("ck_task_title_said")),
        sa.ForeignKeyConstraint(["assignee_id"], ["app_user.id"], name=op.f("fk_task_assignee_id")),
        sa.ForeignKeyConstraint(["case_id"], ["review_case.id"], name=op.f("fk_task_case_id")),
        sa.ForeignKeyConstraint(["created_by_id"], ["app_user.id"], name=op.f("fk_task_created_by_id")),
        sa.ForeignKeyConstraint(["done_by_id"], ["app_user.id"], name=op.f("fk_task_done_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task")),
    )
    op.create_index(op.f("ix_task_assignee_id"), "task", ["assignee_id"], unique=False)
    op.create_index(op.f("ix_task_case_id"), "task", ["case_id"], unique=False)
    op.create_table(
        "approval",
        sa.Column("decision_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("proposed_by_id", sa.Integer(), nullable=False),
        sa.Column("approved", sa.Boolean(), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.CheckConstraint("length(trim(reasons)) > 0", name=op.f("ck_approval_reasons_said")),
        sa.CheckConstraint("user_id <> proposed_by_id", name=op.f("ck_approval_four_eyes")),
        sa.ForeignKeyConstraint(["decision_id"], ["decision.id"], name=op.f("fk_approval_decision_id")),
        sa.ForeignKeyConstraint(["proposed_by_id"], ["app_user.id"], name=op.f("fk_approval_proposed_by_id")),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_approval_user_id")),
        sa.PrimaryKeyConstraint("decision_id", name=op.f("pk_approval")),
    )
    op.create_index(op.f("ix_approval_user_id"), "approval", ["user_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_approval_user_id"), table_name="approval")
    op.drop_table("approval")
    op.drop_index(op.f("ix_task_case_id"), table_name="task")
    op.drop_index(op.f("ix_task_assignee_id"), table_name="task")
    op.drop_table("task")
    op.drop_index(op.f("ix_second_review_user_id"), table_name="second_review")
    op.drop_index(op.f("ix_second_review_case_id"), table_name="second_review")
    op.drop_table("second_review")
    op.drop_index(op.f("ix_hearing_user_id"), table_name="hearing")
    op.drop_index(op.f("ix_hearing_case_id"), table_name="hearing")
    op.drop_table("hearing")
    op.drop_index(
        "uq_decision_one_standing",
        table_name="decision",
        sqlite_where=sa.text("status = 'decided'"),
        postgresql_where=sa.text("status = 'decided'"),
    )
    op.drop_index(
        "uq_decision_one_proposed",
        table_name="decision",
        sqlite_where=sa.text("status = 'proposed'"),
        postgresql_where=sa.text("status = 'proposed'"),
    )
    op.drop_index(op.f("ix_decision_proposed_by_id"), table_name="decision")
    op.drop_index(op.f("ix_decision_case_id"), table_name="decision")
    op.drop_table("decision")
    op.drop_index(op.f("ix_correction_user_id"), table_name="correction")
    op.drop_index(op.f("ix_correction_case_id"), table_name="correction")
    op.drop_table("correction")
    op.drop_index(op.f("ix_comment_user_id"), table_name="comment")
    op.drop_index(op.f("ix_comment_case_id"), table_name="comment")
    op.drop_table("comment")
    op.drop_index(op.f("ix_case_file_user_id"), table_name="case_file")
    op.drop_index(op.f("ix_case_file_case_id"), table_name="case_file")
    op.drop_table("case_file")
    op.drop_index(op.f("ix_saved_filter_user_id"), table_name="saved_filter")
    op.drop_table("saved_filter")
    op.drop_index(op.f("ix_graph_note_user_id"), table_name="graph_note")
    op.drop_index(op.f("ix_graph_note_network_id"), table_name="graph_note")
    op.drop_table("graph_note")
    op.drop_index(op.f("ix_graph_layout_user_id"), table_name="graph_layout")
    op.drop_index(op.f("ix_graph_layout_network_id"), table_name="graph_layout")
    op.drop_table("graph_layout")
    op.drop_table("stored_file")
