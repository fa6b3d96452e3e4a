"""Staff switch the assistant: what callers hear who ring then, and who are on the line."""

from __future__ import annotations

from typing import Literal
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from domain.businesses import numbers, operations as businesses
from domain.businesses.settings import BusinessSettings
from domain.calls.control import ChangeSwitch
from domain.calls.events import AssistantSaid, MessageTaken, SwitchChanged, ToolCalled
from domain.messages.models import Message
from domain.switches import operations as switches
from reception.caller.webrtc import WebRtcCaller
from tests.calls.conftest import Line
from tests.calls.events import of_type
from tests.calls.staff import desk_of

pytestmark = [pytest.mark.call, pytest.mark.timeout(240)]

OFF_NUMBER = "+12025550165"


def _switch(mode: Literal["on", "messages_only", "off"]) -> ChangeSwitch:
    return ChangeSwitch(id=uuid4(), user_id=uuid4(), mode=mode)


async def _hear(caller: WebRtcCaller, *words: str) -> None:
    """Listen until the caller has heard all these words, in one breath or in several."""
    heard = ""
    while not all(one in heard for one in words):
        heard += (await caller.hear()).text.lower()


@pytest.mark.long
async def test_a_call_in_progress_is_switched_to_messages_and_then_off(line: Line) -> None:
    async with line.call() as caller, desk_of(line.stack.livekit, caller) as desk:
        await caller.hear()
        await desk.send(_switch("messages_only"))
        await _hear(caller, "only take a message")
        await caller.speak("i would like to book a cleaning please")
        await caller.hear()
        await desk.send(_switch("off"))
        await _hear(caller, "leave this call", "tell me your name")
        await caller.speak("please call me back")
        await _hear(caller, "kept your message")
        await caller.wait_for_end(timeout=20)
    call = await line.ended(caller.room_name)
    events = await line.events(call)
    assert (call.end_reason, call.outcome) == ("switched_off", "message")
    assert [one.mode for one in of_type(events, SwitchChanged)] == ["messages_only", "off"]
    assert not [one for one in of_type(events, ToolCalled) if one.name == "find_times"]
    (taken,) = of_type(events, MessageTaken)
    assert "call me" in taken.text.lower()


@pytest.mark.long
async def test_a_business_that_is_off_takes_messages_and_answers_again(line: Line) -> None:
    business_id: UUID = line.database.seam.new_id()
    async with line.database.scope(business_id=business_id) as scope:
        await businesses.create(
            scope,
            name="The Shop",
            time_zone="America/New_York",
            country="US",
            settings=BusinessSettings(greeting="The shop, good day."),
        )
        await numbers.add(scope, e164=OFF_NUMBER)
        await switches.change(scope, mode="off")
    async with line.call(OFF_NUMBER) as caller:
        await _hear(caller, "can't take your call")
        await caller.speak("please call me back")
        await _hear(caller, "kept your message")
        await caller.wait_for_end(timeout=20)
    call = await line.ended(caller.room_name)
    assert call.end_reason == "switched_off"
    assert not [
        one for one in of_type(await line.events(call), AssistantSaid) if one.kind == "reply"
    ]
    async with line.database.scope(business_id=business_id) as scope:
        kept = (await scope.session.scalars(select(Message))).all()
        assert ["call me" in one.text.lower() for one in kept] == [True]
        await switches.change(scope, mode="on")
    async with line.call(OFF_NUMBER) as caller:
        assert "good day" in (await caller.hear()).text
