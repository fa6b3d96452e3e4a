"""What was done on a call, as its events tell it: what a claim is held against."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Literal

from domain.calls.events import (
    AppointmentBooked,
    AppointmentCancelled,
    AppointmentHeld,
    AppointmentMoved,
    AttendanceConfirmed,
    CallerSaid,
    ContactSaved,
    Event,
    FloorChanged,
    MessageTaken,
    StaffSaid,
    StaffWhispered,
    ToolCalled,
    TransferEnded,
    TransferStarted,
    WaitingListJoined,
)
from domain.claims.kinds import Kind
from domain.claims.moments import NOTHING_SAID, SaidMoment
from domain.claims.recognition import claims_of, moment_of, spoken_languages

State = Literal["held", "booked", "moved", "cancelled", "told"]
"""`told`: a tool found it on this call; it was there before."""

RECENT_TURNS: Final = 2
"""So many turns of the caller after a deed "it's done" is still understood of it."""
_TOLD: Final = re.compile(r"\[([0-9a-f]{8}-[0-9a-f-]{27})\]\s*([^\[]*)")


@dataclass(frozen=True, kw_only=True)
class KnownAppointment:
    """An appointment that this call knows of. `starts_at` is None where only words tell when: `said`."""

    state: State
    starts_at: datetime | None = None
    before: datetime | None = None
    """Where it was moved from."""
    held_until: datetime | None = None
    said: SaidMoment = NOTHING_SAID
    confirmed: bool = False


class CallDeeds:
    """The deeds of one call, whichever job did them: give it every event, live and from before, in
    order."""

    def __init__(self) -> None:
        self.appointments: dict[str, KnownAppointment] = {}
        """By id."""
        self.kinds: set[Kind] = set()
        """What was done otherwise: `sent`, `saved`, `listed`."""
        self.connected = False
        """A person is being rung for the caller, or speaks with them."""
        self.attested: set[Kind] = set()
        """What a person of the business has said to have been done; they have ways of their own."""
        self._turn = 0
        self._last_deed: int | None = None

    @classmethod
    def of(cls, events: Iterable[Event]) -> CallDeeds:
        """Those that `events` tell."""
        deeds = cls()
        for event in events:
            deeds.add(event)
        return deeds

    def add(self, event: Event) -> None:
        match event:
            case CallerSaid():
                self._turn += 1
                return
            case ToolCalled():
                self._tool_called(event)
                return
            case StaffSaid() | StaffWhispered():
                self.attested |= {claim.kind for claim in claims_of(event.text)}
                return
            case FloorChanged():
                self.connected = event.after in ("briefing", "person")
                return
            case TransferEnded():
                self.connected = event.outcome == "connected"
                return
            case AppointmentHeld():
                self._set(
                    event.appointment_id,
                    KnownAppointment(
                        state="held", starts_at=event.starts_at, held_until=event.held_until
                    ),
                )
            case AppointmentBooked():
                self._set(
                    event.appointment_id,
                    KnownAppointment(state="booked", starts_at=event.starts_at),
                )
            case AppointmentMoved():
                known = self._known(event.appointment_id)
                self._set(
                    event.appointment_id,
                    replace(known, state="moved", starts_at=event.after, before=event.before),
                )
            case AppointmentCancelled():
                self._set(
                    event.appointment_id,
                    replace(self._known(event.appointment_id), state="cancelled"),
                )
            case AttendanceConfirmed():
                self._set(
                    event.appointment_id,
                    replace(self._known(event.appointment_id), confirmed=True),
                )
            case MessageTaken():
                self.kinds.add("sent")
            case ContactSaved():
                self.kinds.add("saved")
            case WaitingListJoined():
                self.kinds.add("listed")
            case TransferStarted():
                self.connected = True
            case _:
                return
        self._last_deed = self._turn

    @property
    def any(self) -> bool:
        """Whether anything was done that can be called so."""
        return self._last_deed is not None

    @property
    def lately(self) -> bool:
        """Whether something was done in the last turns."""
        return self._last_deed is not None and self._turn - self._last_deed <= RECENT_TURNS

    def in_state(self, *states: State) -> list[KnownAppointment]:
        return [one for one in self.appointments.values() if one.state in states]

    def _known(self, appointment_id: object) -> KnownAppointment:
        return self.appointments.get(str(appointment_id), KnownAppointment(state="told"))

    def _set(self, appointment_id: object, known: KnownAppointment) -> None:
        self.appointments[str(appointment_id)] = known

    def _tool_called(self, event: ToolCalled) -> None:
        """What find_appointments told, and what was said of a booking that had been made before."""
        if event.outcome != "done":
            return
        if event.name == "find_appointments":
            for found in _TOLD.finditer(event.result):
                if found[1] not in self.appointments:
                    self._set(found[1], KnownAppointment(state="told", said=_said(found[2])))


def _said(text: str) -> SaidMoment:
    said = NOTHING_SAID
    for language in spoken_languages(text):
        said |= moment_of(text, language)
    return said


def still_held(known: KnownAppointment, now: datetime) -> bool:
    """Whether a hold has not run out; a minute late is still told as held."""
    return known.held_until is None or now <= known.held_until + timedelta(minutes=1)
