"""Users, sessions, what runs brought, and cases."""

import sqlalchemy as sa
from alembic import op

from valfardsbrott.review.models.base import UtcDateTime as Instant

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "app_user",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("demo", sa.Boolean(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("last_seen_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_app_user")),
        sa.UniqueConstraint("subject", name=op.f("uq_app_user_subject")),
    )
    op.create_table(
        "board",
        sa.Column("board_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("district", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("board_id", name=op.f("pk_board")),
    )
    op.create_table(
        "imported_run",
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("run_id", sa.String(length=64), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False, comment="run.json: code, model, fingerprints, seed"),
        sa.Column("counts", sa.JSON(), nullable=False, comment="what the import did, by kind"),
        sa.Column("imported_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("month", name=op.f("pk_imported_run")),
    )
    op.create_table(
        "network_provider",
        sa.Column("network_id", sa.String(length=64), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("org_number", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("network_id", "month", "org_number", name=op.f("pk_network_provider")),
    )
    op.create_index(op.f("ix_network_provider_org_number"), "network_provider", ["org_number"], unique=False)
    op.create_table(
        "provider",
        sa.Column("org_number", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False, comment="the newest month that has the provider"),
        sa.Column("board_id", sa.String(length=64), nullable=True),
        sa.Column("district", sa.Text(), nullable=True),
        sa.Column("service_code", sa.String(length=64), nullable=True),
        sa.Column("size_class", sa.String(length=8), nullable=True),
        sa.Column("sole_trader", sa.Boolean(), nullable=False),
        sa.Column("billed_ore", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("org_number", name=op.f("pk_provider")),
    )
    op.create_index(op.f("ix_provider_board_id"), "provider", ["board_id"], unique=False)
    op.create_table(
        "provider_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("org_number", sa.String(length=64), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("source_table", sa.String(length=64), nullable=False),
        sa.Column("source_id", sa.String(length=128), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("severity", sa.Integer(), nullable=True),
        sa.Column("board_id", sa.String(length=64), nullable=True),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_provider_event")),
        sa.UniqueConstraint("source_table", "source_id", name=op.f("uq_provider_event_source_table_source_id")),
    )
    op.create_index("ix_provider_event_org_number_date", "provider_event", ["org_number", "date"], unique=False)
    op.create_table(
        "sign_in_attempt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("succeeded", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_attempt")),
    )
    op.create_index("ix_sign_in_attempt_source_at", "sign_in_attempt", ["source", "at"], unique=False)
    op.create_table(
        "provider_board",
        sa.Column("org_number", sa.String(length=64), nullable=False),
        sa.Column("board_id", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["org_number"], ["provider.org_number"], name=op.f("fk_provider_board_org_number")),
        sa.PrimaryKeyConstraint("org_number", "board_id", name=op.f("pk_provider_board")),
    )
    op.create_index(op.f("ix_provider_board_board_id"), "provider_board", ["board_id"], unique=False)
    op.create_table(
        "review_case",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=16), nullable=False),
        sa.Column("entity_type", sa.String(length=16), nullable=False),
        sa.Column("entity_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "hit",
                "initial_review",
                "in_depth_review",
                "closed",
                "referred",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "outcome",
            sa.Enum(
                "confirmed",
                "cleared",
                "insufficient",
                "merged",
                name="outcome",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("arm", sa.String(length=16), nullable=False),
        sa.Column("first_month", sa.String(length=7), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False, comment="of the newest hit"),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("amount_ore", sa.BigInteger(), nullable=True),
        sa.Column("board_id", sa.String(length=64), nullable=True, comment="the board that owns the case"),
        sa.Column("district", sa.Text(), nullable=True),
        sa.Column("service_code", sa.String(length=64), nullable=True),
        sa.Column("assignee_id", sa.Integer(), nullable=True),
        sa.Column("locked_by_id", sa.Integer(), nullable=True),
        sa.Column("locked_until", Instant(), nullable=True),
        sa.Column("snoozed_until", sa.Date(), nullable=True),
        sa.Column("deadline", sa.Date(), nullable=True),
        sa.Column("opened_at", Instant(), nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.Column("closed_at", Instant(), nullable=True),
        sa.Column("lasting_reason", sa.Text(), nullable=True, comment="why the same reasons need no new case"),
        sa.Column("lasting_until", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(state = 'closed') = (outcome IS NOT NULL)", name=op.f("ck_review_case_closed_has_outcome")
        ),
        sa.CheckConstraint("arm IN ('risk', 'control', 'manual')", name=op.f("ck_review_case_arm")),
        sa.CheckConstraint("entity_type IN ('provider', 'network')", name=op.f("ck_review_case_entity_type")),
        sa.ForeignKeyConstraint(["assignee_id"], ["app_user.id"], name=op.f("fk_review_case_assignee_id")),
        sa.ForeignKeyConstraint(["locked_by_id"], ["app_user.id"], name=op.f("fk_review_case_locked_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_case")),
        sa.UniqueConstraint("number", name=op.f("uq_review_case_number")),
    )
    op.create_index(op.f("ix_review_case_assignee_id"), "review_case", ["assignee_id"], unique=False)
    op.create_index(op.f("ix_review_case_board_id"), "review_case", ["board_id"], unique=False)
    op.create_index("ix_review_case_entity", "review_case", ["entity_type", "entity_id"], unique=False)
    op.create_index(op.f("ix_review_case_locked_by_id"), "review_case", ["locked_by_id"], unique=False)
    op.create_index(op.f("ix_review_case_month"), "review_case", ["month"], unique=False)
    op.create_index("ix_review_case_state_position", "review_case", ["state", "position"], unique=False)
    op.create_table(
        "user_board",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("board_id", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_user_board_user_id")),
        sa.PrimaryKeyConstraint("user_id", "board_id", name=op.f("pk_user_board")),
    )
    op.create_table(
        "user_role",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "lead",
                "investigator",
                "data_scientist",
                "auditor",
                "administrator",
                name="role",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_user_role_user_id")),
        sa.PrimaryKeyConstraint("user_id", "role", name=op.f("pk_user_role")),
    )
    op.create_table(
        "web_session",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("csrf", sa.String(length=64), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=True),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("last_seen_at", Instant(), nullable=False),
        sa.Column("revoked_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_web_session_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_web_session")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_web_session_token_hash")),
    )
    op.create_index(op.f("ix_web_session_user_id"), "web_session", ["user_id"], unique=False)
    op.create_table(
        "case_board",
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("board_id", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["review_case.id"], name=op.f("fk_case_board_case_id")),
        sa.PrimaryKeyConstraint("case_id", "board_id", name=op.f("pk_case_board")),
    )
    op.create_index(op.f("ix_case_board_board_id"), "case_board", ["board_id"], unique=False)
    op.create_table(
        "case_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("from_state", sa.String(length=32), nullable=True),
        sa.Column("to_state", sa.String(length=32), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["review_case.id"], name=op.f("fk_case_event_case_id")),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_case_event_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_event")),
    )
    op.create_index(op.f("ix_case_event_case_id"), "case_event", ["case_id"], unique=False)
    op.create_index(op.f("ix_case_event_user_id"), "case_event", ["user_id"], unique=False)
    op.create_table(
        "case_flag",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("run_id", sa.String(length=64), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("arm", sa.String(length=16), nullable=False),
        sa.Column("score", sa.Double(), nullable=True),
        sa.Column("p_value", sa.Double(), nullable=True),
        sa.Column("amount_ore", sa.BigInteger(), nullable=True),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("silenced", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["review_case.id"], name=op.f("fk_case_flag_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_flag")),
        sa.UniqueConstraint("case_id", "month", name=op.f("uq_case_flag_case_id_month")),
    )
    op.create_index(op.f("ix_case_flag_case_id"), "case_flag", ["case_id"], unique=False)
    op.create_index(op.f("ix_case_flag_month"), "case_flag", ["month"], unique=False)
    op.create_table(
        "case_link",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("other_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("kind IN ('merged_into', 'split_from', 'follows')", name=op.f("ck_case_link_kind")),
        sa.CheckConstraint("case_id <> other_id", name=op.f("ck_case_link_two_cases")),
        sa.ForeignKeyConstraint(["case_id"], ["review_case.id"], name=op.f("fk_case_link_case_id")),
        sa.ForeignKeyConstraint(["other_id"], ["review_case.id"], name=op.f("fk_case_link_other_id")),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_case_link_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_link")),
        sa.UniqueConstraint("case_id", "other_id", "kind", name=op.f("uq_case_link_case_id_other_id_kind")),
    )
    op.create_index(op.f("ix_case_link_case_id"), "case_link", ["case_id"], unique=False)
    op.create_index(op.f("ix_case_link_other_id"), "case_link", ["other_id"], unique=False)
    op.create_index(op.f("ix_case_link_user_id"), "case_link", ["user_id"], unique=False)
    op.create_table(
        "case_purpose",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(length=64), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.CheckConstraint("length(trim(purpose)) > 0", name=op.f("ck_case_purpose_purpose_said")),
        sa.ForeignKeyConstraint(["case_id"], ["review_case.id"], name=op.f("fk_case_purpose_case_id")),
        sa.ForeignKeyConstraint(["session_id"], ["web_session.id"], name=op.f("fk_case_purpose_session_id")),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_case_purpose_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_purpose")),
        sa.UniqueConstraint("session_id", "case_id", name=op.f("uq_case_purpose_session_id_case_id")),
    )
    op.create_index(op.f("ix_case_purpose_user_id"), "case_purpose", ["user_id"], unique=False)
    op.create_table(
        "innocence_check",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("feature", sa.String(length=128), nullable=False),
        sa.Column("finding", sa.String(length=64), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.CheckConstraint(
            "finding IN ('explains', 'in_part', 'does_not_explain')", name=op.f("ck_innocence_check_finding")
        ),
        sa.CheckConstraint("length(trim(note)) > 0", name=op.f("ck_innocence_check_note_said")),
        sa.ForeignKeyConstraint(["case_id"], ["review_case.id"], name=op.f("fk_innocence_check_case_id")),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_innocence_check_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_innocence_check")),
        sa.UniqueConstraint("case_id", "feature", name=op.f("uq_innocence_check_case_id_feature")),
    )
    op.create_index(op.f("ix_innocence_check_case_id"), "innocence_check", ["case_id"], unique=False)
    op.create_index(op.f("ix_innocence_check_user_id"), "innocence_check", ["user_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_innocence_check_user_id"), table_name="innocence_check")
    op.drop_index(op.f("ix_innocence_check_case_id"), table_name="innocence_check")
    op.drop_table("innocence_check")
    op.drop_index(op.f("ix_case_purpose_user_id"), table_name="case_purpose")
    op.drop_table("case_purpose")
    op.drop_index(op.f("ix_case_link_user_id"), table_name="case_link")
    op.drop_index(op.f("ix_case_link_other_id"), table_name="case_link")
    op.drop_index(op.f("ix_case_link_case_id"), table_name="case_link")
    op.drop_table("case_link")
    op.drop_index(op.f("ix_case_flag_month"), table_name="case_flag")
    op.drop_index(op.f("ix_case_flag_case_id"), table_name="case_flag")
    op.drop_table("case_flag")
    op.drop_index(op.f("ix_case_event_user_id"), table_name="case_event")
    op.drop_index(op.f("ix_case_event_case_id"), table_name="case_event")
    op.drop_table("case_event")
    op.drop_index(op.f("ix_case_board_board_id"), table_name="case_board")
    op.drop_table("case_board")
    op.drop_index(op.f("ix_web_session_user_id"), table_name="web_session")
    op.drop_table("web_session")
    op.drop_table("user_role")
    op.drop_table("user_board")
    op.drop_index("ix_review_case_state_position", table_name="review_case")
    op.drop_index(op.f("ix_review_case_month"), table_name="review_case")
    op.drop_index(op.f("ix_review_case_locked_by_id"), table_name="review_case")
    op.drop_index("ix_review_case_entity", table_name="review_case")
    op.drop_index(op.f("ix_review_case_board_id"), table_name="review_case")
    op.drop_index(op.f("ix_review_case_assignee_id"), table_name="review_case")
    op.drop_table("review_case")
    op.drop_index(op.f("ix_provider_board_board_id"), table_name="provider_board")
    op.drop_table("provider_board")
    op.drop_index("ix_sign_in_attempt_source_at", table_name="sign_in_attempt")
    op.drop_table("sign_in_attempt")
    op.drop_index("ix_provider_event_org_number_date", table_name="provider_event")
    op.drop_table("provider_event")
    op.drop_index(op.f("ix_provider_board_id"), table_name="provider")
    op.drop_table("provider")
    op.drop_index(op.f("ix_network_provider_org_number"), table_name="network_provider")
    op.drop_table("network_provider")
    op.drop_table("imported_run")
    op.drop_table("board")
    op.drop_table("app_user")
