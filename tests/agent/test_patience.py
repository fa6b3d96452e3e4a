"""A word of patience before an answer that is late."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from livekit import rtc
from livekit.agents import AgentStateChangedEvent, FlushSentinel, UserStateChangedEvent

from agent import patience
from agent.patience import Patience

WORD = "One moment, please."


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "PATIENCE_SECONDS", 0.02)
    monkeypatch.setattr(patience, "SHORTEST_WAIT", 0.02)
    monkeypatch.setattr(patience, "PAUSE_SECONDS", 0.0)


def frame(value: int) -> rtc.AudioFrame:
    return rtc.AudioFrame(bytes([value, 0]) * 240, 24000, 1, 240)


def make() -> Patience:
    async def sound() -> AsyncIterator[rtc.AudioFrame]:
        yield frame(1)

    return Patience(WORD, sound)


async def late(*pieces: str, until: asyncio.Event) -> AsyncIterator[str]:
    await until.wait()
    for piece in pieces:
        yield piece


async def now(*pieces: str) -> AsyncIterator[str]:
    for piece in pieces:
        yield piece


async def test_a_quick_answer_is_left_alone() -> None:
    assert [out async for out in make().before_words(now("We", " do."))] == ["We", " do."]


async def test_a_late_answer_has_the_word_before_it_as_an_utterance_of_its_own() -> None:
    answers = asyncio.Event()
    heard = []
    async for out in make().before_words(late("We do.", until=answers)):
        heard.append(out)
        answers.set()
    assert heard[0] == f"{WORD} "
    assert isinstance(heard[1], FlushSentinel)
    assert heard[2:] == ["We do."]


async def test_nothing_is_said_while_the_caller_goes_on_speaking() -> None:
    held = make()
    speaks = UserStateChangedEvent(old_state="listening", new_state="speaking")
    held.user_state_changed(speaks)
    answers = asyncio.Event()
    words = held.before_words(late("We do.", until=answers))
    first = asyncio.ensure_future(anext(words))
    await asyncio.wait({first}, timeout=0.1)
    assert not first.done()
    held.user_state_changed(UserStateChangedEvent(old_state="speaking", new_state="listening"))
    assert await first == f"{WORD} "
    await words.aclose()


async def test_the_silence_begins_when_the_assistant_has_finished() -> None:
    held = make()
    held.agent_state_changed(AgentStateChangedEvent(old_state="thinking", new_state="speaking"))
    answers = asyncio.Event()
    words = held.before_words(late("We do.", until=answers))
    first = asyncio.ensure_future(anext(words))
    await asyncio.wait({first}, timeout=0.1)
    assert not first.done()
    held.agent_state_changed(AgentStateChangedEvent(old_state="speaking", new_state="listening"))
    assert await first == f"{WORD} "
    await words.aclose()


async def test_it_is_not_said_again_at_once() -> None:
    held = make()
    for expected in (f"{WORD} ", "We do."):
        answers = asyncio.Event()
        words = held.before_words(late("We do.", until=answers))
        first = asyncio.ensure_future(anext(words))
        await asyncio.wait({first}, timeout=0.1)
        answers.set()
        assert await first == expected
        await words.aclose()


async def test_the_word_itself_sounds_as_it_was_recorded_and_the_rest_by_the_vendor() -> None:
    spoken: list[str] = []

    async def speak(text: AsyncIterator[str]) -> AsyncIterator[rtc.AudioFrame]:
        async for piece in text:
            spoken.append(piece)
            yield frame(2)

    word = [one async for one in make().spoken(now(f"{WORD} "), speak)]  # type: ignore[arg-type]
    assert [one.data[0] for one in word] == [1]
    assert spoken == []
    rest = [one async for one in make().spoken(now("We", " do."), speak)]  # type: ignore[arg-type]
    assert [one.data[0] for one in rest] == [2, 2]
    assert spoken == ["We", " do."]


async def test_a_failure_of_the_answer_is_the_answers() -> None:
    async def fails() -> AsyncIterator[str]:
        raise ConnectionError
        yield

    with pytest.raises(ConnectionError):
        _ = [out async for out in make().before_words(fails())]


async def test_sound_that_stops_in_the_middle_is_bridged_once() -> None:
    goes_on = asyncio.Event()

    async def sound() -> AsyncIterator[rtc.AudioFrame]:
        yield frame(2)
        await goes_on.wait()
        yield frame(3)

    heard = []
    async for one in make().before_sound(sound()):
        heard.append(one.data[0])
        if heard[-1] == 1:
            goes_on.set()
    assert heard == [2, 1, 3]
