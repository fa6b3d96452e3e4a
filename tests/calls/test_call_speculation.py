"""Answers that were begun ahead, on words that then changed, by voice: nothing of them is left."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from domain.calls.events import AssistantSaid, CallerSaid, ClaimWithheld, ToolCalled
from tests.calls.conftest import Line
from tests.calls.events import of_type

pytestmark = [pytest.mark.call, pytest.mark.long, pytest.mark.timeout(240)]

SAID = "What services do you offer"
"""Answered with a tool. Its last word is told as another until the recogniser knows better."""


@pytest.fixture(autouse=True)
def revises(line: Line) -> Iterator[None]:
    script = {"lines": [{"text": SAID}], "streams": 1}
    line.stack.sandbox("PUT", "delays", {"deepgram": {"revised_share": 1.0}})
    line.stack.sandbox("PUT", "scripts", [script])
    yield
    line.stack.sandbox("POST", "reset")


async def test_words_that_changed_leave_nothing_behind(line: Line) -> None:
    async with line.call() as caller:
        await caller.hear()
        await caller.speak(SAID)
        heard = await caller.hear()
        if "cleaning" not in heard.text.lower():
            heard = await caller.hear()
    assert "cleaning" in heard.text.lower()
    call = await line.ended(caller.room_name)
    events = await line.events(call)
    assert [one.text.strip(".?") for one in of_type(events, CallerSaid)] == [SAID]
    # The answer that was thrown away had asked for the tool too.
    assert len(of_type(events, ToolCalled)) == 1
    assert not of_type(events, ClaimWithheld)
    said = [one.kind for one in of_type(events, AssistantSaid)]
    assert said == ["greeting", "filler", "reply"], said
