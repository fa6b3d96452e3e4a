"""What staff ask of the call from the console: read from the room, checked, and carried out once."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any, Protocol
from uuid import UUID

from livekit import rtc
from pydantic import ValidationError

from agent.takeover import Takeover
from agent.whispers import Whispers
from domain.calls.control import (
    CONTROL,
    TOPIC,
    ChangeSwitch,
    GiveFloor,
    HangUp,
    Transfer,
    Whisper,
)
from domain.calls.events import EndReason

log = logging.getLogger("reception.agent.control")


class ControlledCall(Protocol):
    """What staff may ask of a call."""

    def transfer_asked(self, control: Transfer) -> None: ...

    def switch_changed(self, control: ChangeSwitch) -> None: ...

    async def finish(self, reason: EndReason) -> None: ...

    def spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]: ...


class Controls:
    """The requests of one call.

    Only the admin service is believed: what it sends through the server API has no sender. Hidden
    participants would have none either, which is why a listener's token does not let them send.
    """

    def __init__(self, call: ControlledCall, *, takeover: Takeover, whispers: Whispers) -> None:
        self._call = call
        self._takeover = takeover
        self._whispers = whispers
        self._seen: set[UUID] = set()

    def received(self, packet: rtc.DataPacket) -> None:
        """Take a data message of the room."""
        if packet.topic != TOPIC:
            return
        if packet.participant is not None:
            log.warning("control message of a participant refused")
            return
        try:
            control = CONTROL.validate_json(packet.data)
        except ValidationError as error:
            # The kind of fault only: a message holds what staff wrote.
            problem = error.errors(include_input=False, include_url=False)[0]["type"]
            log.warning("control message not understood", extra={"error": problem})
            return
        if control.id in self._seen:
            return
        self._seen.add(control.id)
        log.info("control message", extra={"control": control.type})
        match control:
            case Whisper():
                self._call.spawn(self._whispers.carry_out(control))
            case GiveFloor():
                self._takeover.give(control)
            case Transfer():
                self._call.transfer_asked(control)
            case HangUp():
                self._call.spawn(self._call.finish("staff_ended"))
            case ChangeSwitch():
                self._call.switch_changed(control)
