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
    channel: str = "in_person"
    """in_person, phone (the business calls) or online."""
    new_contacts_only: bool = False


class ProfilePerson(_Part):
    id: UUID
    name: str
    title: str
    service_ids: tuple[UUID, ...]


class ProfilePlace(_Part):
    """A further address at which the business gives appointments."""

    id: UUID
    name: str
    address: str
    time_zone: str


class ProfileHours(_Part):
    """An open span of a weekday (0 is Monday) in the business's zone; one that closes at or before the
    time it opens runs into the next day."""

    weekday: int
    opens: time
    closes: time


class ProfileDateHours(_Part):
    """An open span of a date, instead of its weekday's."""

    day: date
    opens: time
    closes: time


class ProfileClosure(_Part):
    """Days, both included."""

    first_day: date
    last_day: date
    reason: str


class ProfilePause(_Part):
    """Closed between two times on each of the days, both included."""

    first_day: date
    last_day: date
    from_time: time
    until_time: time
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
    date_hours: tuple[ProfileDateHours, ...] = ()
    """Of the coming dates on which the main address has other hours than `hours`."""
    closures: tuple[ProfileClosure, ...] = ()
    """Closures of the whole business (not of people or places) that are not over yet, and the public
    holidays of the next weeks on which the main address is closed."""
    pauses: tuple[ProfilePause, ...] = ()
    """Closures between two times of the whole business that are not over yet."""
    places: tuple[ProfilePlace, ...] = ()
    """The further addresses; the main one is the settings'."""
    knowledge: tuple[ProfileKnowledge, ...] = ()
