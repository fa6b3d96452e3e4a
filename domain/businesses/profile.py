"""What a call needs to know of a business: read once when it rings, kept for when the database is away."""

from __future__ import annotations

from datetime import date, time
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from domain.businesses.settings import BusinessSettings, Kind


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
    phone: str = ""
    """E.164; empty where they have none, or one that the assistant itself answers."""


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


class ProfileDepartment(_Part):
    """People who take calls together, in the order in which they are rung."""

    id: UUID
    name: str
    description: str = ""
    phone: str = ""
    """A telephone of its own, rung before its people."""
    ring: Literal["in_order", "all_at_once"] = "in_order"
    ring_seconds: int = 20
    tries: int = 1
    hours: Literal["opening", "always", "own"] = "opening"
    own_hours: tuple[ProfileHours, ...] = ()
    member_ids: tuple[UUID, ...] = ()


class ProfileShift(_Part):
    """Somebody is on call for a department: as `domain.handoffs.models.RotaShift`."""

    department_id: UUID
    person_id: UUID
    day: date
    begins: time
    ends: time
    every_weeks: int | None = None
    until: date | None = None


class ProfileSwitch(_Part):
    """What staff had switched the assistant to when the call came. A snapshot on disk may be older than
    the last change: a business that is off is then answered as it was before."""

    mode: Literal["on", "messages_only", "off"] = "on"
    forward_to: str = ""
    """E.164; empty: voicemail."""


class Routing(_Part):
    """All that tells whom to ring for a caller who wants a person, and when."""

    time_zone: str
    departments: tuple[ProfileDepartment, ...] = ()
    """The active ones, in their order."""
    people: tuple[ProfilePerson, ...] = ()
    shifts: tuple[ProfileShift, ...] = ()
    hours: tuple[ProfileHours, ...] = ()
    """Of the main address, as the three that follow."""
    date_hours: tuple[ProfileDateHours, ...] = ()
    closures: tuple[ProfileClosure, ...] = ()
    pauses: tuple[ProfilePause, ...] = ()
    last_resort: str = ""
    """The number (E.164) for when no department has anybody."""


class ProfileProvider(_Part):
    """How a provider stood when the profile was read."""

    kind: Kind
    provider: str
    own: bool
    """Its key or address is the business's own."""
    asked_last: bool
    may_be_tried: bool
    """It may be for this call to try it, now that it has rested."""


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
    departments: tuple[ProfileDepartment, ...] = ()
    """The active ones, in their order."""
    shifts: tuple[ProfileShift, ...] = ()
    """Of the rota, those that are not over."""
    switch: ProfileSwitch = ProfileSwitch()
    providers: tuple[ProfileProvider, ...] = ()
    """The breakers of its own providers and of the installation's."""

    @property
    def routing(self) -> Routing:
        """Whom to ring, with the database away too."""
        return Routing(
            time_zone=self.time_zone,
            departments=self.departments,
            people=self.people,
            shifts=self.shifts,
            hours=self.hours,
            date_hours=self.date_hours,
            closures=self.closures,
            pauses=self.pauses,
            last_resort=self.settings.transfer_number,
        )
