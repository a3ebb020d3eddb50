"""A review of the log cannot be deleted, and once signed off not be changed, nor can what it looked at.

Items may be put in even then: so a backup comes back. One without a finding under a signed review tells of itself.
"""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_SIGNED = "EXISTS (SELECT 1 FROM log_review WHERE month = NEW.month AND signed_at IS NOT NULL)"
_FUNCTION = f"""
CREATE FUNCTION valfardsbrott_refuse_signed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF {_SIGNED} THEN RAISE EXCEPTION '% rows stay: % refused', TG_TABLE_NAME, TG_OP; END IF;
  RETURN NEW;
END $$
"""
#: Table and operation: refused always, or once the month's review is signed.
_GUARDED = (
    ("log_review", "delete", False),
    ("log_review", "update", True),
    ("log_review_item", "delete", False),
    ("log_review_item", "update", True),
)


def upgrade() -> None:
    postgres = op.get_bind().dialect.name == "postgresql"
    if postgres:
        op.execute(_FUNCTION)
    for table, operation, signed in _GUARDED:
        head = f"CREATE TRIGGER {table}_{operation} BEFORE {operation.upper()} ON {table}"
        if postgres:
            function = "valfardsbrott_refuse_signed" if signed else "valfardsbrott_refuse"
            op.execute(f"{head} FOR EACH ROW EXECUTE FUNCTION {function}()")
        else:
            when = f" WHEN {_SIGNED}" if signed else ""
            op.execute(f"{head}{when} BEGIN SELECT RAISE(ABORT, '{table} rows stay: {operation} refused'); END")


def downgrade() -> None:
    postgres = op.get_bind().dialect.name == "postgresql"
    for table, operation, _ in _GUARDED:
        op.execute(f"DROP TRIGGER {table}_{operation}" + (f" ON {table}" if postgres else ""))
    if postgres:
        op.execute("DROP FUNCTION valfardsbrott_refuse_signed()")
