"""The vendors' stand-ins over real HTTP, each behind the same few things that its owner may do there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from aiohttp import web

from connectors.calendars import connect
from domain.calendars.port import (
    Changes,
    Entry,
    OutsideCalendar,
    OutsideEvent,
    Patient,
    Written,
)
from domain.seam import PinnedSeam
from sandbox.calendars import fhir, google, microsoft
from sandbox.calendars.state import Account
from sandbox.faults import Fault
from sandbox.shared import STATE, Shared

ZONE = "America/New_York"
BEGINS = datetime(2026, 3, 2, 12, tzinfo=UTC)
ENDS = BEGINS + timedelta(days=30)
TITLE = "Zebulon Quagmire: root canal"
PLACE = "12 Secret Street"
NOTE = "afraid of needles"
PHONE = "+12025550177"
PRIVATE = ("Zebulon", "Quagmire", "root canal", "Secret Street", "needles", "2025550177")

Span = tuple[datetime, datetime]


def hour(day: int, hour: int, *, minutes: int = 60) -> Span:
    """A time on that day after the window's first, in UTC."""
    begins = BEGINS.replace(hour=hour) + timedelta(days=day)
    return begins, begins + timedelta(minutes=minutes)


def entry(number: int, span: Span, *, version: int = 1, title: str = TITLE) -> Entry:
    """One of our appointments."""
    return Entry(
        appointment_id=UUID(int=number << 64 | 7),
        version=version,
        title=title,
        starts_at=span[0],
        ends_at=span[1],
        zone=ZONE,
        place=PLACE,
        note=NOTE,
        patient=Patient(
            contact_id=UUID(int=number << 32 | 9),
            name="Zebulon Quagmire",
            phone=PHONE,
            date_of_birth="1980-02-29",
        ),
    )


@dataclass
class Seen:
    """What an importer has after some readings."""

    events: dict[str, OutsideEvent] = field(default_factory=dict)
    cursor: str | None = None
    last: Changes = field(default_factory=lambda: Changes(events=()))

    async def read(
        self, calendar: OutsideCalendar, *, begins: datetime = BEGINS, ends: datetime = ENDS
    ) -> Changes:
        changes = await calendar.changes(cursor=self.cursor, begins=begins, ends=ends, zone=ZONE)
        if changes.complete:
            self.events.clear()
        for event in changes.events:
            self.events[event.event_id] = event
        for event_id in changes.removed:
            self.events.pop(event_id, None)
        self.cursor, self.last = changes.cursor, changes
        return changes

    @property
    def busy(self) -> list[Span]:
        return sorted(
            (busy.begins_at, busy.ends_at)
            for event in self.events.values()
            if event.ours is None
            for busy in event.busy
        )

    def ours(self, of: Entry) -> list[OutsideEvent]:
        return [event for event in self.events.values() if event.ours == of.appointment_id]


class Vendor:
    """A vendor's stand-in and one account there."""

    kind: str
    creates: str
    """What `/control/requests` calls the making of an entry."""
    updates: str
    reads: str

    def __init__(self, url: str, shared: Shared, seam: PinnedSeam) -> None:
        self.url, self.shared, self.seam = url, shared, seam
        self.account: Account = getattr(shared.calendars, self.kind)
        self.access: dict[str, Any] = {}
        self.kept: list[dict[str, Any]] = []

    def configure(self, monkeypatch: pytest.MonkeyPatch) -> None:
        raise NotImplementedError

    async def connect(self, access: dict[str, Any] | None = None) -> OutsideCalendar:
        async def keep(changed: dict[str, Any]) -> None:
            self.kept.append(changed)
            self.access = changed

        return await connect(self.kind, access or self.access, keep=keep, now=self.seam.now)

    def fault(self, kind: str, **more: Any) -> None:
        fault = Fault.model_validate({"vendor": self.kind, "kind": kind, **more})
        self.shared.faults.all.append(fault)

    def add(self, span: Span, *, title: str = TITLE) -> str:
        """Make somebody's event; its id, as a reading names it."""
        raise NotImplementedError

    def move(self, event_id: str, span: Span) -> None:
        raise NotImplementedError

    def delete(self, event_id: str) -> None:
        self.account.store.delete(event_id)

    def standing(self, of: Entry) -> list[Span]:
        """When the entry stands there: once, if all is well."""
        raise NotImplementedError


class _SignedIn(Vendor):
    """With a refresh token, as a sign-in gives it."""

    def __init__(self, url: str, shared: Shared, seam: PinnedSeam) -> None:
        super().__init__(url, shared, seam)
        signed_in = self.account.authority.sign_in()
        ends = seam.now() + timedelta(seconds=signed_in["expires_in"])
        self.access = {
            "refresh_token": signed_in["refresh_token"],
            "access_token": signed_in["access_token"],
            "expires_at": ends.isoformat(),
        }

    def configure(self, monkeypatch: pytest.MonkeyPatch) -> None:
        name = f"{self.kind.upper()}_CALENDAR"
        monkeypatch.setenv(f"{name}_CLIENT_ID", "sandbox-client")
        monkeypatch.setenv(f"{name}_CLIENT_SECRET", self.account.authority.secret)
        monkeypatch.setenv(f"{name}_BASE_URL", f"{self.url}/{self.kind}")


