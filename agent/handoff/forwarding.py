"""Sending the caller on to a number, for a business whose assistant is switched off."""

from __future__ import annotations

from typing import Final

from agent.handoff.handoffs import Handoffs
from agent.voice import Voice
from domain.handoffs.plan import HandoffPlan, Round, Telephone
from tools.context import HandOver

RING_SECONDS: Final = 30


async def forward(handoffs: Handoffs, voice: Voice, *, number: str) -> bool:
    """Send the caller to `number` (E.164) by REFER, or ring it into the call where that is not possible or is
    refused. Whether somebody has them; if not, the assistant has the floor, and has said nothing."""
    telephone = Telephone(number=number)
    plan = HandoffPlan(rounds=(Round(telephones=(telephone,), ring_seconds=RING_SECONDS),))
    for kind in await handoffs.ways():
        request = HandOver(reason="the assistant is switched off", plan=plan, kind=kind)
        if await handoffs.hand_over(request, come_back=False):
            return True
        await voice.returned()
    return False
