"""Table of the people who call."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from domain.encryption import EncryptedText
from domain.tables import Base, BusinessOwned, Identified


class Contact(BusinessOwned, Identified, Base):
    """Somebody who has called or was entered by staff; found by number through a blind index."""

    __tablename__ = "contacts"
    __table_args__ = (
        Index("ix_contacts_phone", "business_id", "phone_index"),
        Index("ix_contacts_email", "business_id", "email_index"),
        Index("ix_contacts_birth", "business_id", "birth_index"),
    )

    name: Mapped[str | None] = mapped_column(EncryptedText)
    phone: Mapped[str | None] = mapped_column(EncryptedText)
    phone_index: Mapped[bytes | None] = mapped_column(LargeBinary)
    email: Mapped[str | None] = mapped_column(EncryptedText)
    email_index: Mapped[bytes | None] = mapped_column(LargeBinary)
    date_of_birth: Mapped[str | None] = mapped_column(EncryptedText)
    """ISO 8601 date."""
    birth_index: Mapped[bytes | None] = mapped_column(LargeBinary)
    notes: Mapped[str | None] = mapped_column(EncryptedText)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