class GoogleVendor(_SignedIn):
    kind, creates, updates, reads = "google", "insert", "patch", "list"

    def add(self, span: Span, *, title: str = TITLE) -> str:
        return google.put_event(self.account, {"summary": title, **self._points(span)})

    def move(self, event_id: str, span: Span) -> None:
        before = self.account.store.things[event_id].body
        google.put_event(self.account, {**before, **self._points(span)})

    def standing(self, of: Entry) -> list[Span]:
        return [
            (_at(thing.body["start"]["dateTime"]), _at(thing.body["end"]["dateTime"]))
            for thing in self.account.store.living()
            if str(of.appointment_id) in str(thing.body.get("extendedProperties"))
        ]

    def _points(self, span: Span) -> dict[str, Any]:
        return {
            "start": {"dateTime": span[0].isoformat()},
            "end": {"dateTime": span[1].isoformat()},
        }


class MicrosoftVendor(_SignedIn):
    kind, creates, updates, reads = "microsoft", "create", "update", "delta"

    def add(self, span: Span, *, title: str = TITLE) -> str:
        return microsoft.put_event(self.account, {"subject": title, **self._points(span)})

    def move(self, event_id: str, span: Span) -> None:
        before = self.account.store.things[event_id].body
        microsoft.put_event(self.account, {**before, **self._points(span)})

    def standing(self, of: Entry) -> list[Span]:
        return [
            (microsoft._point(thing.body["start"]), microsoft._point(thing.body["end"]))
            for thing in self.account.store.living()
            if str(of.appointment_id) in str(thing.body.get("transactionId"))
        ]

    def _points(self, span: Span) -> dict[str, Any]:
        plain = [moment.astimezone(UTC).replace(tzinfo=None).isoformat() for moment in span]
        return {
            "start": {"dateTime": plain[0], "timeZone": "UTC"},
            "end": {"dateTime": plain[1], "timeZone": "UTC"},
        }


class FhirVendor(Vendor):
    kind, creates, updates, reads = "fhir", "create", "update", "search"

    def __init__(self, url: str, shared: Shared, seam: PinnedSeam) -> None:
        super().__init__(url, shared, seam)
        self.access = {
            "base_url": f"{url}/fhir",
            "private": True,
            "schedule": "Schedule/chair-1",
            "actor": "Practitioner/chen",
            "location": "Location/main",
            "client_id": "sandbox-client",
            "client_secret": self.account.authority.secret,
            "token_url": f"{url}/fhir/token",
        }

    def configure(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("RECEPTION_FHIR", "on")

    def add(self, span: Span, *, title: str = TITLE) -> str:
        return self.put_slot(span, status="busy", comment=title)

    def put_slot(self, span: Span, *, status: str, **more: Any) -> str:
        return fhir.put_resource(
            self.account,
            {
                "resourceType": "Slot",
                "schedule": {"reference": "Schedule/chair-1"},
                "status": status,
                "start": span[0].isoformat(),
                "end": span[1].isoformat(),
                **more,
            },
        )

    def move(self, event_id: str, span: Span) -> None:
        before = self.account.store.things[event_id].body
        moved = {"start": span[0].isoformat(), "end": span[1].isoformat()}
        fhir.put_resource(self.account, {**before, **moved})

    def standing(self, of: Entry) -> list[Span]:
        return [
            (_at(thing.body["start"]), _at(thing.body["end"]))
            for thing in self.account.store.living()
            if thing.id.startswith("Appointment/")
            and str(of.appointment_id) in str(thing.body["identifier"])
            and thing.body["status"] == "booked"
        ]


VENDORS: dict[str, type[Vendor]] = {
    kind.kind: kind for kind in (GoogleVendor, MicrosoftVendor, FhirVendor)
}


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


@asynccontextmanager
async def stand_ins() -> AsyncIterator[tuple[str, Shared]]:
    """All three on a free port, without the sandbox's recogniser."""
    app = web.Application()
    app[STATE] = shared = Shared()
    for module in (google, microsoft, fhir):
        app.add_routes(module.routes)
    runner = web.AppRunner(app, handler_cancellation=True, access_log=None, shutdown_timeout=0.5)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}", shared
    finally:
        await runner.cleanup()
        shared.recognisers.close()


@asynccontextmanager
async def vendor_of(
    kind: str, seam: PinnedSeam, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Vendor]:
    """A vendor with an empty calendar, that this process is set up to speak to."""
    async with stand_ins() as (url, shared):
        vendor = VENDORS[kind](url, shared, seam)
        vendor.configure(monkeypatch)
        yield vendor


def unmarked(written: Written) -> Written:
    """The same entry, whatever form it has by now."""
    return replace(written, etag=None)
