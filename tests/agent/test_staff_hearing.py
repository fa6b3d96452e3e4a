"""What staff say, in words; a vendor that fails costs words and nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest
from livekit.agents import LanguageCode, stt

from agent import staff_hearing
from agent.staff_hearing import StaffHearing, StaffLine
from domain.seam import PinnedSeam

START = datetime(2026, 3, 2, 15, tzinfo=UTC)


class FakeSound:
    """The track's sound: silent, and open until it is closed."""

    def __init__(self, *_: Any, **__: Any) -> None:
        self._closed = asyncio.Event()

    async def __aiter__(self) -> AsyncIterator[Any]:
        await self._closed.wait()
        return
        yield

    async def aclose(self) -> None:
        self._closed.set()


class FakeStream:
    """One connection to the vendor."""

    def __init__(
        self,
        told: asyncio.Queue[stt.SpeechEvent | Exception | None],
        at_end: list[stt.SpeechEvent],
        read: asyncio.Event,
    ) -> None:
        self._told = told
        self._read = read
        self._at_end = at_end

    async def __aenter__(self) -> FakeStream:
        return self

    async def __aexit__(self, *_: Any) -> None: ...

    def end_input(self) -> None:
        """It sends what it has, and ends."""
        for event in self._at_end:
            self._told.put_nowait(event)
        self._told.put_nowait(None)

    async def __aiter__(self) -> AsyncIterator[stt.SpeechEvent]:
        while True:
            if self._told.empty():
                self._read.set()
            told = await self._told.get()
            if isinstance(told, Exception):
                raise told
            if told is None:
                return
            yield told


class FakeVendor:
    def __init__(self) -> None:
        self.streams = 0
        self.told: asyncio.Queue[stt.SpeechEvent | Exception | None] = asyncio.Queue()
        self.at_end: list[stt.SpeechEvent] = []
        """Told when there is no more sound."""
        self.read = asyncio.Event()
        """All that was told has been taken."""

    def stream(self, **_: Any) -> FakeStream:
        self.streams += 1
        return FakeStream(self.told, self.at_end, self.read)

    def interim(self, text: str) -> None:
        self.read.clear()
        self.told.put_nowait(_words(stt.SpeechEventType.INTERIM_TRANSCRIPT, text))

    def final(self, text: str, start: float, end: float) -> None:
        self.read.clear()
        self.told.put_nowait(_words(stt.SpeechEventType.FINAL_TRANSCRIPT, text, start, end))

    def end_of_speech(self) -> None:
        self.told.put_nowait(stt.SpeechEvent(type=stt.SpeechEventType.END_OF_SPEECH))


def _words(
    kind: stt.SpeechEventType, text: str, start: float = 0.0, end: float = 0.0
) -> stt.SpeechEvent:
    data = stt.SpeechData(language=LanguageCode("en"), text=text, start_time=start, end_time=end)
    return stt.SpeechEvent(type=kind, alternatives=[data])


class Ear:
    """A recogniser at work, and what it has told."""

    def __init__(self) -> None:
        self.vendor = FakeVendor()
        self.lines: list[StaffLine] = []
        self.told = asyncio.Event()
        self.seam = PinnedSeam(START)
        self.hearing = StaffHearing(
            cast(Any, SimpleNamespace()), self._said, hearing=cast(Any, self.vendor), seam=self.seam
        )

    def _said(self, line: StaffLine) -> None:
        self.lines.append(line)
        self.told.set()

    async def next(self) -> StaffLine:
        async with asyncio.timeout(5):
            await self.told.wait()
        self.told.clear()
        return self.lines[-1]


@pytest.fixture
async def ear(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Ear]:
    monkeypatch.setattr("agent.staff_hearing.rtc.AudioStream", FakeSound)
    monkeypatch.setattr(staff_hearing, "AGAIN_SECONDS", (0.01, 0.01))
    ear = Ear()
    yield ear
    await ear.hearing.stop()


async def test_the_finals_of_one_breath_are_one_line_with_its_times(ear: Ear) -> None:
    await asyncio.sleep(0)
    ear.seam.advance(timedelta(seconds=10))
    ear.vendor.final("Good morning,", 2.0, 3.0)
    ear.vendor.final("this is Anne.", 3.2, 4.5)
    ear.vendor.end_of_speech()
    line = await ear.next()
    assert line == StaffLine(
        "Good morning, this is Anne.",
        START + timedelta(seconds=2),
        START + timedelta(seconds=4.5),
    )


async def test_a_vendor_that_tells_no_end_ends_the_line_after_a_pause(
    ear: Ear, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(staff_hearing, "_PAUSE_SECONDS", 0.02)
    ear.vendor.final("Good morning.", 0.0, 0.0)
    assert (await ear.next()).text == "Good morning."


async def test_a_vendor_that_fails_is_asked_again(
    ear: Ear, caplog: pytest.LogCaptureFixture
) -> None:
    ear.vendor.final("One", 0.1, 0.4)
    ear.vendor.told.put_nowait(RuntimeError("what somebody said"))
    assert (await ear.next()).text == "One"
    ear.vendor.final("two", 0.1, 0.4)
    ear.vendor.end_of_speech()
    assert (await ear.next()).text == "two"
    assert ear.vendor.streams == 2
    assert "what somebody said" not in caplog.text


async def test_what_was_recognised_before_the_end_is_kept(ear: Ear) -> None:
    ear.vendor.final("Good", 0.1, 0.4)
    async with asyncio.timeout(5):
        while not ear.vendor.told.empty():  # noqa: ASYNC110 - the queue has no event for it
            await asyncio.sleep(0)
    await ear.hearing.stop()
    assert [line.text for line in ear.lines] == ["Good"]


async def test_the_last_words_are_waited_for(ear: Ear) -> None:
    ear.vendor.interim("book them")
    last = _words(stt.SpeechEventType.FINAL_TRANSCRIPT, "Book them for ten.", 1, 2)
    ear.vendor.at_end.append(last)
    await ear.vendor.read.wait()
    await ear.hearing.finish()
    assert [one.text for one in ear.lines] == ["Book them for ten."]


async def test_a_recogniser_that_does_not_end_is_not_waited_for_long(
    ear: Ear, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(staff_hearing, "LAST_WORDS_SECONDS", 0.01)
    monkeypatch.setattr(FakeStream, "end_input", lambda self: None)
    ear.vendor.final("We will see.", 0, 1)
    ear.vendor.interim("book them")
    await ear.vendor.read.wait()
    await ear.hearing.finish()
    assert [one.text for one in ear.lines] == ["We will see."]


async def test_who_says_nothing_is_not_waited_for(
    ear: Ear, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FakeStream, "end_input", lambda self: pytest.fail("nobody spoke"))
    ear.vendor.interim("yes")
    ear.vendor.final("Yes.", 0, 1)
    await ear.vendor.read.wait()
    await ear.hearing.finish()
    assert [one.text for one in ear.lines] == ["Yes."]
