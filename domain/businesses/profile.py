"""What a call needs to know of a business: read once when it rings, kept for when the database is away."""

from __future__ import annotations

from datetime import date, time
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from domain.businesses.settings import BusinessSettings


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True)


class ProfileService(_Part):
    id: UUID
    name: str
    description: str
    duration_minutes: int
    price: str


class ProfilePerson(_Part):
    id: UUID
    name: str
    title: str
    service_ids: tuple[UUID, ...]


class ProfileHours(_Part):
    """An open span of a weekday (0 is Monday) in the business's zone."""

    weekday: int
    opens: time
    closes: time


class ProfileClosure(_Part):
    first_day: date
    last_day: date
    reason: str


class ProfileKnowledge(_Part):
    question: str
    answer: str


class CallProfile(_Part):
    """A business as the assistant knows it on one call."""

    business_id: UUID
    name: str
    time_zone: str
    country: str
    settings: BusinessSettings
    settings_version: int
    services: tuple[ProfileService, ...] = ()
    people: tuple[ProfilePerson, ...] = ()
    hours: tuple[ProfileHours, ...] = ()
    closures: tuple[ProfileClosure, ...] = ()
    """Closures of the business (not of people) that are not over yet."""
    knowledge: tuple[ProfileKnowledge, ...] = ()
