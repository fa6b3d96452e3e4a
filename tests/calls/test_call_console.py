"""Staff with a call in their browser: the built console in a real Chromium with a fake microphone."""

from __future__ import annotations

import asyncio
import json
import re
import urllib.request
import wave
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from playwright.async_api import Browser, Locator, Page, expect

from domain.businesses.directory import business_for_number
from domain.calls.events import FloorChanged, StaffJoined, StaffSaid, StaffWhispered
from domain.database import Database
from domain.demo import DEMO_NUMBER
from reception.caller.audio import PACKET_SECONDS, Samples, packets, voiced
from reception.caller.ear import Ear
from reception.caller.voice import synthesise
from reception.caller.webrtc import RATE
from tests.calls.conftest import CALLER, Line
from tests.calls.events import of_type, until
from tests.calls.stack import Part, Stack, free_port
from tests.calls.staff import desk_of
from tests.console.conftest import Console, chromium, keep_screenshot, open_browser

__all__ = ["chromium"]

pytestmark = [pytest.mark.call, pytest.mark.timeout(240)]

STAFF_WORDS = "hello this is barbara davis"
"""What comes out of the fake microphone, again and again."""
BACK_CEILING = 24.0
"""Seconds until the assistant is back after a tab was killed: three times the 5 s after which a lost connection
counts as lost, and the 2 s that are promised from there, on a busy machine."""
EVENTUALLY_MS = 30_000


@pytest.fixture(scope="module")
def microphone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A recording that Chromium takes for its microphone: speech, and a pause."""
    speech = synthesise(STAFF_WORDS, rate=RATE)
    path = tmp_path_factory.mktemp("microphone") / "speech.wav"
    path.write_bytes(_wav(np.concatenate([speech, np.zeros(2 * RATE, np.int16)])))
    return path


@pytest.fixture(scope="module")
async def staff_browser(chromium: str, microphone: Path) -> AsyncIterator[Browser]:
    async with open_browser(
        chromium,
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-audio-capture={microphone}",
        # Otherwise it looks for a way to LiveKit over the machine's networks only.
        "--allow-loopback-in-peer-connection",
    ) as opened:
        yield opened


@pytest.fixture(scope="module")
async def admin(stack: Stack) -> AsyncIterator[str]:
    """The admin service as a process of its own; the console's address."""
    port = free_port()
    part: Part = stack.start_part(
        "admin",
        ["-m", "reception", "admin"],
        RECEPTION_ADMIN_PORT=str(port),
        # In production its cookie is for https only.
        RECEPTION_ENV="development",
    )
    address = f"http://127.0.0.1:{port}"
    await until(lambda: _answers(f"{address}/healthz"), timeout=60)
    yield f"{address}/console/"
    part.stop()
    stack.parts.remove(part)


@dataclass
class FrontDesk:
    """Staff of the demo business, each in a browser of their own."""

    console: Console

    @asynccontextmanager
    async def at(self, role: str = "staff", *, microphone: bool = True) -> AsyncIterator[Page]:
        """The live page of somebody who is signed in, and whose microphone may be used or not."""
        async with self.console.sign_in(role) as page:
            if microphone:
                await page.context.grant_permissions(["microphone"], origin=self.console.url)
            await page.goto(self.console.url + "live")
            yield page


@pytest.fixture
async def front_desk(admin: str, staff_browser: Browser, database: Database) -> FrontDesk:
    business_id = await business_for_number(database, DEMO_NUMBER)
    assert business_id is not None
    return FrontDesk(Console(admin, database, business_id, staff_browser))


