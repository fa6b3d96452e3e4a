"""Staff: users and sessions, departments and rota, switches, and what the live feed reads."""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa
from alembic import op

from domain.migrations.security import readable_by_owner, seal

revision = "0004"
down_revision = "0003"

ROLE = "role IN ('operator', 'owner', 'manager', 'staff', 'viewer')"
NEW_TABLES = (
    "call_lexemes",
    "department_hours",
    "department_members",
    "departments",
    "rota_shifts",
    "sessions",
    "switches",
    "users",
)

LOOK_UPS = (
    """
    CREATE FUNCTION user_by_email(email_index bytea)
    RETURNS TABLE (user_id uuid, business_id uuid)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS 'SELECT u.id, u.business_id FROM users u WHERE u.email_index = $1'
    """,
    """
    CREATE FUNCTION session_user_of(session_id uuid)
    RETURNS TABLE (
        user_id uuid, business_id uuid, role text, active boolean,
        last_used_at timestamptz, expires_at timestamptz, ended_at timestamptz
    )
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS 'SELECT u.id, u.business_id, u.role, u.active, s.last_used_at, s.expires_at, s.ended_at
          FROM sessions s JOIN users u ON u.id = s.user_id WHERE s.id = $1'
    """,
)
SIGNATURES = ("user_by_email(bytea)", "session_user_of(uuid)")

# Told once for each transaction and business, however many events it wrote: the payload is the same.
TELL = """
    CREATE FUNCTION tell_call_event() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
    AS 'BEGIN PERFORM pg_notify(''call_events'', NEW.business_id::text); RETURN NULL; END'
"""


def upgrade() -> None:
    _accounts()
    _handoffs()
    op.create_table(
        "switches",
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("forward_to", sa.LargeBinary(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.CheckConstraint("mode IN ('on', 'messages_only', 'off')", name=op.f("ck_switches_mode")),
        sa.ForeignKeyConstraint(
            ["business_id"],
            ["businesses.id"],
            name=op.f("fk_switches_business_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("business_id", name=op.f("pk_switches")),
    )
    op.add_column("messages", sa.Column("call_back_time", sa.LargeBinary(), nullable=True))
    _calls()
    for table in NEW_TABLES:
        for statement in seal(table):
            op.execute(statement)
    for table in ("users", "sessions"):
        op.execute(readable_by_owner(table))
    for statement in LOOK_UPS:
        op.execute(statement)
    for signature in SIGNATURES:
        op.execute(f"REVOKE ALL ON FUNCTION {signature} FROM PUBLIC")
        op.execute(f"GRANT EXECUTE ON FUNCTION {signature} TO reception_app")


def _accounts() -> None:
    op.create_table(
        "users",
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("email", sa.LargeBinary(), nullable=False),
        sa.Column("email_index", sa.LargeBinary(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("password_changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("failed_sign_ins", sa.Integer(), nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_sign_in_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(ROLE, name=op.f("ck_users_role")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_users_person_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("email_index", name=op.f("uq_users_email_index")),
    )
    op.create_index(op.f("ix_users_business_id"), "users", ["business_id"])
    op.create_table(
        "sessions",
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("device", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_sessions_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sessions")),
    )
    op.create_index(op.f("ix_sessions_business_id"), "sessions", ["business_id"])
    op.create_index(op.f("ix_sessions_user_id"), "sessions", ["user_id"])


def _handoffs() -> None:
    op.create_table(
        "departments",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("phone", sa.LargeBinary(), nullable=True),
        sa.Column("ring", sa.Text(), nullable=False),
        sa.Column("ring_seconds", sa.Integer(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("hours", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        *_owned("departments"),
        sa.CheckConstraint("ring IN ('in_order', 'all_at_once')", name=op.f("ck_departments_ring")),
        sa.CheckConstraint(
            "hours IN ('opening', 'always', 'own')", name=op.f("ck_departments_hours")
        ),
        sa.CheckConstraint(
            "ring_seconds BETWEEN 5 AND 120", name=op.f("ck_departments_ring_seconds")
        ),
        sa.CheckConstraint("tries BETWEEN 1 AND 5", name=op.f("ck_departments_tries")),
    )
    op.create_table(
        "department_members",
        sa.Column("department_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["business_id"],
            ["businesses.id"],
            name=op.f("fk_department_members_business_id"),
            ondelete="CASCADE",
        ),
        _cascade("department_members", "department_id", "departments"),
        _cascade("department_members", "person_id", "people"),
        sa.PrimaryKeyConstraint("department_id", "person_id", name=op.f("pk_department_members")),
    )
    op.create_table(
        "department_hours",
        sa.Column("department_id", sa.Uuid(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("opens", sa.Time(), nullable=False),
        sa.Column("closes", sa.Time(), nullable=False),
        *_owned("department_hours"),
        _cascade("department_hours", "department_id", "departments"),
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name=op.f("ck_department_hours_weekday")),
    )
    op.create_index(
        op.f("ix_department_hours_department_id"), "department_hours", ["department_id"]
    )
    op.create_table(
        "rota_shifts",
        sa.Column("department_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("begins", sa.Time(), nullable=False),
        sa.Column("ends", sa.Time(), nullable=False),
        sa.Column("every_weeks", sa.Integer(), nullable=True),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        *_owned("rota_shifts"),
        _cascade("rota_shifts", "department_id", "departments"),
        _cascade("rota_shifts", "person_id", "people"),
        sa.CheckConstraint("every_weeks BETWEEN 1 AND 52", name=op.f("ck_rota_shifts_every_weeks")),
    )
    for column in ("department_id", "person_id"):
        op.create_index(op.f(f"ix_rota_shifts_{column}"), "rota_shifts", [column])
    for table in ("departments", "department_members", "department_hours", "rota_shifts"):
        op.create_index(op.f(f"ix_{table}_business_id"), table, ["business_id"])


def _calls() -> None:
    # Rows from before the feed are 0: every snapshot has seen them.
    op.add_column(
        "call_events", sa.Column("written", sa.BigInteger(), server_default="0", nullable=False)
    )
    op.alter_column(
        "call_events", "written", server_default=sa.text("((pg_current_xact_id())::text)::bigint")
    )
    op.create_index("ix_call_events_written", "call_events", ["business_id", "written"])
    op.execute(TELL)
    op.execute(
        "CREATE TRIGGER tell AFTER INSERT ON call_events "
        "FOR EACH ROW EXECUTE FUNCTION tell_call_event()"
    )
    # The live feed tells of switches too.
    op.execute(
        "CREATE TRIGGER tell AFTER INSERT OR UPDATE ON switches "
        "FOR EACH ROW EXECUTE FUNCTION tell_call_event()"
    )
    op.create_table(
        "call_lexemes",
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("lexeme", sa.LargeBinary(), nullable=False),
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["business_id"],
            ["businesses.id"],
            name=op.f("fk_call_lexemes_business_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("business_id", "lexeme", "call_id", name=op.f("pk_call_lexemes")),
    )


def _owned(table: str) -> tuple[sa.Column[UUID] | sa.Constraint, ...]:
    return (
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["business_id"],
            ["businesses.id"],
            name=op.f(f"fk_{table}_business_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )


def _cascade(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}"), ondelete="CASCADE"
    )


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead: a downgrade would drop people's accounts")
