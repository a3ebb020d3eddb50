"""The action plan in versions, and the editions of the situational picture."""

import sqlalchemy as sa
from alembic import op

from valfardsbrott.review.models.base import UtcDateTime as Instant

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_PROPOSED = sa.text("status = 'proposed'")
#: What a version says, and of what, stays as it was written; only its decision is added.
_WRITTEN = ("entry_id", "number", "content", "proposed_by_id", "proposed_at")


def upgrade() -> None:
    op.create_table(
        "plan_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("code", sa.String(length=128), nullable=False),
        sa.Column("board_id", sa.String(length=64), nullable=True),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_entry")),
    )
    op.create_index(op.f("ix_plan_entry_kind"), "plan_entry", ["kind"])
    op.create_index(op.f("ix_plan_entry_board_id"), "plan_entry", ["board_id"])
    op.create_table("plan_version", *_version())
    op.create_index(op.f("ix_plan_version_entry_id"), "plan_version", ["entry_id"])
    op.create_index(op.f("ix_plan_version_proposed_by_id"), "plan_version", ["proposed_by_id"])
    op.create_index(
        "uq_plan_version_one_proposed", "plan_version", ["entry_id"], unique=True,
        sqlite_where=_PROPOSED, postgresql_where=_PROPOSED,
    )  # fmt: skip
    op.create_table("situation_edition", *_edition())
    for table, when in _guarded():
        op.execute(_trigger(table, when))


def downgrade() -> None:
    for table in ("situation_edition", "plan_version", "plan_entry"):
        op.drop_table(table)


def _version() -> list[sa.schema.SchemaItem]:
    status = sa.Enum(
        "proposed", "approved", "returned", name="plan_status", native_enum=False, create_constraint=True, length=32
    )
    return [
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("status", status, nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("proposed_by_id", sa.Integer(), nullable=False),
        sa.Column("proposed_at", Instant(), nullable=False),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", Instant(), nullable=True),
        sa.Column("decision_reasons", sa.Text(), nullable=True),
        sa.CheckConstraint("(status = 'proposed') = (decided_by_id IS NULL)", name=op.f("ck_plan_version_decided")),
        sa.CheckConstraint("decided_by_id <> proposed_by_id", name=op.f("ck_plan_version_four_eyes")),
        sa.CheckConstraint("length(trim(decision_reasons)) > 0", name=op.f("ck_plan_version_decision_reasons_said")),
        sa.ForeignKeyConstraint(["entry_id"], ["plan_entry.id"], name=op.f("fk_plan_version_entry_id")),
        sa.ForeignKeyConstraint(["proposed_by_id"], ["app_user.id"], name=op.f("fk_plan_version_proposed_by_id")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["app_user.id"], name=op.f("fk_plan_version_decided_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_version")),
        sa.UniqueConstraint("entry_id", "number", name=op.f("uq_plan_version_entry_id_number")),
    ]


def _edition() -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("first_month", sa.String(length=7), nullable=False),
        sa.Column("last_month", sa.String(length=7), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False, comment="of the document as JSON"),
        sa.Column("made_by_id", sa.Integer(), nullable=True),
        sa.Column("made_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["made_by_id"], ["app_user.id"], name=op.f("fk_situation_edition_made_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_situation_edition")),
        sa.UniqueConstraint(
            "first_month", "last_month", "number", name=op.f("uq_situation_edition_first_month_last_month_number")
        ),
    ]


def _guarded() -> list[tuple[str, str]]:
    written = f"UPDATE OF {', '.join(_WRITTEN)}"
    return [
        *((table, "DELETE") for table in ("plan_entry", "plan_version", "situation_edition")),
        ("plan_version", written),
        ("situation_edition", "UPDATE"),
    ]


def _trigger(table: str, when: str) -> str:
    name = f"{table}_{when.split(maxsplit=1)[0].lower()}"
    head = f"CREATE TRIGGER {name} BEFORE {when} ON {table}"
    if op.get_bind().dialect.name == "postgresql":
        return f"{head} FOR EACH ROW EXECUTE FUNCTION valfardsbrott_refuse()"
    return f"{head} BEGIN SELECT RAISE(ABORT, '{table} rows stay: {when.split(maxsplit=1)[0].lower()} refused'); END"
