"""A practice system's schedule behind the port.

Busy times are its Slots and Appointments. Changes are found by `_lastUpdated`, which says nothing of what was
deleted, so the whole window is read again every quarter of an hour: a deleted time blocks until then, and
a new one blocks at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Final
from uuid import UUID

from connectors import covered
from connectors.calendars import Keep, Now
from connectors.fhir import patients, resources
from connectors.fhir.access import NAME, bearer_of, check_access
from connectors.fhir.service import Service
from connectors.network import open_client
from connectors.rest import Answer
from domain.calendars.port import (
    CalendarAway,
    ChangedOutside,
    Changes,
    Entry,
    OutsideEvent,
    SignInNeeded,
    Written,
)
from domain.errors import Invalid, Refused

WHOLE_EVERY: Final = timedelta(minutes=15)
_OVERLAP: Final = timedelta(minutes=2)
"""Read twice: a server's index may follow its writes late."""
_LONGEST: Final = timedelta(days=1)
"""Slots and appointments are found by their start; one that began earlier may reach into the window."""
_SLOTS_ASKED: Final = 40
"""In one question about who fills slots."""


async def connect(access: Mapping[str, Any], *, keep: Keep, now: Now) -> PracticeSystem:
    """`access` as `connectors.fhir.access` describes it. Raises CalendarAway where the operator has not
    switched practice systems on, SignInNeeded when `access` is incomplete."""
    try:
        check_access(access)
    except Refused as error:
        raise CalendarAway(str(error)) from None
    except Invalid as error:
        raise SignInNeeded(str(error)) from None
    service = Service(
        base_url=str(access["base_url"]),
        client=open_client(private=bool(access.get("private")), follow_redirects=False),
        bearer=bearer_of(access, keep=keep, now=now),
        now=now,
    )
    return PracticeSystem(
        service,
        schedule=str(access["schedule"]),
        actor=str(access["actor"]),
        location=str(access["location"]) if access.get("location") else None,
        now=now,
    )


