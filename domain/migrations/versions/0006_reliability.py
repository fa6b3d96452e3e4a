"""Rescued calls, flagged calls, alerts, and how providers do."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from domain.migrations.security import readable_by_owner, seal

revision = "0006"
down_revision = "0005"

# Counts over all businesses, for those who watch the installation: no row of anybody's.
WATCH_FIGURES = """
    CREATE FUNCTION watch_figures()
    RETURNS TABLE (figure text, first text, second text, value double precision)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
        SELECT 'alerts', a.kind, CASE WHEN a.urgent THEN 'yes' ELSE 'no' END, count(*)
          FROM alerts a WHERE a.resolved_at IS NULL GROUP BY a.kind, a.urgent
         UNION ALL
        SELECT 'breakers_' || COALESCE(b.override, b.state), b.kind, b.provider, count(*)
          FROM provider_breakers b GROUP BY COALESCE(b.override, b.state), b.kind, b.provider
         UNION ALL
        SELECT 'calendars', c.state, c.kind, count(*) FROM calendars c GROUP BY c.state, c.kind
    $$
"""


def upgrade() -> None:
    op.add_column("calls", sa.Column("rescue_epoch", sa.Integer(), nullable=True))
    op.add_column("calls", sa.Column("rescued_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "calls",
        sa.Column(
            "flags",
            JSONB(),
            server_default=sa.text("'[]'::jsonb"),
            nullable=False,
        ),
    )
    _alerts()
    _providers()
    _watching()


def _alerts() -> None:
    op.create_table(
        "alerts",
        sa.Column("id", sa.Uuid(), nullable=False),
        # Of the installation too, which is no row of `businesses`.
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("call_id", sa.Uuid(), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("acknowledged_by", sa.Text(), nullable=True),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alerts")),
    )
    op.create_index(
        "uq_alerts_open",
        "alerts",
        ["business_id", "kind", "subject"],
        unique=True,
        postgresql_where=sa.text("resolved_at IS NULL"),
    )
    op.create_index("ix_alerts_opened", "alerts", ["business_id", "opened_at", "id"])
    for statement in seal("alerts"):
        op.execute(statement)
    # The live feed tells of alerts as it tells of calls.
    op.execute(
        "CREATE TRIGGER tell AFTER INSERT OR UPDATE ON alerts "
        "FOR EACH ROW EXECUTE FUNCTION tell_call_event()"
    )


def _providers() -> None:
    kind = "kind IN ('hearing', 'model', 'speech')"
    op.create_table(
        "provider_tallies",
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("minute", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint(
            "business_id", "kind", "provider", "minute", name=op.f("pk_provider_tallies")
        ),
        sa.CheckConstraint(kind, name=op.f("ck_provider_tallies_kind")),
        sa.CheckConstraint(
            "failures BETWEEN 0 AND tries", name=op.f("ck_provider_tallies_failures")
        ),
    )
    op.create_table(
        "provider_breakers",
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("probe_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("override", sa.Text(), nullable=True),
        sa.Column("override_by", sa.Text(), nullable=True),
        sa.Column("override_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint(
            "business_id", "kind", "provider", name=op.f("pk_provider_breakers")
        ),
        sa.CheckConstraint(kind, name=op.f("ck_provider_breakers_kind")),
        sa.CheckConstraint(
            "state IN ('closed', 'open', 'half_open')", name=op.f("ck_provider_breakers_state")
        ),
        sa.CheckConstraint(
            "override IN ('open', 'closed')", name=op.f("ck_provider_breakers_override")
        ),
    )
    for table in ("provider_tallies", "provider_breakers"):
        for statement in seal(table):
            op.execute(statement)
        # A call reads how its business's own providers stand and the installation's, in one query.
        op.execute(
            f"CREATE POLICY installation ON {table} FOR SELECT TO reception_app "
            "USING (business_id = '00000000-0000-0000-0000-000000000000')"
        )


def _watching() -> None:
    op.add_column(
        "calls",
        sa.Column("synthetic", sa.Boolean(), server_default=sa.text("false"), nullable=False),
    )
    op.create_table(
        "worker_signs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepting", sa.Boolean(), nullable=False),
        sa.Column("draining", sa.Boolean(), nullable=False),
        sa.Column("active_calls", sa.Integer(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("undelivered", sa.Integer(), nullable=False),
        sa.Column("oldest_undelivered_seconds", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_worker_signs")),
    )
    op.create_table(
        "synthetic_calls",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("dialled", sa.Text(), nullable=False),
        sa.Column("room", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("greeting_seconds", sa.Float(), nullable=True),
        sa.Column("answer_seconds", sa.Float(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_synthetic_calls")),
        sa.CheckConstraint(
            "outcome IN ('passed', 'not_connected', 'no_agent', 'no_greeting', 'late_greeting',"
            " 'no_answer', 'did_not_run')",
            name=op.f("ck_synthetic_calls_outcome"),
        ),
    )
    op.create_index(
        "ix_synthetic_calls_placed", "synthetic_calls", ["business_id", "placed_at", "id"]
    )
    for table in ("worker_signs", "synthetic_calls"):
        for statement in seal(table):
            op.execute(statement)
    for table in ("alerts", "provider_breakers"):
        op.execute(readable_by_owner(table))
    op.execute(WATCH_FIGURES)
    op.execute("REVOKE ALL ON FUNCTION watch_figures() FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION watch_figures() TO reception_app")


def downgrade() -> None:
    raise NotImplementedError(
        "restore a backup instead: a downgrade would drop what staff are told"
    )
