"""A practice with one dentist, and calls to it of which all that was heard is kept.

What the recogniser hears is told it beforehand: how words are heard is tested elsewhere, and on a busy
machine a stall in the sound would be another sentence.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select

from domain.businesses import numbers, operations as businesses
from domain.businesses.settings import BookingRules, BusinessSettings
from domain.calls.events import Event
from domain.calls.models import Call
from domain.contacts import operations as contacts
from domain.hours import operations as hours
from domain.people import operations as people
from domain.scheduling import appointments
from domain.scheduling.models import Appointment
from domain.services import operations as services
from reception.caller.voice import synthesise
from reception.caller.webrtc import WebRtcCaller
from tests.calls.conftest import Line
from tests.calls.stack import Stack

NEW_YORK = ZoneInfo("America/New_York")
CALLER, STRANGER = "+12025550131", "+12025550132"
_RATE = 16_000
AGAIN = "say it again"
"""On a busy machine a vendor's stand-in may be too slow; a caller who is asked to repeats."""
MOST_REPEATS = 3
MOST_PARTS = 3
"""An answer may come in so many pieces, a filler among them."""


@dataclass
class Talk:
    """One call: `lines` are what the caller says, in order; what was heard is kept, all of it."""

    stack: Stack
    caller: WebRtcCaller
    lines: Iterator[str]
    heard: list[str] = field(default_factory=list)

    async def hear(self, *words: str) -> str:
        """Listen until every one of `words` was said in an answer; returns the answer."""
        answer = await self._listen(words)
        assert all(word in answer.lower() for word in words), (words, self.heard)
        return answer

    async def say(self, *words: str) -> str:
        """Say the next line, and again if asked to, then `hear` the words."""
        line = next(self.lines)
        for _ in range(MOST_REPEATS):
            self.prompt(line)
            await self.caller.speak(line)
            answer = await self._listen(words)
            if AGAIN not in answer:
                break
        assert all(word in answer.lower() for word in words), (words, self.heard)
        return answer

    async def interrupt(self) -> None:
        """Say the next line into what the assistant says."""
        line = next(self.lines)
        self.prompt(line)
        await self.caller.interrupt(line, after=0.3)

    def prompt(self, line: str) -> None:
        """Tell the recogniser what it hears next."""
        self.stack.sandbox("POST", "scripts/next", heard_as(line))

    async def _listen(self, words: Sequence[str]) -> str:
        answer = ""
        for _ in range(MOST_PARTS):
            answer = f"{answer} {(await self.caller.hear()).text}".strip()
            if AGAIN in answer or all(word in answer.lower() for word in words):
                break
        self.heard.append(answer)
        return answer


@dataclass
class Practice:
    """Dr. Lee alone, every day from eight to six."""

    line: Line
    business_id: UUID
    number: str
    service_id: UUID
    person_id: UUID

    @asynccontextmanager
    async def call(self, *lines: str, caller: str = CALLER) -> AsyncIterator[Talk]:
        stack = self.line.stack
        stack.sandbox("POST", "scripts", {"lines": [heard_as(lines[0])]})
        async with self.line.call(self.number, caller=caller) as placed:
            talk = Talk(stack, placed, iter(lines))
            await talk.hear("practice")
            yield talk

    async def book(self, starts_at: datetime, *, phone: str = CALLER) -> UUID:
        """An appointment of David Hill, born on 4 July 1975."""
        async with self.line.database.scope(business_id=self.business_id) as scope:
            contact = await contacts.save(
                scope, phone=phone, name="David Hill", date_of_birth="1975-07-04"
            )
            booked = await appointments.book_directly(
                scope,
                service_id=self.service_id,
                person_id=self.person_id,
                starts_at=starts_at,
                contact_id=contact.id,
            )
            return booked.id

    async def appointments(self, *states: str) -> Sequence[Appointment]:
        async with self.line.database.scope(business_id=self.business_id) as scope:
            query = select(Appointment).where(Appointment.state.in_(states))
            return (await scope.session.scalars(query.order_by(Appointment.id))).all()

    async def record(self, talk: Talk) -> tuple[Call, list[Event]]:
        """The call that has ended, and its events."""
        call = await self.line.ended(talk.caller.room_name)
        return call, await self.line.events(call)


_taken_numbers = iter(f"+120255501{last:02d}" for last in range(60, 76))


async def open_practice(line: Line, rules: BookingRules | None = None) -> Practice:
    """A new practice with a number of its own."""
    business_id, number = line.database.seam.new_id(), next(_taken_numbers)
    async with line.database.scope(business_id=business_id) as scope:
        await businesses.create(
            scope,
            name="The Practice",
            time_zone=NEW_YORK.key,
            country="US",
            settings=BusinessSettings(
                greeting="The practice, good day.",
                booking=rules or BookingRules(slot_step_minutes=60),
            ),
        )
        await numbers.add(scope, e164=number)
        person = await people.create(scope, name="Dr. Lee", title="dentist")
        service = await services.create(scope, name="Cleaning", duration_minutes=60)
        await hours.replace_hours(
            scope,
            spans=[hours.Span(weekday=day, opens=time(8), closes=time(18)) for day in range(7)],
        )
    return Practice(line, business_id, number, service.id, person.id)


def heard_as(line: str) -> dict[str, object]:
    """A line of a script that lasts as long as the caller takes to say it."""
    return {"text": line, "duration": len(synthesise(line, rate=_RATE)) / _RATE}


def day(ahead: int) -> date:
    return datetime.now(NEW_YORK).date() + timedelta(days=ahead)


def at(hour: int, *, ahead: int = 1) -> datetime:
    """An instant (UTC) of the practice's clock, so many days ahead."""
    return datetime.combine(day(ahead), time(hour), tzinfo=NEW_YORK).astimezone(UTC)


def starts(found: Sequence[Appointment]) -> list[datetime]:
    return [one.starts_at for one in found]
