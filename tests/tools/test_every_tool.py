"""What every tool has in common."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from livekit.agents import RunContext, ToolError
from livekit.agents.llm import ToolContext
from sqlalchemy.exc import OperationalError

from domain.calls.events import (
    ToolCalled,
)
from tests.tools.fakes import Line
from tools import (
    assistant_tools,
    book_appointment,
    find_appointments,
    find_times,
    save_caller,
)
from tools.answer import Answer
from tools.context import CallContext
from tools.running import MOST_REPEATS, tool


async def test_every_use_is_in_the_journal_with_what_was_told(line: Line) -> None:
    told = await line.use(find_times, service="Cleaning", first_date="2026-11-24")
    call = line.journal.tool_calls[0]
    assert call.arguments == {
        "service": "Cleaning",
        "first_date": "2026-11-24",
        "last_date": None,
        "part_of_day": "any",
        "person": None,
        "place": None,
        "wait": False,
        "caller_name": None,
        "caller_phone": None,
    }
    assert (call.name, call.result, call.outcome) == ("find_times", told, "done")
    assert 0 <= call.seconds < 30


async def test_without_the_database_the_calendar_is_out_of_reach_and_a_message_offered(
    cut_off: Line,
) -> None:
    for one, arguments in (
        (find_times, {"service": "cleaning"}),
        (book_appointment, {"offer_id": "0", "caller_name": "Jane Doe"}),
        (find_appointments, {}),
    ):
        with pytest.raises(ToolError, match=r"calendar can't be reached.* \| .*take_message"):
            await cut_off.use(one, **arguments)
        assert cut_off.journal.tool_calls[-1].outcome == "failed"


async def test_the_same_request_over_and_over_is_refused_kindly(line: Line) -> None:
    for _ in range(MOST_REPEATS):
        await line.use(find_appointments)
    with pytest.raises(ToolError, match="Do not repeat it"):
        await line.use(find_appointments)
    await line.use(find_appointments, caller_phone="+12025550123")


async def test_while_a_person_speaks_with_the_caller_nothing_begins(line: Line) -> None:
    line.call.with_person = True
    with pytest.raises(ToolError, match="nothing was done"):
        await line.use(find_times, service="Cleaning", first_date="2026-11-24")
    assert line.journal.tool_calls[-1].outcome == "refused"
    line.call.with_person = False
    await line.use(find_times, service="Cleaning", first_date="2026-11-24")


async def test_an_unforeseen_failure_tells_the_model_nothing_of_its_content(line: Line) -> None:
    @tool
    async def broken(context: RunContext[CallContext], text: str) -> Answer:
        """Fails."""
        raise ZeroDivisionError(text)

    with pytest.raises(ToolError) as caught:
        await broken(line.run, text="a secret")
    assert "secret" not in caught.value.message
    assert caught.value.__cause__ is None
    assert line.journal.tool_calls[-1].outcome == "failed"


async def test_what_has_begun_is_finished_when_the_turn_is_cancelled(line: Line) -> None:
    begun, go_on, done = asyncio.Event(), asyncio.Event(), asyncio.Event()

    @tool
    async def slow(context: RunContext[CallContext]) -> Answer:
        """Takes its time."""
        begun.set()
        await go_on.wait()
        done.set()
        return Answer(fact="done", then="go on")

    turn = asyncio.ensure_future(slow(line.run))
    await begun.wait()
    turn.cancel()
    with pytest.raises(asyncio.CancelledError):
        await turn
    go_on.set()
    async with asyncio.timeout(10):
        await done.wait()
    assert line.journal.tool_calls[-1].result == "cancelled"


async def test_a_database_that_hangs_is_given_up(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tools.database.REACH_SECONDS", 0.2)

    @asynccontextmanager
    async def hanging() -> AsyncIterator[None]:
        await asyncio.Event().wait()
        yield

    monkeypatch.setattr(line.journal, "deed", hanging)
    async with asyncio.timeout(10):
        with pytest.raises(ToolError, match="calendar can't be reached"):
            await line.use(find_times, service="cleaning")


async def test_a_commit_that_fails_is_not_told_as_done(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = line.journal.deed

    @asynccontextmanager
    async def cut_at_commit() -> AsyncIterator[object]:
        async with real() as opened:
            yield opened
            raise OperationalError("COMMIT", None, Exception("server closed the connection"))

    monkeypatch.setattr(line.journal, "deed", cut_at_commit)
    with pytest.raises(ToolError, match="can't be reached"):
        await line.use(save_caller, name="Jane M. Doe")
    assert line.journal.deeds == []


def test_the_model_sees_exactly_the_tools_of_the_contract() -> None:
    made = assistant_tools()
    assert {one.id for one in made} == {
        "find_times",
        "book_appointment",
        "find_appointments",
        "move_appointment",
        "cancel_appointment",
        "take_message",
        "transfer_to_person",
        "look_up",
        "save_caller",
        "end_call",
    }
    for schema in ToolContext(made).parse_function_tools("openai", strict=True):
        function = schema["function"]
        assert function["strict"] is True
        assert function["description"]
        for name, argument in function["parameters"]["properties"].items():
            assert argument.get("description"), f"{function['name']}.{name} is not described"
            assert name != "context"


def test_for_messages_only_the_model_gets_the_tools_for_that_alone() -> None:
    assert {one.id for one in assistant_tools(messages_only=True)} == {
        "take_message",
        "transfer_to_person",
        "save_caller",
        "end_call",
    }


def test_no_result_is_lost_on_the_way_to_the_journal() -> None:
    event = ToolCalled(
        name="x", arguments={"a": None}, result="fact | next", outcome="done", seconds=0.0
    )
    assert ToolCalled.model_validate(event.model_dump(mode="json")) == event
