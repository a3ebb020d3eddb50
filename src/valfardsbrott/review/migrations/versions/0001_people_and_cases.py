"""Users, sessions, what runs brought, and cases."""

import sqlalchemy as sa
from alembic import op

from valfardsbrott.review.migrations import columns as c

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    for make in _TABLES.values():
        make()


def downgrade() -> None:
    for name in reversed(_TABLES):
        op.drop_table(name)


def _app_user() -> None:
    op.create_table(
        "app_user",
        c.key(),
        c.code("subject", 255, unique=True),
        c.text("name"),
        c.flag("demo"),
        c.flag("active"),
        c.code("language", 2, optional=True),
        c.instant("created_at"),
        c.instant("last_seen_at", optional=True),
    )


def _board() -> None:
    op.create_table(
        "board",
        c.code("board_id", primary_key=True),
        c.text("name"),
        c.text("district", optional=True),
    )


def _imported_run() -> None:
    op.create_table(
        "imported_run",
        c.code("month", 7, primary_key=True),
        c.code("run_id"),
        c.json("facts", comment="run.json: code, model, fingerprints, seed"),
        c.json("counts", comment="what the import did, by kind"),
        c.instant("imported_at"),
    )


def _network_provider() -> None:
    op.create_table(
        "network_provider",
        c.code("network_id", primary_key=True),
        c.code("month", 7, primary_key=True),
        c.code("org_number", primary_key=True, index=True),
    )


def _provider() -> None:
    op.create_table(
        "provider",
        c.code("org_number", primary_key=True),
        c.text("name"),
        c.code("month", 7, comment="the newest month that has the provider"),
        c.code("board_id", optional=True, index=True),
        c.text("district", optional=True),
        c.code("service_code", optional=True),
        c.code("size_class", 8, optional=True),
        c.flag("sole_trader"),
        c.big("billed_ore", optional=True),
    )


def _provider_event() -> None:
    op.create_table(
        "provider_event",
        c.key(),
        c.code("org_number"),
        c.day("date"),
        c.code("source_table"),
        c.code("source_id", 128),
        c.code("kind"),
        c.whole("severity", optional=True),
        c.code("board_id", optional=True),
        c.json("detail"),
        sa.UniqueConstraint("source_table", "source_id"),
    )
    op.create_index("ix_provider_event_org_number_date", "provider_event", ["org_number", "date"])


def _sign_in_attempt() -> None:
    op.create_table(
        "sign_in_attempt",
        c.key(),
        c.code("source"),
        c.instant("at"),
        c.flag("succeeded"),
    )
    op.create_index("ix_sign_in_attempt_source_at", "sign_in_attempt", ["source", "at"])


def _provider_board() -> None:
    op.create_table(
        "provider_board",
        c.ref("org_number", "provider.org_number", sa.String(64), primary_key=True, index=False),
        c.code("board_id", primary_key=True, index=True),
    )


def _review_case() -> None:
    op.create_table(
        "review_case",
        c.key(),
        c.code("number", 16, unique=True),
        c.code("entity_type", 16),
        c.code("entity_id"),
        c.text("name"),
        c.choice("state", ("hit", "initial_review", "in_depth_review", "closed", "referred")),
        c.choice("outcome", ("confirmed", "cleared", "insufficient", "merged"), optional=True),
        c.code("arm", 16),
        c.code("first_month", 7),
        c.code("month", 7, comment="of the newest hit", index=True),
        c.whole("position"),
        c.big("amount_ore", optional=True),
        c.code("board_id", optional=True, comment="the board that owns the case", index=True),
        c.text("district", optional=True),
        c.code("service_code", optional=True),
        c.ref("assignee_id", "app_user.id", optional=True),
        c.ref("locked_by_id", "app_user.id", optional=True),
        c.instant("locked_until", optional=True),
        c.day("snoozed_until", optional=True),
        c.day("deadline", optional=True),
        c.instant("opened_at"),
        c.instant("changed_at"),
        c.instant("closed_at", optional=True),
        c.text("lasting_reason", optional=True, comment="why the same reasons need no new case"),
        c.day("lasting_until", optional=True),
        c.whole("version"),
        sa.CheckConstraint("(state = 'closed') = (outcome IS NOT NULL)", name="closed_has_outcome"),
        sa.CheckConstraint("arm IN ('risk', 'control', 'manual')", name="arm"),
        sa.CheckConstraint("entity_type IN ('provider', 'network')", name="entity_type"),
    )
    op.create_index("ix_review_case_entity", "review_case", ["entity_type", "entity_id"])
    op.create_index("ix_review_case_state_position", "review_case", ["state", "position"])


