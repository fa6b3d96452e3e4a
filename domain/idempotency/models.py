"""Table of requests that were carried out once and answered again."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from domain.encryption import EncryptedText
from domain.tables import Base, BusinessOwned


class IdempotentRequest(BusinessOwned, Base):
    """A request that was carried out under an `Idempotency-Key`, and its answer
    (draft-ietf-httpapi-idempotency-key-header-07)."""

    __tablename__ = "idempotent_requests"
    __table_args__ = (Index("ix_idempotent_requests_created_at", "business_id", "created_at"),)

    business_id: Mapped[UUID] = mapped_column(
        ForeignKey("businesses.id", ondelete="CASCADE"), primary_key=True
    )
    key: Mapped[str] = mapped_column(primary_key=True)
    """Keyed hash of who asked and of the key they gave: two clients may choose the same key."""
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary)
    """SHA-256 of method, path and body: the same key for another request is an error."""
    status: Mapped[int]
    body: Mapped[str] = mapped_column(EncryptedText)
    created_at: Mapped[datetime]
