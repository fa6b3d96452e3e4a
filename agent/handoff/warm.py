"""Ringing for a caller: rounds of telephones, one conversation for each that is answered, one that takes it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime
from typing import Final, Literal

from agent.handoff.conversation import Conversation
from agent.handoff.legs import RingFailed
from agent.handoff.phone import Phone
from agent.phrases import PhraseName
from domain.businesses.settings import Language
from domain.calls.events import Event, PersonAnswered, PersonRung, RingEnded, RingOutcome
from domain.handoffs.plan import HandoffPlan, Round, Telephone

FAREWELL_SECONDS: Final = 4.0
"""For the sentence to somebody who answered and is not needed any more."""
Why = Literal["cancelled", "caller_gone"]

log = logging.getLogger("reception.agent.handoff")


class WarmHandoff:
    """One plan carried out. Everything that rings ends with it, whatever happens."""

    def __init__(
        self,
        plan: HandoffPlan,
        *,
        new_phone: Callable[[int, Telephone], Phone],
        briefing: Awaitable[str],
        language: Language,
        now: Callable[[], datetime],
        record: Callable[[Event], None],
        first_attempt: int = 1,
    ) -> None:
        """`new_phone` makes the telephone of an attempt; `briefing` may be awaited more than once."""
        self.attempts = first_attempt - 1
        self._plan = plan
        self._new_phone = new_phone
        self._briefing = briefing
        self._language: Language = language
        self._now = now
        self._record = record
        self._winner: Phone | None = None
        self._why: Why = "cancelled"
        self._stopped = asyncio.Event()
        self._joining = asyncio.Lock()
        self._ringing: set[asyncio.Task[RingOutcome]] = set()

    async def run(self) -> tuple[Phone | None, RingOutcome]:
        """Ring until somebody has taken the call and hears the caller; else None, and the last outcome."""
        last: RingOutcome = "failed"
        for one in self._plan.rounds:
            if self._stopped.is_set():
                break
            last = await self._ring(one)
            if self._winner is not None:
                return self._winner, "accepted"
        return None, (self._why if self._stopped.is_set() else last)

    async def stop(self, why: Why) -> None:
        """End everything that rings; returns when all of it has ended."""
        if not self._stopped.is_set():
            self._why = why
            self._stopped.set()
        await self.over()

    async def over(self) -> None:
        """Wait until nothing rings any more, and every farewell has been said."""
        while self._ringing:
            await asyncio.gather(*self._ringing, return_exceptions=True)

    async def _ring(self, one: Round) -> RingOutcome:
        waiting = set()
        for telephone in one.telephones:
            self.attempts += 1
            task = asyncio.create_task(
                self._try(self._new_phone(self.attempts, telephone), one.ring_seconds)
            )
            self._ringing.add(task)
            task.add_done_callback(self._ringing.discard)
            waiting.add(task)
        last: RingOutcome = "failed"
        while waiting and self._winner is None:
            done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                last = task.result()
        return last

    async def _try(self, phone: Phone, seconds: int) -> RingOutcome:
        self._record(
            PersonRung(
                attempt=phone.attempt,
                person_id=phone.telephone.person_id,
                department_id=phone.telephone.department_id,
            )
        )
        answered = asyncio.Event()
        outcome, detail = await self._until_stopped(phone, seconds, answered)
        self._record(RingEnded(attempt=phone.attempt, outcome=outcome, detail=detail))
        if outcome == "accepted":
            return outcome
        try:
            if answered.is_set() and outcome in ("cancelled", "caller_gone"):
                await self._say_farewell(phone, outcome)
        finally:
            await phone.hang_up()
        return outcome

    async def _until_stopped(
        self, phone: Phone, seconds: int, answered: asyncio.Event
    ) -> tuple[RingOutcome, str]:
        work = asyncio.create_task(self._ring_and_brief(phone, seconds, answered))
        stop = asyncio.create_task(self._stopped.wait())
        try:
            await asyncio.wait({work, stop}, return_when=asyncio.FIRST_COMPLETED)
            if not work.done():
                return self._why, ""
            outcome = work.result()
            return await self._take(phone) if outcome == "accepted" else (outcome, "")
        except RingFailed as failure:
            return failure.outcome, failure.detail
        except Exception as error:
            log.exception("ringing failed")
            return "failed", type(error).__name__
        finally:
            for task in (work, stop):
                task.cancel()
            await asyncio.gather(work, stop, return_exceptions=True)

    async def _ring_and_brief(
        self, phone: Phone, seconds: int, answered: asyncio.Event
    ) -> RingOutcome:
        await phone.ring(seconds)
        answered.set()
        self._record(PersonAnswered(attempt=phone.attempt))
        await phone.open()
        talk = Conversation(
            phone,
            briefing=self._briefing,
            language=self._language,
            now=self._now,
            record=self._record,
        )
        return await talk.run()

    async def _take(self, phone: Phone) -> tuple[RingOutcome, str]:
        """The first one who accepts gets the caller; the others are told so."""
        async with self._joining:
            if self._winner is not None or self._stopped.is_set():
                return self._why, ""
            await phone.join()
            self._winner = phone
            self._stopped.set()
        return "accepted", ""

    async def _say_farewell(
        self, phone: Phone, outcome: Literal["cancelled", "caller_gone"]
    ) -> None:
        name: PhraseName = "staff_taken" if outcome == "cancelled" else "staff_caller_gone"
        with suppress(TimeoutError):
            async with asyncio.timeout(FAREWELL_SECONDS):
                await phone.say_phrase(name)
