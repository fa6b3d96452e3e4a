"""Tables of what appointments need beside a person: rooms, chairs, machines."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from domain.tables import Base, BusinessOwned, Identified


class Room(BusinessOwned, Identified, Base):
    """A room, chair or machine. With `seats` above 1 that many appointments can be in it at once, each
    on a seat of its own."""

    __tablename__ = "rooms"
    __table_args__ = (
        CheckConstraint("seats BETWEEN 1 AND 200", name="seats"),
        UniqueConstraint("business_id", "name"),
    )

    resource_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("resources.id", ondelete="RESTRICT"), unique=True
    )
    """Its first seat; the others are the resources whose parent this is."""
    place_id: Mapped[UUID | None] = mapped_column(ForeignKey("places.id", ondelete="RESTRICT"))
    name: Mapped[str]
    seats: Mapped[int] = mapped_column(default=1)
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]


class ServiceRoom(BusinessOwned, Base):
    """A service needs one of the rooms listed for it; with none listed it needs none."""

    __tablename__ = "service_rooms"

    service_id: Mapped[UUID] = mapped_column(
        ForeignKey("services.id", ondelete="CASCADE"), primary_key=True
    )
    room_id: Mapped[UUID] = mapped_column(
        ForeignKey("rooms.id", ondelete="CASCADE"), primary_key=True
    )
