"""Run by Alembic: migrates on the connection that `review.database` hands over."""

from alembic import context

from valfardsbrott.review.models import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
