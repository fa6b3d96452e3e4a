"""The businesses that the walk goes through, and the ways to their database."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import psycopg
from psycopg.rows import TupleRow

from domain.businesses import operations as businesses
from domain.businesses.settings import BookingRules, BusinessSettings
from domain.calendars import operations as calendars
from domain.calendars.models import Calendar
from domain.contacts import operations as contacts
from domain.database import Database, Scope
from domain.encryption import Keyring
from domain.hours import operations as hours
from domain.people import operations as people
from domain.rooms import operations as rooms
from domain.scheduling.availability import Length
from domain.seam import PinnedSeam
from domain.services import operations as services
from domain.services.models import Service
from tests.domain.scheduling_machine.cutting import CuttingProxy
from tests.domain.scheduling_machine.outside import OutsideStore, OutsideWorld
from tests.domain.scheduling_machine.told import Ledger
from tests.postgres import DatabaseAddress, Emptying

ZONES = ("America/New_York", "Europe/Berlin", "Australia/Lord_Howe")
_MOST_OFFERS = 16

_NIGHTS = tuple((weekday, time(0), time(6)) for weekday in range(7))
_ALL_DAY = tuple((weekday, time(0, 30), time(23, 30)) for weekday in range(7))
WEEKS: tuple[tuple[tuple[int, time, time], ...], ...] = (
    tuple((weekday, time(9), time(17)) for weekday in range(5)),
    # In the night every clock changes; these begin on one day and end on the next.
    _NIGHTS,
    tuple((weekday, time(21), time(5)) for weekday in range(7)),
    _ALL_DAY,
    tuple(
        span
        for weekday in range(6)
        for span in ((weekday, time(8), time(12)), (weekday, time(13), time(20)))
    ),
    _ALL_DAY,
    ((2, time(10), time(14)),),
)


@dataclass(frozen=True, kw_only=True)
class Offered:
    """A time that a call was offered."""

    call_id: UUID
    offer_id: str
    service_id: UUID
    person_id: UUID
    starts_at: datetime


@dataclass(frozen=True, kw_only=True)
class Given:
    """A service, as far as the rules of booking look at it."""

    name: str
    length: Length
    capacity: int = 1
    roomed: bool = False
    """Whether it needs the practice's one room."""
    daily_limit: int | None = None

    @property
    def needs_a_person_alone(self) -> bool:
        """Whether nothing but its person's time can be in its way."""
        return self.capacity == 1 and not self.roomed and self.daily_limit is None


SERVICES = (
    Given(name="Short", length=Length(service=timedelta(minutes=30))),
    Given(
        name="Buffered",
        length=Length(
            service=timedelta(minutes=50), before=timedelta(minutes=10), after=timedelta(minutes=20)
        ),
    ),
    Given(name="In the room", length=Length(service=timedelta(minutes=45)), roomed=True),
    Given(name="Class", length=Length(service=timedelta(minutes=60)), capacity=3),
    Given(name="Seldom", length=Length(service=timedelta(minutes=30)), daily_limit=2),
)


@dataclass(kw_only=True)
class Practice:
    """One business of the walk."""

    business_id: UUID
    zone: ZoneInfo
    people: list[UUID]
    services: dict[UUID, Given]
    contacts: list[UUID]
    calls: list[UUID]
    calendars: dict[UUID, str] = field(default_factory=dict)
    """The address of each person's calendar, by its id."""
    offers: list[Offered] = field(default_factory=list)
    closures: list[UUID] = field(default_factory=list)
    waiting: list[UUID] = field(default_factory=list)

    def remember(self, offered: list[Offered]) -> None:
        known = {(one.call_id, one.offer_id) for one in self.offers}
        self.offers += [one for one in offered if (one.call_id, one.offer_id) not in known]
        del self.offers[:-_MOST_OFFERS]


