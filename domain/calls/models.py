"""Tables of calls and of the events they are made of."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, LargeBinary, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from domain.encryption import EncryptedJSON, EncryptedText
from domain.tables import Base, BusinessOwned, Identified


class Call(BusinessOwned, Identified, Base):
    """One call, as its events tell it: a projection that can be rebuilt from `call_events`."""

    __tablename__ = "calls"
    __table_args__ = (
        CheckConstraint(
            "state IN ('answering', 'assistant', 'briefing', 'person', 'ended')", name="state"
        ),
        CheckConstraint("channel IN ('sip', 'webrtc')", name="channel"),
        Index("ix_calls_business_id_started_at", "business_id", "started_at", "id"),
        Index("ix_calls_open", "started_at", postgresql_where=text("ended_at IS NULL")),
        Index("ix_calls_caller", "business_id", "caller_index"),
    )

    room: Mapped[str] = mapped_column(unique=True)
    channel: Mapped[str]
    dialled: Mapped[str]
    caller_phone: Mapped[str | None] = mapped_column(EncryptedText)
    caller_index: Mapped[bytes | None] = mapped_column(LargeBinary)
    contact_id: Mapped[UUID | None] = mapped_column(index=True)
    state: Mapped[str]
    epoch: Mapped[int] = mapped_column(default=1)
    started_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    end_reason: Mapped[str | None]
    outcome: Mapped[str | None]
    sandbox: Mapped[list[str]] = mapped_column(JSONB, default=list)
    """Vendors that were sandbox stand-ins on this call."""
    flags: Mapped[list[str]] = mapped_column(
        JSONB, default=list, server_default=text("'[]'::jsonb")
    )
    """What staff should know of it at a glance, as `CallFlagged` names it."""
    rescue_epoch: Mapped[int | None]
    """The epoch that the call keeper last sent a job for: whose update sets it sends one, and nobody else."""
    rescued_at: Mapped[datetime | None]
    synthetic: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    """The installation called itself, to see whether calls are answered: no call of anybody's."""


class CallEvent(BusinessOwned, Base):
    """One fact of a call. Append-only; the key makes a second delivery harmless."""

    __tablename__ = "call_events"
    __table_args__ = (Index("ix_call_events_written", "business_id", "written"),)

    call_id: Mapped[UUID] = mapped_column(primary_key=True)
    epoch: Mapped[int] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    type: Mapped[str]
    at: Mapped[datetime]
    body: Mapped[dict[str, Any]] = mapped_column(EncryptedJSON)
    written: Mapped[int] = mapped_column(
        BigInteger, server_default=text("((pg_current_xact_id())::text)::bigint")
    )
    """The transaction that wrote it: with a snapshot, tells exactly what was not there before. A restore
    into another cluster, whose transactions count anew, has to set it to 0."""


class CallLexeme(Base):
    """A word that was said on a call, as a keyed index: calls are found by their words, which nobody
    who reads the table learns."""

    __tablename__ = "call_lexemes"

    business_id: Mapped[UUID] = mapped_column(
        ForeignKey("businesses.id", ondelete="CASCADE"), primary_key=True
    )
    lexeme: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    call_id: Mapped[UUID] = mapped_column(primary_key=True)
