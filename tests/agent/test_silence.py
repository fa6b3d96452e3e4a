"""Silence of both sides."""

from __future__ import annotations

import asyncio

from livekit.agents import UserStateChangedEvent

from agent.silence import SilenceWatch
from domain.businesses.settings import CallLimits
from domain.calls.events import SilenceNoticed


class Scene:
    """A watch with everything around it noted."""

    def __init__(self, prompts: int) -> None:
        self.noticed: list[int] = []
        self.resets = 0
        self.asked = asyncio.Event()
        self.gave_up = asyncio.Event()
        self.watch = SilenceWatch(
            CallLimits(silence_seconds=5, silence_prompts=prompts),
            timer=self,
            record=self._note,
            ask=self._ask,
            give_up=self._give_up,
        )

    def _note(self, event: SilenceNoticed) -> None:
        self.noticed.append(event.times)

    def reset_away_timer(self) -> None:
        self.resets += 1
        self.asked.set()

    async def _ask(self) -> None:
        await asyncio.sleep(0)

    async def _give_up(self) -> None:
        self.gave_up.set()

    async def away(self) -> None:
        self.asked.clear()
        self.watch.user_state_changed(
            UserStateChangedEvent(old_state="listening", new_state="away")
        )
        waiting = [asyncio.create_task(one.wait()) for one in (self.asked, self.gave_up)]
        await asyncio.wait(waiting, timeout=10, return_when=asyncio.FIRST_COMPLETED)
        for task in waiting:
            task.cancel()


async def test_the_caller_is_asked_as_often_as_set_and_then_given_up() -> None:
    scene = Scene(prompts=2)
    await scene.away()
    await scene.away()
    assert not scene.gave_up.is_set()
    await scene.away()
    assert scene.gave_up.is_set()
    assert scene.noticed == [1, 2]
    assert scene.resets == 2


async def test_speech_starts_the_count_again() -> None:
    scene = Scene(prompts=1)
    await scene.away()
    scene.watch.user_state_changed(UserStateChangedEvent(old_state="away", new_state="speaking"))
    await scene.away()
    assert not scene.gave_up.is_set()
    assert scene.noticed == [1, 1]