async def test_staff_follow_a_call_take_it_over_and_lose_their_browser(
    line: Line, front_desk: FrontDesk
) -> None:
    async with front_desk.at("staff") as page, front_desk.at("viewer") as other:
        async with line.call() as caller, desk_of(line.stack.livekit, caller) as desk:
            await expect(_row(page)).to_be_visible(timeout=EVENTUALLY_MS)
            await _row(page).click()
            await expect(page.get_by_role("button", name="Listen")).to_be_enabled()
            await page.keyboard.press("l")
            await until(lambda: _plays(page), timeout=15)
            await caller.hear()

            await caller.speak("i would like to book a cleaning please")
            live = page.locator(".line-live.line-caller")
            await expect(live.or_(_said(page, "caller"))).to_contain_text("cleaning")
            await expect(_said(page, "caller")).to_contain_text("cleaning")
            await caller.hear()

            await page.keyboard.press("s")
            await page.keyboard.type("One moment please, my colleague is coming.")
            await page.keyboard.press("Enter")
            heard = await caller.hear()
            assert "my colleague is coming" in heard.text
            await page.keyboard.press("Escape")

            await page.keyboard.press("t")
            words = "You are speaking with the caller. The assistant is silent."
            await expect(page.get_by_text(words)).to_be_visible()
            taken = asyncio.get_running_loop().time()
            await expect(_row(other)).to_contain_text("With Staff Riley")
            (staff,) = [one for one in caller.room.remote_participants if one.startswith("staff-")]
            ear = desk.ears.of(staff)
            # The microphone's sound comes round again: the first piece of it may be half a sentence.
            own = _said(page, "staff").filter(has_text=re.compile("barbara", re.IGNORECASE))
            await expect(own.first).to_be_visible(timeout=EVENTUALLY_MS)
            # The caller hears their words, and nothing of the assistant.
            await until(lambda: _heard(line.stack, ear, "barbara"), timeout=20, every=1)
            assert not desk.assistant.since(taken)
            await keep_screenshot(page, "live-takeover")

            await _crash(page)
            lost = asyncio.get_running_loop().time()
            back = await desk.assistant_speaks(since=lost, timeout=BACK_CEILING)
            assert back - lost < BACK_CEILING
            await expect(_row(other)).to_contain_text("Assistant")
        await expect(other.get_by_text("No calls at the moment")).to_be_visible()
    call = await line.ended(caller.room_name)
    events = await line.events(call)
    assert [one.aloud for one in of_type(events, StaffWhispered)] == [True]
    floors = [(one.before, one.after, one.reason) for one in of_type(events, FloorChanged)]
    assert ("assistant", "person", "takeover") in floors
    assert ("person", "assistant", "lost") in floors
    (joined,) = of_type(events, StaffJoined)
    assert {one.user_id for one in of_type(events, StaffSaid)} == {joined.user_id}


@pytest.mark.long
async def test_two_staff_speak_one_after_the_other_and_the_call_is_handed_back(
    line: Line, front_desk: FrontDesk
) -> None:
    async with (
        front_desk.at("manager") as first,
        front_desk.at("manager") as second,
        line.call() as caller,
        desk_of(line.stack.livekit, caller) as desk,
    ):
        for page in (first, second):
            await expect(_row(page)).to_be_visible(timeout=EVENTUALLY_MS)
            await _row(page).click()
        await caller.hear()
        await first.keyboard.press("t")
        await expect(first.get_by_text("You are speaking with the caller.")).to_be_visible()
        await expect(second.get_by_text("Manager Riley has the floor.")).to_be_visible()
        await second.keyboard.press("t")
        await expect(second.get_by_text("until the floor is given to you")).to_be_visible()
        await expect(second.get_by_role("button", name="Mute")).to_have_count(0)

        await first.get_by_role("button", name="Give floor to Manager Riley").click()
        await expect(second.get_by_text("You are speaking with the caller.")).to_be_visible()
        await expect(first.get_by_text("until the floor is given to you")).to_be_visible()
        await second.keyboard.press("m")
        await expect(
            second.get_by_text("You have the floor, but your microphone is muted.")
        ).to_be_visible()
        await second.keyboard.press("m")

        given = asyncio.get_running_loop().time()
        await second.keyboard.press("h")
        await desk.assistant_speaks(since=given)
        await expect(second.get_by_role("button", name="Take over")).to_be_enabled()
        await expect(first.get_by_text("the assistant speaks with the caller")).to_be_visible()
        await first.get_by_role("button", name="Take the floor").click()
        await expect(first.get_by_text("You are speaking with the caller.")).to_be_visible()

        # Going elsewhere is asked for, and gives the caller back.
        await first.get_by_role("link", name="Calendar").click()
        left = asyncio.get_running_loop().time()
        await first.get_by_role("button", name="Leave it").click()
        await desk.assistant_speaks(since=left)

        await second.keyboard.press("e")
        await second.get_by_role("button", name="End the call").click()
        await caller.wait_for_end()
        await expect(second.get_by_text("The call has ended.")).to_be_visible()
    call = await line.ended(caller.room_name)
    assert call.end_reason == "staff_ended"


