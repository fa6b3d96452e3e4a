"""Tables of the people who give appointments, and of everything that can be booked."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity
from sqlalchemy.orm import Mapped, mapped_column

from domain.encryption import EncryptedText
from domain.tables import Base, BusinessOwned, Identified


class Resource(BusinessOwned, Base):
    """Something that can serve one appointment at a time: a person, a room, a seat.

    The id is a bigint because the double-booking constraint compares it as a range.
    """

    __tablename__ = "resources"
    __table_args__ = (CheckConstraint("kind IN ('person', 'room', 'seat')", name="kind"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    kind: Mapped[str]


class Person(BusinessOwned, Identified, Base):
    """Somebody of the business who gives appointments or takes calls."""

    __tablename__ = "people"

    resource_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("resources.id", ondelete="RESTRICT"), unique=True
    )
    name: Mapped[str] = mapped_column(EncryptedText)
    title: Mapped[str] = mapped_column(default="")
    """As callers know them: `dentist`, `hygienist`."""
    phone: Mapped[str | None] = mapped_column(EncryptedText)
    email: Mapped[str | None] = mapped_column(EncryptedText)
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]
