"""The talk with whoever answered a ringing telephone: the briefing, and whether they take the call."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from datetime import datetime
from typing import Any, Final

from agent.handoff.answers import KEYS, from_a_machine, meaning
from agent.handoff.phone import Gone, Heard, Key, Machine, Phone, Words
from domain.businesses.settings import Language
from domain.calls.events import BriefingSaid, Event, RingOutcome

HELLO_SECONDS: Final = 1.0
"""How long a person who answers in silence is waited for."""
HELLO_PAUSE: Final = 0.5
LONG_HELLO_SECONDS: Final = 2.5
"""People who answer say less than that; what goes on is let speak out before it is told anything."""
LONGEST_HELLO: Final = 12.0
ANSWER_SECONDS: Final = 8.0
"""For the answer, after each of the two questions."""


class _AskAgain(Exception):
    """What was said or pressed is neither yes nor no."""


class Conversation:
    """With one person, on one telephone that was answered and may hear."""

    def __init__(
        self,
        phone: Phone,
        *,
        briefing: Awaitable[str],
        language: Language,
        now: Callable[[], datetime],
        record: Callable[[Event], None],
    ) -> None:
        self._phone = phone
        self._briefing = briefing
        self._language: Language = language
        self._now = now
        self._record = record
        self._asked_at: datetime | None = None
        self._question_over = False

    async def run(self) -> RingOutcome:
        """Brief and ask, at most twice. What came of it: accepted, declined, voicemail, hung_up or unclear."""
        outcome = await self._listening_while(self._hello())
        if outcome is None:
            outcome = await self._asking(self._brief_and_ask())
        if outcome is None:
            outcome = await self._asking(self._ask_again())
        return outcome or "unclear"

    async def _asking(
        self, speaking: Coroutine[Any, Any, RingOutcome | None]
    ) -> RingOutcome | None:
        try:
            outcome = await self._listening_while(speaking)
            if outcome is not None:
                return outcome
            return await self._listening_while(asyncio.sleep(ANSWER_SECONDS))
        except _AskAgain:
            return None

    async def _listening_while(
        self, work: Coroutine[Any, Any, RingOutcome | None]
    ) -> RingOutcome | None:
        """Take what comes from the telephone until it decides, or until `work` is done."""
        doing = asyncio.create_task(work)
        hearing: asyncio.Task[Heard] | None = None
        try:
            while True:
                hearing = hearing or asyncio.create_task(self._phone.inbox.get())
                await asyncio.wait({doing, hearing}, return_when=asyncio.FIRST_COMPLETED)
                if hearing.done():
                    outcome = self._judge(hearing.result())
                    hearing = None
                    if outcome is not None:
                        return outcome
                elif doing.done():
                    return doing.result()
        finally:
            for task in filter(None, (doing, hearing)):
                task.cancel()
            await asyncio.gather(doing, return_exceptions=True)

    def _judge(self, heard: Heard) -> RingOutcome | None:
        match heard:
            case Gone():
                return "hung_up"
            case Machine():
                return "voicemail"
            case Key(digit):
                # Who knows the question presses before it was asked.
                return self._decided(KEYS.get(digit), sure=True)
            case Words(text, began):
                if from_a_machine(text):
                    return "voicemail"
                # The "yes?" with which people answer is no answer to a question not asked yet.
                if self._asked_at is None or began < self._asked_at:
                    return None
                return self._decided(meaning(text, self._language), sure=self._question_over)

    def _decided(self, answer: str | None, *, sure: bool) -> RingOutcome | None:
        if answer is None:
            if sure and self._asked_at is not None:
                raise _AskAgain
            return None
        return "accepted" if answer == "yes" else "declined"

    async def _hello(self) -> RingOutcome | None:
        """Let them say who they are; a machine gives itself away meanwhile."""
        sound = self._phone.sound
        try:
            async with asyncio.timeout(LONG_HELLO_SECONDS):
                while sound.silent_seconds < (HELLO_PAUSE if sound.spoke else HELLO_SECONDS):
                    await self._phone.sounded()
            return None
        except TimeoutError:
            if not sound.spoke:
                # No sound comes at all: keys are left.
                return None
        try:
            async with asyncio.timeout(LONGEST_HELLO - LONG_HELLO_SECONDS):
                while sound.silent_seconds < HELLO_SECONDS:
                    await self._phone.sounded()
            return None
        except TimeoutError:
            return "voicemail"

    async def _brief_and_ask(self) -> None:
        text = await self._briefing
        self._record(BriefingSaid(attempt=self._phone.attempt, text=text))
        await self._phone.tell(text)
        self._asked_at = self._now()
        await self._phone.say_phrase("staff_question")
        self._question_over = True

    async def _ask_again(self) -> None:
        self._asked_at, self._question_over = self._now(), False
        await self._phone.say_phrase("staff_again")
        self._question_over = True
