"""The set-up wizard's "call it now": a caller in a real Chromium with a fake microphone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest
from playwright.async_api import Browser, expect

from domain.businesses.directory import business_for_number
from domain.database import Database
from domain.demo import DEMO_NUMBER
from reception.caller.voice import synthesise
from reception.caller.webrtc import RATE
from tests.calls.test_call_console import _wav, admin
from tests.console.conftest import Console, chromium, open_browser

__all__ = ["admin", "chromium"]

pytestmark = [pytest.mark.call, pytest.mark.long, pytest.mark.timeout(240)]

EVENTUALLY_MS = 45_000


@pytest.fixture(scope="module")
def question(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What comes out of the fake microphone: a question once the greeting is over, again and again."""
    speech = synthesise("where are you located", rate=RATE)
    pause = np.zeros(8 * RATE, np.int16)
    path = tmp_path_factory.mktemp("microphone") / "question.wav"
    path.write_bytes(_wav(np.concatenate([pause, speech])))
    return path


@pytest.fixture(scope="module")
async def caller_browser(chromium: str, question: Path) -> AsyncIterator[Browser]:
    async with open_browser(
        chromium,
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-audio-capture={question}",
        "--allow-loopback-in-peer-connection",
    ) as opened:
        yield opened


async def test_the_assistant_is_called_from_the_wizard(
    admin: str, caller_browser: Browser, database: Database
) -> None:
    business_id = await business_for_number(database, DEMO_NUMBER)
    assert business_id is not None
    console = Console(admin, database, business_id, caller_browser)
    async with console.sign_in("manager") as page:
        await page.context.grant_permissions(["microphone"], origin=admin)
        await page.goto(f"{admin}set-up?step=call")
        step = page.get_by_role("region", name="Call it now")
        await step.get_by_role("button", name="Call it now").click()
        await expect(page.get_by_role("img", name="Your microphone")).to_be_visible()
        await expect(page.get_by_text("You are through: speak.")).to_be_visible(
            timeout=EVENTUALLY_MS
        )
        said = page.get_by_role("list", name="What was said")
        await expect(said).to_contain_text("Thank you for calling", timeout=EVENTUALLY_MS)
        # What exactly was understood is the recogniser's affair; that it is answered is ours.
        await expect(said.locator(".said-caller").first).to_contain_text(
            "are you", timeout=EVENTUALLY_MS
        )
        await expect(said.locator(".said-assistant").nth(1)).to_contain_text(
            "Water Street", timeout=EVENTUALLY_MS
        )
        await page.get_by_role("button", name="Hang up").click()
        await expect(page.get_by_text("The call has ended.")).to_be_visible()
        await expect(page.get_by_role("button", name="Call again")).to_be_visible()
        await page.get_by_role("link", name="See the whole call").click()
        await page.wait_for_url("**/calls/*")
