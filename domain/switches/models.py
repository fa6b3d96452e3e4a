"""Table of what staff have switched the assistant to."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from domain.encryption import EncryptedText
from domain.tables import Base


class Switch(Base):
    """One row a business that has ever switched; without one the assistant is on."""

    __tablename__ = "switches"
    __table_args__ = (CheckConstraint("mode IN ('on', 'messages_only', 'off')", name="mode"),)

    business_id: Mapped[UUID] = mapped_column(
        ForeignKey("businesses.id", ondelete="CASCADE"), primary_key=True
    )
    mode: Mapped[str]
    """`off`: calls go to `forward_to`, or to voicemail where it is empty."""
    forward_to: Mapped[str | None] = mapped_column(EncryptedText)
    """E.164."""
    changed_at: Mapped[datetime]
    changed_by: Mapped[str]
    """The id of the user or key."""
