"""The queue of background jobs, and why one failed."""

from __future__ import annotations

from alembic import op

from domain.migrations.job_queue import SCHEMA, apply, grant

revision = "0003"
down_revision = "0002"

FAILURES = f"""
    CREATE TABLE {SCHEMA}.failures (
        job_id bigint CONSTRAINT pk_failures PRIMARY KEY
            CONSTRAINT fk_failures_job_id REFERENCES {SCHEMA}.procrastinate_jobs ON DELETE CASCADE,
        error text NOT NULL,
        failed_at timestamptz NOT NULL,
        given_up_at timestamptz,
        given_up_by text
    )
"""

# A business's dead letters are read by its id, and a job that ends looks for what failed before it of
# the same work; among millions of jobs the failed are few.
INDEXES = (
    f"CREATE INDEX ix_dead_letters_business ON {SCHEMA}.procrastinate_jobs"
    " ((args ->> 'business_id'), id) WHERE status IN ('failed', 'cancelled')",
    f"CREATE INDEX ix_dead_letters_work ON {SCHEMA}.procrastinate_jobs (queueing_lock)"
    " WHERE status = 'failed'",
)


def upgrade() -> None:
    connection = op.get_bind()
    op.execute(f"CREATE SCHEMA {SCHEMA}")
    apply(connection, "procrastinate_3_10_0.sql")
    op.execute(FAILURES)
    for index in INDEXES:
        op.execute(index)
    grant(connection)


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead: a downgrade would drop what is queued")
