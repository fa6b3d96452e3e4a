"""Whom to ring for a caller who wants a person: planned from what a call knows of its business, so that it
works with the database away."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

WhyNobody = Literal["outside_hours", "nobody_on_call", "no_number", "unknown_department"]


@dataclass(frozen=True, kw_only=True)
class Telephone:
    """One telephone to ring."""

    number: str
    """E.164."""
    person_id: UUID | None = None
    department_id: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class Round:
    """Telephones rung at the same time, for so many seconds."""

    telephones: tuple[Telephone, ...]
    ring_seconds: int


@dataclass(frozen=True, kw_only=True)
class HandoffPlan:
    """Rounds in their order; with none, why, and when somebody can be reached again (UTC)."""

    rounds: tuple[Round, ...] = ()
    department_id: UUID | None = None
    department_name: str = ""
    why_nobody: WhyNobody | None = None
    reachable_at: datetime | None = None


__all__ = ["HandoffPlan", "Round", "Telephone", "WhyNobody"]
