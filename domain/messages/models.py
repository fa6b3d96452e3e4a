"""Table of messages that callers leave."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from domain.encryption import EncryptedText
from domain.tables import Base, BusinessOwned, Identified


class Message(BusinessOwned, Identified, Base):
    """What a caller asked to be passed on."""

    __tablename__ = "messages"
    __table_args__ = (
        CheckConstraint("urgency IN ('low', 'normal', 'urgent')", name="urgency"),
        CheckConstraint("state IN ('new', 'read', 'done')", name="state"),
        Index("ix_messages_business_id_created_at", "business_id", "created_at"),
    )

    call_id: Mapped[UUID | None] = mapped_column(index=True)
    contact_id: Mapped[UUID | None] = mapped_column(ForeignKey("contacts.id", ondelete="SET NULL"))
    caller_name: Mapped[str | None] = mapped_column(EncryptedText)
    caller_phone: Mapped[str | None] = mapped_column(EncryptedText)
    text: Mapped[str] = mapped_column(EncryptedText)
    call_back_time: Mapped[str | None] = mapped_column(EncryptedText)
    """When the caller would like to be called back, in their own words."""
    urgency: Mapped[str]
    state: Mapped[str]
    created_at: Mapped[datetime]