def _user_board() -> None:
    op.create_table(
        "user_board",
        c.ref("user_id", "app_user.id", primary_key=True, index=False),
        c.code("board_id", primary_key=True),
    )


def _user_role() -> None:
    op.create_table(
        "user_role",
        c.ref("user_id", "app_user.id", primary_key=True, index=False),
        c.choice("role", ("lead", "investigator", "data_scientist", "auditor", "administrator"), primary_key=True),
    )


def _web_session() -> None:
    op.create_table(
        "web_session",
        c.key(),
        c.code("token_hash", unique=True),
        c.ref("user_id", "app_user.id", optional=True),
        c.code("csrf"),
        c.code("language", 2, optional=True),
        c.json("data"),
        c.instant("created_at"),
        c.instant("last_seen_at"),
        c.instant("revoked_at", optional=True),
    )


def _case_board() -> None:
    op.create_table(
        "case_board",
        c.ref("case_id", "review_case.id", primary_key=True, index=False),
        c.code("board_id", primary_key=True, index=True),
    )


def _case_event() -> None:
    op.create_table(
        "case_event",
        c.key(),
        c.ref("case_id", "review_case.id"),
        c.instant("at"),
        c.ref("user_id", "app_user.id", optional=True),
        c.code("kind"),
        c.code("from_state", 32, optional=True),
        c.code("to_state", 32, optional=True),
        c.text("text"),
        c.json("detail"),
    )


def _case_flag() -> None:
    op.create_table(
        "case_flag",
        c.key(),
        c.ref("case_id", "review_case.id"),
        c.code("month", 7, index=True),
        c.code("run_id"),
        c.whole("rank"),
        c.whole("position"),
        c.code("arm", 16),
        c.real("score", optional=True),
        c.real("p_value", optional=True),
        c.big("amount_ore", optional=True),
        c.json("reasons"),
        c.flag("silenced"),
        sa.UniqueConstraint("case_id", "month"),
    )


def _case_link() -> None:
    op.create_table(
        "case_link",
        c.key(),
        c.ref("case_id", "review_case.id"),
        c.ref("other_id", "review_case.id"),
        c.code("kind"),
        c.instant("at"),
        c.ref("user_id", "app_user.id", optional=True),
        sa.CheckConstraint("kind IN ('merged_into', 'split_from', 'follows')", name="kind"),
        sa.CheckConstraint("case_id <> other_id", name="two_cases"),
        sa.UniqueConstraint("case_id", "other_id", "kind"),
    )


def _case_purpose() -> None:
    op.create_table(
        "case_purpose",
        c.key(),
        c.ref("session_id", "web_session.id", index=False),
        c.ref("user_id", "app_user.id"),
        c.ref("case_id", "review_case.id", index=False),
        c.code("purpose"),
        c.text("note"),
        c.instant("at"),
        *c.said("purpose"),
        sa.UniqueConstraint("session_id", "case_id"),
    )


def _innocence_check() -> None:
    op.create_table(
        "innocence_check",
        c.key(),
        c.ref("case_id", "review_case.id"),
        c.code("feature", 128),
        c.code("finding"),
        c.text("note"),
        c.ref("user_id", "app_user.id"),
        c.instant("at"),
        sa.CheckConstraint("finding IN ('explains', 'in_part', 'does_not_explain')", name="finding"),
        *c.said("note"),
        sa.UniqueConstraint("case_id", "feature"),
    )


#: In the order of their references.
_TABLES = {
    "app_user": _app_user,
    "board": _board,
    "imported_run": _imported_run,
    "network_provider": _network_provider,
    "provider": _provider,
    "provider_event": _provider_event,
    "sign_in_attempt": _sign_in_attempt,
    "provider_board": _provider_board,
    "review_case": _review_case,
    "user_board": _user_board,
    "user_role": _user_role,
    "web_session": _web_session,
    "case_board": _case_board,
    "case_event": _case_event,
    "case_flag": _case_flag,
    "case_link": _case_link,
    "case_purpose": _case_purpose,
    "innocence_check": _innocence_check,
}