@pytest.mark.long
async def test_a_microphone_that_is_refused_leaves_the_call_with_the_assistant(
    line: Line, front_desk: FrontDesk
) -> None:
    async with front_desk.at("staff", microphone=False) as page, line.call() as caller:
        await expect(_row(page)).to_be_visible(timeout=EVENTUALLY_MS)
        await _row(page).click()
        await caller.hear()
        await page.get_by_role("button", name="Take over").click()
        await expect(page.get_by_role("alert")).to_contain_text("microphone is not allowed")
        await expect(page.get_by_role("button", name="Take over")).to_be_enabled()
        await caller.speak("i would like to book a cleaning please")
        assert (await caller.hear()).text
    events = await line.events(await line.ended(caller.room_name))
    assert not of_type(events, StaffJoined)


def _row(page: Page) -> Locator:
    calls = page.get_by_role("list", name="Calls in progress")
    return calls.get_by_role("button", name=CALLER)


def _said(page: Page, who: str) -> Locator:
    """What is in the transcript, and not only heard so far."""
    return page.locator(f".line-{who}:not(.line-live)")


async def _plays(page: Page) -> bool:
    """Whether the call's sound is played: both sides, the assistant's and the caller's."""
    return bool(
        await page.evaluate(
            "[...document.querySelectorAll('audio')].filter(a => !a.paused && a.srcObject).length >= 2"
        )
    )


async def _crash(page: Page) -> None:
    """Kill the page's process, as the operating system would: no farewell is said."""
    session = await page.context.new_cdp_session(page)
    crashing = asyncio.create_task(session.send("Page.crash"))
    async with asyncio.timeout(10):
        while not crashing.done() and not page.is_closed():
            await asyncio.sleep(0.05)
            if await _gone(page):
                break
    crashing.cancel()
    await asyncio.gather(crashing, return_exceptions=True)


async def _gone(page: Page) -> bool:
    try:
        async with asyncio.timeout(1):
            await page.evaluate("1")
    except Exception:
        return True
    return False


async def _heard(stack: Stack, ear: Ear, word: str) -> bool:
    """Whether `word` is in one of the utterances that were heard, as the sandbox recognises them."""

    def ask(samples: Samples) -> str:
        request = urllib.request.Request(
            f"http://127.0.0.1:{stack.sandbox_port}/v1/listen",
            data=_wav(samples),
            headers={"Content-Type": "audio/wav", "Authorization": "Token any"},
        )
        with urllib.request.urlopen(request, timeout=20) as reply:
            found = json.load(reply)
        return str(found["results"]["channels"][0]["alternatives"][0]["transcript"])

    for utterance in _utterances(ear.recording()):
        if word in (await asyncio.to_thread(ask, utterance)).lower():
            return True
    return False


def _utterances(samples: Samples) -> list[Samples]:
    """The stretches of speech between pauses of a second; the recogniser takes one sentence at a time."""
    pause = round(1 / PACKET_SECONDS)
    found: list[Samples] = []
    speech: list[Samples] = []
    silent = pause
    for packet in packets(samples, rate=RATE):
        silent = 0 if voiced(packet) else silent + 1
        if silent < pause:
            speech.append(packet)
        elif speech:
            found.append(np.concatenate(speech))
            speech = []
    return found


async def _answers(address: str) -> bool:
    def ask() -> bool:
        try:
            with urllib.request.urlopen(address, timeout=2) as reply:
                return bool(reply.status == 200)
        except OSError:
            return False

    return await asyncio.to_thread(ask)


def _wav(samples: Samples) -> bytes:
    body = BytesIO()
    with wave.open(body, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples.astype("<i2").tobytes())
    return body.getvalue()
