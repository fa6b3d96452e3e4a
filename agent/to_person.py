"""The ways in which a caller gets to a person: a tool, the key 0, a vendor's failure, the console, the switch."""

from __future__ import annotations

from datetime import datetime

from agent.handoff.forwarding import forward
from agent.handoff.handoffs import Handoffs
from agent.watched_call import WatchedCall
from domain.calls.control import Transfer
from tools.context import HandedOver, HandOver


class ToPerson:
    """Each way asks `Handoffs`, and does what is left to do when nobody takes the caller."""

    def __init__(self, call: WatchedCall, handoffs: Handoffs) -> None:
        self._call = call
        self._handoffs = handoffs

    async def hand_over(self, request: HandOver) -> HandedOver:
        """See `tools.context.CallControl`."""
        return await self._handoffs.begin(request)

    def transfer_asked(self, control: Transfer) -> None:
        """Staff asked for the caller to be handed to a telephone."""
        self._call.spawn(self._handoffs.asked(control))

    async def send_to_person(self, reason: str) -> bool:
        """Hand the caller over without the model. Whether a person has them; if not, the caller has heard
        so, or nothing was begun."""
        request = HandOver(reason=reason, plan=self._handoffs.plan())
        if await self._handoffs.hand_over(request, come_back=False):
            return True
        await self._call.voice.returned()
        return False

    async def forward(self, number: str) -> bool:
        """Send the caller to a number (E.164). Whether somebody has them."""
        return await forward(self._handoffs, self._call.voice, number=number)

    async def staff_first(self) -> bool:
        """Ring the business's telephones before the assistant answers. Whether a person has the caller."""
        if await self._handoffs.staff_first():
            return True
        await self._call.voice.returned()
        return False

    def key_pressed(self) -> None:
        """The caller pressed the key for a person."""
        self._call.spawn(self._answer_key())

    async def _answer_key(self) -> None:
        if not self._call.undisturbed:
            return
        request = HandOver(reason="", plan=self._handoffs.plan())
        if await self._handoffs.hand_over(request) is None and self._call.undisturbed:
            await self._offer_message(request.plan.reachable_at)

    async def _offer_message(self, reachable_at: datetime | None) -> None:
        await self._call.interrupt()
        self._call.voice.reply(
            "The caller pressed the key for a person, and nobody can take the call now."
            f" Say so, and offer to take a message.{self._handoffs.when(reachable_at)}"
        )
