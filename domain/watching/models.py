"""Tables of the installation's workers and of the calls that it makes to itself."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped

from domain.tables import Base, Identified

SyntheticOutcome = Literal[
    "passed",
    "not_connected",
    "no_agent",
    "no_greeting",
    "late_greeting",
    "no_answer",
    "did_not_run",
]


class WorkerSign(Identified, Base):
    """The last sign of life of one worker's main process. `business_id` is INSTALLATION."""

    __tablename__ = "worker_signs"

    business_id: Mapped[UUID]
    seen_at: Mapped[datetime]
    accepting: Mapped[bool]
    """It takes calls: registered, not draining, not full."""
    draining: Mapped[bool]
    active_calls: Mapped[int]
    capacity: Mapped[int]
    undelivered: Mapped[int]
    """Facts of calls in its spool that the database has not got."""
    oldest_undelivered_seconds: Mapped[float]


class SyntheticCall(Identified, Base):
    """A call that the installation made to itself, and what came of it. `business_id` is INSTALLATION."""

    __tablename__ = "synthetic_calls"
    __table_args__ = (
        CheckConstraint(
            "outcome IN ('passed', 'not_connected', 'no_agent', 'no_greeting', 'late_greeting',"
            " 'no_answer', 'did_not_run')",
            name="outcome",
        ),
        Index("ix_synthetic_calls_placed", "business_id", "placed_at", "id"),
    )

    business_id: Mapped[UUID]
    placed_at: Mapped[datetime]
    dialled: Mapped[str]
    room: Mapped[str]
    outcome: Mapped[str]
    greeting_seconds: Mapped[float | None]
    """From the call's placing to the first word."""
    answer_seconds: Mapped[float | None]
    """From the end of the question to the answer's first word."""
