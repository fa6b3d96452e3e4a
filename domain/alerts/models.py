"""Table of what somebody has to look at."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from domain.tables import Base, Identified

AlertKind = Literal[
    "emergency",
    "self_harm",
    "threat",
    "provider_down",
    "test_call_failed",
    "calls_refused",
    "work_failed",
]


class Alert(Identified, Base):
    """Something that is wrong, or that staff must know at once. One is open for each kind and subject: what
    happens again is counted on it. `business_id` is INSTALLATION for what concerns operators."""

    __tablename__ = "alerts"
    __table_args__ = (
        Index(
            "uq_alerts_open",
            "business_id",
            "kind",
            "subject",
            unique=True,
            postgresql_where=text("resolved_at IS NULL"),
        ),
        Index("ix_alerts_opened", "business_id", "opened_at", "id"),
    )

    business_id: Mapped[UUID]
    kind: Mapped[str]
    subject: Mapped[str]
    """What it is about: a call's id, a provider, a task. Nothing private."""
    urgent: Mapped[bool]
    call_id: Mapped[UUID | None]
    opened_at: Mapped[datetime]
    last_at: Mapped[datetime]
    times: Mapped[int] = mapped_column(default=1)
    acknowledged_at: Mapped[datetime | None]
    acknowledged_by: Mapped[str | None]
    """The id of the user or key."""
    resolved_at: Mapped[datetime | None]