class World:
    """Three businesses in three zones, two processes' pools, and a connection that can be cut."""

    def __init__(self, address: DatabaseAddress, *, keyring: Keyring, seam: PinnedSeam) -> None:
        self.seam = seam
        self.empty = Emptying(address)
        self.proxy = CuttingProxy(address.app)
        self.workers = [
            Database(address.app, keyring=keyring, seam=seam, pool_size=3) for _ in range(2)
        ]
        self.cuttable = Database(self.proxy.url, keyring=keyring, seam=seam, pool_size=1)
        self.practices: list[Practice] = []
        self.ledger = Ledger()
        self.outside = OutsideWorld()
        self.all_seeing: psycopg.Connection[TupleRow] = psycopg.connect(
            address.superuser, autocommit=True
        )
        self.sealed: psycopg.Connection[TupleRow] = psycopg.connect(address.app, autocommit=True)
        """The serving role, whom row-level security binds."""

    async def open(self) -> None:
        await self.proxy.start()

    async def populate(self) -> None:
        """The businesses, new."""
        self.ledger, self.outside = Ledger(), OutsideWorld()
        self.practices = [await self._practice(zone, place) for place, zone in enumerate(ZONES)]
        await self.warm_cuttable()

    async def warm_cuttable(self) -> None:
        """Connect anew if the last connection was cut, so that the next cut falls into a transaction."""
        async with self.cuttable.scope(business_id=self.practices[0].business_id):
            pass

    async def close(self) -> None:
        for database in (*self.workers, self.cuttable):
            await database.aclose()
        await self.proxy.stop()
        self.empty.close()
        self.all_seeing.close()
        self.sealed.close()

    def practice_of(self, business_id: UUID) -> Practice:
        return next(one for one in self.practices if one.business_id == business_id)

    async def _practice(self, zone: str, place: int) -> Practice:
        database = self.workers[0]
        business_id = self.seam.new_id()
        async with database.scope(business_id=business_id) as scope:
            await businesses.create(
                scope,
                name=f"Practice {place}",
                time_zone=zone,
                country="US",
                settings=BusinessSettings(
                    greeting="Hello.",
                    booking=BookingRules(
                        minimum_notice_minutes=0, horizon_days=60, slot_step_minutes=30
                    ),
                ),
            )
            await set_week(scope, 2 * place)
            given = [await people.create(scope, name=f"Person {number}") for number in range(2)]
            room = await rooms.create(scope, name="Room")
            offered = {(await _service(scope, one, room_id=room.id)).id: one for one in SERVICES}
            known = [
                await contacts.save(scope, phone=f"+1202555012{number}", name=f"Jane {number}")
                for number in range(3)
            ]
            joined = {
                (await _calendar(scope, person.id, direction)).id: _address(person.id)
                for person, direction in zip(given, ("both", "out"), strict=True)
            }
        for address in joined.values():
            self.outside.stores[address] = OutsideStore()
        return Practice(
            business_id=business_id,
            zone=ZoneInfo(zone),
            people=[person.id for person in given],
            services=offered,
            contacts=[contact.id for contact in known],
            calendars=joined,
            calls=[self.seam.new_id() for _ in range(6)],
        )


async def set_week(scope: Scope, which: int, *, person_id: UUID | None = None) -> None:
    await hours.replace_hours(
        scope,
        spans=[
            hours.Span(weekday=weekday, opens=opens, closes=closes)
            for weekday, opens, closes in WEEKS[which % len(WEEKS)]
        ],
        person_id=person_id,
    )


def _address(person_id: UUID) -> str:
    return f"https://calendar.example/{person_id}"


async def _calendar(scope: Scope, person_id: UUID, direction: str) -> Calendar:
    return await calendars.connect(
        scope,
        person_id=person_id,
        kind="caldav",
        name="Own",
        direction=direction,
        access={"url": _address(person_id), "user": "somebody", "password": "secret"},
    )


async def _service(scope: Scope, given: Given, *, room_id: UUID) -> Service:
    def minutes(length: timedelta) -> int:
        return int(length.total_seconds() // 60)

    return await services.create(
        scope,
        name=given.name,
        duration_minutes=minutes(given.length.service),
        buffer_before_minutes=minutes(given.length.before),
        buffer_after_minutes=minutes(given.length.after),
        capacity=given.capacity,
        daily_limit=given.daily_limit,
        room_ids=[room_id] if given.roomed else [],
    )