class PracticeSystem:
    """One person's schedule in a practice system."""

    def __init__(
        self,
        service: Service,
        *,
        schedule: str,
        actor: str,
        location: str | None,
        now: Now,
    ) -> None:
        self._service, self._now = service, now
        self._schedule, self._actor = schedule, actor
        self._actors = [actor, *([location] if location else [])]

    async def aclose(self) -> None:
        await self._service.aclose()

    async def changes(
        self, *, cursor: str | None, begins: datetime, ends: datetime, zone: str
    ) -> Changes:
        """`zone` is not needed: FHIR's slots and appointments are instants."""
        since = covered.read(cursor) if cursor else None
        if (
            since is None
            or not since.covers(begins, ends)
            or self._now() - since.read_at >= WHOLE_EVERY
        ):
            return await self._whole(begins, ends + covered.RUNWAY)
        changed = {"_lastUpdated": f"ge{since.token}"}
        booked, answer = await self._service.search(
            "Appointment", {"actor": self._actor, **changed}
        )
        slots, _ = await self._service.search("Slot", {"schedule": self._schedule, **changed})
        fillers = [*booked, *await self._fillers(slots)]
        return _changes(
            slots,
            booked,
            fillers,
            cursor=covered.Cursor(
                token=self._asked_at(answer),
                begins=since.begins,
                ends=since.ends,
                read_at=since.read_at,
            ),
            complete=False,
        )

    async def _whole(self, begins: datetime, ends: datetime) -> Changes:
        window = [f"ge{_utc(begins - _LONGEST)}", f"lt{_utc(ends)}"]
        # Appointments first: a booking between the two questions then shows as a busy slot too many, which
        # the next reading takes away, and not as none.
        booked, answer = await self._service.search(
            "Appointment", {"actor": self._actor, "date": window}
        )
        slots, _ = await self._service.search(
            "Slot",
            {
                "schedule": self._schedule,
                "start": window,
                "status": ",".join(resources.BUSY_SLOTS),
            },
        )
        cursor = covered.Cursor(
            token=self._asked_at(answer), begins=begins, ends=ends, read_at=self._now()
        )
        return _changes(slots, booked, booked, cursor=cursor, complete=True)

    async def _fillers(self, slots: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """The appointments that fill busy slots."""
        busy = [
            resources.reference(slot)
            for slot in slots
            if slot.get("status") in resources.BUSY_SLOTS and slot.get("id")
        ]
        found: list[dict[str, Any]] = []
        for at in range(0, len(busy), _SLOTS_ASKED):
            some, _ = await self._service.search(
                "Appointment", {"slot": ",".join(busy[at : at + _SLOTS_ASKED])}
            )
            found += some
        return found

    def _asked_at(self, answer: Answer) -> str:
        """The other side's clock when it was asked, as far back as the next question goes."""
        try:
            moment = parsedate_to_datetime(answer.headers.get("Date", ""))
        except ValueError:
            moment = self._now()
        return _utc((moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - _OVERLAP)

    async def write(self, entry: Entry, *, known: Written | None) -> Written:
        patient = (
            await patients.find_or_create(self._service, entry.patient) if entry.patient else None
        )
        if known is None:
            # Not every server knows conditional create: a repeated one looks first.
            there = await self._ours(entry.appointment_id)
            appointment = (
                there[0]
                if there
                else await self._service.create(
                    await self._body(entry, over=None, patient=patient),
                    unless=f"identifier={resources.APPOINTMENT_SYSTEM}|{entry.appointment_id}",
                )
            )
        else:
            held = await self._service.read(known.remote_id)
            if held is None:
                if known.etag is None:
                    return await self.write(entry, known=None)
                raise ChangedOutside(f"the entry is gone from {NAME}")
            appointment = held
        force = known is not None and known.etag in (None, resources.etag(appointment))
        if not force and not resources.untouched(appointment):
            raise ChangedOutside(f"the entry was changed in {NAME}")
        if resources.shown(appointment) == resources.written(entry):
            return _written(appointment)
        changed = await self._service.update(
            await self._body(entry, over=appointment, patient=patient),
            etag=resources.etag(appointment),
        )
        if changed is None:
            raise ChangedOutside(f"the entry was changed in {NAME}")
        return _written(changed)

    async def _ours(self, appointment_id: UUID) -> list[dict[str, Any]]:
        identifier = f"{resources.APPOINTMENT_SYSTEM}|{appointment_id}"
        found, _ = await self._service.search("Appointment", {"identifier": identifier})
        return found

    async def _body(
        self, entry: Entry, *, over: dict[str, Any] | None, patient: str | None
    ) -> dict[str, Any]:
        return resources.body(
            entry,
            over=over,
            actors=self._actors,
            patient=patient,
            slots=await self._slots_for(entry, over=over),
        )

    async def _slots_for(self, entry: Entry, *, over: dict[str, Any] | None) -> list[str]:
        """The free slots (and those it fills already) that together hold the appointment; none where the
        schedule has no such slots. Marking them busy is the practice system's own affair."""
        found, _ = await self._service.search(
            "Slot",
            {
                "schedule": self._schedule,
                "start": [f"ge{_utc(entry.starts_at - _LONGEST)}", f"lt{_utc(entry.ends_at)}"],
            },
        )
        own = {
            resources.short(str(slot.get("reference", "")))
            for slot in (over or {}).get("slot") or ()
        }
        covers, at = [], entry.starts_at
        try:
            for slot in sorted(found, key=lambda slot: resources.instant(slot["start"])):
                usable = slot.get("status") == "free" or resources.reference(slot) in own
                begins, ends = resources.instant(slot["start"]), resources.instant(slot["end"])
                if usable and begins <= at < ends and at < entry.ends_at:
                    covers.append(resources.reference(slot))
                    at = ends
        except (KeyError, TypeError, ValueError):
            return []
        return covers if at >= entry.ends_at else []

    async def remove(self, appointment_id: UUID, *, known: Written | None) -> None:
        """Cancelled there, not deleted: a practice system is a system of record."""
        if known is not None:
            one = await self._service.read(known.remote_id)
            found = [one] if one is not None else []
        else:
            found = await self._ours(appointment_id)
        for appointment in found:
            if appointment.get("status") in ("cancelled", "entered-in-error"):
                continue
            changed = await self._service.update(
                resources.cancelled(appointment, appointment_id),
                etag=resources.etag(appointment),
            )
            if changed is None:
                raise CalendarAway(f"{NAME} was busy with the entry")


def _changes(
    slots: list[dict[str, Any]],
    booked: list[dict[str, Any]],
    fillers: list[dict[str, Any]],
    *,
    cursor: covered.Cursor,
    complete: bool,
) -> Changes:
    """Events of what was read; `fillers` are the appointments that say which slots are filled by ours."""
    ours: dict[str, UUID] = {}
    for appointment in fillers:
        if (of := resources.appointment_of(appointment)) is not None:
            for slot in appointment.get("slot") or ():
                ours[resources.short(str(slot.get("reference", "")))] = of
    found: list[OutsideEvent] = []
    unreadable = 0
    for resource in [*slots, *booked]:
        try:
            if resource["resourceType"] == "Slot":
                of = ours.get(resources.reference(resource))
                found.append(resources.slot_event(resource, ours=of))
            else:
                found.append(resources.appointment_event(resource))
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
            unreadable += 1
    return Changes(events=found, cursor=cursor.text(), complete=complete, unreadable=unreadable)


def _written(appointment: dict[str, Any]) -> Written:
    return Written(remote_id=resources.reference(appointment), etag=resources.etag(appointment))


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
