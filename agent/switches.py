"""What the business's switch means for a call: the assistant with all it can do, taking messages only, or off."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Final, Literal, Protocol

from agent.instructions import MESSAGES_ONLY
from agent.phrases import PhraseName
from agent.watched_call import WatchedCall
from domain.businesses.profile import ProfileSwitch
from domain.calls.control import ChangeSwitch
from domain.calls.events import SwitchChanged

Mode = Literal["on", "messages_only", "off"]

_ALL_AGAIN: Final = "The staff have switched you on again: from now on you have all your tools, and do everything as before."

log = logging.getLogger("reception.agent.switches")


class SwitchedCall(WatchedCall, Protocol):
    """What the switch may do with the call."""

    def stand_down(self) -> None: ...

    def give_notice(self) -> None:
        """Say what has to be said before anything is recorded, if the business has it so."""
        ...

    async def forward(self, number: str) -> bool:
        """Send the caller to a number (E.164). Whether somebody has them."""
        ...

    async def take_message(self, announcement: PhraseName) -> None:
        """Take one without the model: what the caller says until they are silent."""
        ...


class CallSwitch:
    """The switch as one call knows it: as it was when it rang, and as staff change it meanwhile."""

    def __init__(
        self,
        call: SwitchedCall,
        *,
        switch: ProfileSwitch,
        record: Callable[[SwitchChanged], None],
    ) -> None:
        self._call = call
        self._record = record
        self._mode: Mode = switch.mode
        self._forward_to = switch.forward_to
        self._begun = False
        self._task: asyncio.Task[None] | None = None

    @property
    def messages_only(self) -> bool:
        return self._mode == "messages_only"

    @property
    def off(self) -> bool:
        return self._mode == "off"

    def begin(self) -> bool:
        """The call begins. Whether the assistant answers it; else it is seen to here."""
        self._begun = True
        if self._mode != "on":
            self._record(SwitchChanged(mode=self._mode))
        if self.off:
            self._task = self._call.spawn(self._leave_to_others(answering=True))
        return not self.off

    def changed(self, control: ChangeSwitch) -> None:
        """Staff changed it: at once, whatever is being said; with a person on the line, for when the
        assistant comes back."""
        before, self._mode = self._mode, control.mode
        self._forward_to = control.forward_to
        if self._mode == before:
            return
        log.info("switched", extra={"mode": self._mode})
        if self._begun:
            self._record(SwitchChanged(mode=self._mode))
        if self._begun and not self._call.with_person:
            # What was under way is not carried on: a goodbye, an apology, what the last change brought.
            self._call.stand_down()
            self._task = self._call.spawn(self._carry_out(before))
        else:
            self._call.spawn(self._tell_model())

    def floor_returned(self) -> None:
        """A person has given the floor back, and nobody has told them that the assistant is off."""
        if self.off and not self._busy:
            self._task = self._call.spawn(self._leave_to_others(answering=False))

    def stand_down(self) -> None:
        """Somebody else sees to the caller now."""
        if self._busy and self._task is not None and self._task is not asyncio.current_task():
            self._task.cancel()

    @property
    def _busy(self) -> bool:
        return self._task is not None and not self._task.done()

    async def _carry_out(self, before: Mode) -> None:
        if self.off:
            await self._leave_to_others(answering=False)
            return
        if before == "off":
            self._call.voice.answer_again()
        await self._call.interrupt()
        await self._tell_model()
        await self._call.say_phrase("messages_only" if self.messages_only else "switched_on")

    async def _tell_model(self) -> None:
        """Give the model the tools of the mode; while it is off it answers nobody."""
        if not self.off:
            note = MESSAGES_ONLY if self.messages_only else _ALL_AGAIN
            await self._call.voice.switch(messages_only=self.messages_only, note=note)

    async def _leave_to_others(self, *, answering: bool) -> None:
        call = self._call
        await call.voice.returned()
        await call.interrupt()
        await call.voice.only_listen()
        if answering:
            call.give_notice()
        else:
            await call.say_phrase("switched_off", interruptible=False)
        if self._forward_to and await call.forward(self._forward_to):
            return
        if not self.off:
            # It was switched on while the telephone rang.
            await self._carry_out("off")
            return
        if not call.undisturbed:
            return
        await call.voice.only_listen()
        await call.take_message("voicemail")
        await call.finish("switched_off")
