"""Triggers: what may never be changed, and what may never be deleted, whoever asks and by whatever tool."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

#: Rows that stay as they were written.
UNCHANGEABLE = ("audit_entry", "case_event", "approval", "comment", "second_review")
#: Rows that may go on (a status, an answer), but not away.
UNDELETABLE = (
    "review_case", "case_flag", "decision", "disclosure", "evidence_pack", "hearing", "correction", "reidentification",
    "case_file", "case_link",
)  # fmt: skip

_FUNCTION = """
CREATE FUNCTION valfardsbrott_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '% rows stay: % refused', TG_TABLE_NAME, TG_OP; END $$
"""


def upgrade() -> None:
    postgres = op.get_bind().dialect.name == "postgresql"
    if postgres:
        op.execute(_FUNCTION)
    for table, operations in _guarded():
        for operation in operations:
            op.execute(_postgres(table, operation) if postgres else _sqlite(table, operation))
        if postgres:
            op.execute(
                f"CREATE TRIGGER {table}_truncate BEFORE TRUNCATE ON {table}"
                " FOR EACH STATEMENT EXECUTE FUNCTION valfardsbrott_refuse()"
            )


def downgrade() -> None:
    postgres = op.get_bind().dialect.name == "postgresql"
    for table, operations in _guarded():
        for operation in (*operations, "truncate") if postgres else operations:
            op.execute(f"DROP TRIGGER {table}_{operation}" + (f" ON {table}" if postgres else ""))
    if postgres:
        op.execute("DROP FUNCTION valfardsbrott_refuse()")


def _guarded() -> list[tuple[str, tuple[str, ...]]]:
    both, one = ("update", "delete"), ("delete",)
    return [*((table, both) for table in UNCHANGEABLE), *((table, one) for table in UNDELETABLE)]


def _postgres(table: str, operation: str) -> str:
    return (
        f"CREATE TRIGGER {table}_{operation} BEFORE {operation.upper()} ON {table}"
        " FOR EACH ROW EXECUTE FUNCTION valfardsbrott_refuse()"
    )


def _sqlite(table: str, operation: str) -> str:
    return (
        f"CREATE TRIGGER {table}_{operation} BEFORE {operation.upper()} ON {table}"
        f" BEGIN SELECT RAISE(ABORT, '{table} rows stay: {operation} refused'); END"
    )
