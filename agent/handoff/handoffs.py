"""Handing the caller of one call to a person's telephone, and what happens after it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal, cast

from livekit import rtc
from livekit.agents import llm, stt

from agent.caller import Caller
from agent.handoff.briefing import BriefingFacts, worded
from agent.handoff.exchange import Exchange
from agent.handoff.hold import Hold
from agent.handoff.person import PersonOnTelephone
from agent.handoff.phone import Phone
from agent.handoff.told import told_of_failure, told_when
from agent.handoff.warm import WarmHandoff
from agent.line import Line
from agent.shared_call import SharedCall
from agent.speech import CallSpeech
from domain.businesses.profile import CallProfile
from domain.calls.control import Transfer
from domain.calls.events import Event, RingOutcome, TransferEnded, TransferStarted
from domain.handoffs.plan import RING_SECONDS, HandoffPlan, Round, Telephone, plan_handoff
from domain.seam import Seam
from tools.context import HandedOver, HandOver

_REASON: Final = "handoff"
"""Of the changes of the floor that are this module's."""
_HEARD_MESSAGES: Final = 6
END_SECONDS: Final = 6.0
"""How long the end of a call waits for farewells on telephones that were answered."""

log = logging.getLogger("reception.agent.handoff")


@dataclass(frozen=True)
class _Route:
    kind: Literal["warm", "cold"]
    trunk: str = ""


class Handoffs:
    """Those of one call, one at a time. The way back to the assistant is the same for all that fail."""

    def __init__(
        self,
        call: SharedCall,
        *,
        line: Line,
        exchange: Exchange,
        caller: Caller,
        caller_name: Callable[[], str],
        profile: CallProfile,
        speech: CallSpeech,
        hearing: stt.STT[Any] | None,
        done: Callable[[], Mapping[str, int]],
        record: Callable[[Event], None],
        seam: Seam,
    ) -> None:
        """`done` counts this call's events by type; `hearing` recognises staff."""
        self.referring = False
        """The caller's leg may leave the room without having hung up."""
        self._call = call
        self._line = line
        self._caller = caller
        self._caller_name = caller_name
        self._profile = profile
        self._speech = speech
        self._done = done
        self._record = record
        self._seam = seam
        self._exchange = exchange
        self._under_way = False
        """Somebody is being rung, or the caller is being sent away."""
        self._gave_way = False
        self._attempts = 0
        self._warm: WarmHandoff | None = None
        self._hold: Hold | None = None
        self._person = PersonOnTelephone(
            call, exchange=exchange, hearing=hearing, seam=seam, profile=profile
        )
        self._idle = asyncio.Event()
        self._idle.set()
        self._last: RingOutcome = "failed"

    def watch(self) -> None:
        """Follow who leaves the room."""
        self._line.room.on("participant_disconnected", self._person.left)

    def plan(self, **whom: Any) -> HandoffPlan:
        """Whom to ring now; `whom` as `plan_handoff` takes it."""
        return plan_handoff(self._profile.routing, now=self._seam.now(), **whom)

    # Asking for one

    async def begin(self, request: HandOver) -> HandedOver:
        """Start to hand over and return; see `tools.context.CallControl.hand_over`."""
        if self._taken:
            return HandedOver(outcome="failed", why="the caller is being connected already")
        route = await self._take(request)
        if route is None:
            return HandedOver(outcome="failed", why="no telephone can be rung")
        self._call.spawn(self._begun(request, route))
        return HandedOver(outcome="ringing")

    async def hand_over(self, request: HandOver, *, come_back: bool = True) -> bool | None:
        """Hand over and wait for what comes of it: whether a person has the caller; None when nothing could be
        begun. With `come_back` false the assistant has the floor after a failure, and says nothing by itself."""
        if self._taken or (route := await self._take(request)) is None:
            return None
        return await self._carry_out(request, route, come_back=come_back)

    async def asked(self, control: Transfer) -> None:
        """Staff asked for it from the console."""
        if control.number:
            telephone = Telephone(number=control.number)
            plan = HandoffPlan(rounds=(Round(telephones=(telephone,), ring_seconds=RING_SECONDS),))
        else:
            plan = self.plan(department=control.department_id, person_id=control.person_id)
        request = HandOver(
            reason="a colleague asked for it", plan=plan, kind=control.kind, by=str(control.user_id)
        )
        answer = await self.begin(request)
        if answer.outcome == "failed":
            log.warning("asked transfer not begun")

    async def staff_first(self) -> bool:
        """Ring before the assistant answers, as the business has set it. Whether a person has the caller; if
        not, the assistant has the floor, and has said nothing."""
        settings = self._profile.settings
        plan = self.plan().within(settings.handoff.staff_first_seconds)
        if not plan.rounds or not (trunk := await self._exchange.trunk()):
            return False
        if self._taken:
            return False
        self._under_way = True
        return await self._carry_out(
            HandOver(reason="", plan=plan),
            _Route("warm", trunk),
            come_back=False,
            notice=settings.recording_notice,
        )

    def when(self, reachable_at: datetime | None) -> str:
        """For the model: when somebody can be reached again, as a sentence with a space before it."""
        return told_when(reachable_at, time_zone=self._profile.time_zone)

    async def ways(self) -> Sequence[Literal["cold", "warm"]]:
        """The kinds of handing over that can be tried with this caller, the cheaper first."""
        cold = ["cold"] if self._caller.channel == "sip" else []
        warm = ["warm"] if await self._exchange.trunk() else []
        return cast('Sequence[Literal["cold", "warm"]]', [*cold, *warm])

    @property
    def _taken(self) -> bool:
        """The caller is being handed over already, or is not the assistant's to hand over."""
        return self._under_way or not self._call.undisturbed

    async def _take(self, request: HandOver) -> _Route | None:
        """Keep others from handing the caller over meanwhile; None, and nothing kept, where there is no way."""
        self._under_way = True
        route = await self._route(request)
        if route is not None and self._call.undisturbed:
            return route
        self._under_way = False
        return None

    async def _begun(self, request: HandOver, route: _Route) -> None:
        await self._carry_out(request, route)

    async def _route(self, request: HandOver) -> _Route | None:
        if not request.plan.rounds:
            return None
        kind = request.kind or self._profile.settings.handoff.kind
        can_refer = self._caller.channel == "sip"
        if kind == "cold" and can_refer:
            return _Route("cold")
        if trunk := await self._exchange.trunk():
            return _Route("warm", trunk)
        return _Route("cold") if can_refer else None

    async def _carry_out(
        self, request: HandOver, route: _Route, *, come_back: bool = True, notice: str = ""
    ) -> bool:
        self._idle.clear()
        try:
            if not self._call.changeover.to_briefing(reason=_REASON, by=request.by):
                return False
            self._gave_way = False
            self._record(
                TransferStarted(
                    reason=request.reason[:500],
                    kind=route.kind,
                    department_id=request.plan.department_id,
                    by=request.by,
                )
            )
            await self._begin_hold(notice)
            if route.kind == "cold":
                connected = await self._refer(request.plan)
            else:
                connected = await self._ring(request, route.trunk)
            if not connected and self._call.floor.now == "briefing":
                await self._return(request.plan, come_back=come_back)
            return connected
        except Exception:
            # Whatever broke: nobody may be left with music, or with nothing.
            log.exception("handoff broke")
            if self._call.floor.now == "briefing":
                self._give_back(request.plan, come_back=come_back)
            return False
        finally:
            await self._let_go()
            self._under_way = False
            self._idle.set()

    # Warm

    async def _ring(self, request: HandOver, trunk: str) -> bool:
        language = self._profile.settings.language
        model = self._call.session.llm
        briefing = asyncio.create_task(
            worded(
                self._facts(request),
                language,
                model=model if isinstance(model, llm.LLM) else None,
            )
        )
        self._warm = warm = WarmHandoff(
            request.plan,
            new_phone=lambda attempt, telephone: self._phone(attempt, telephone, trunk),
            briefing=briefing,
            language=language,
            now=self._seam.now,
            record=self._record,
            first_attempt=self._attempts + 1,
        )
        try:
            phone, self._last = await warm.run()
        finally:
            self._attempts = warm.attempts
            briefing.cancel()
        if phone is None:
            self._record(TransferEnded(outcome="failed", detail=self._last))
            return False
        if not self._call.changeover.to_person(reason=_REASON, identity=phone.identity):
            # Somebody took the caller over in this very moment, or the call ended.
            self._record(TransferEnded(outcome="failed", detail="cancelled"))
            await phone.hang_up()
            return False
        # Before anything is awaited: who hangs up now must not leave the caller with nobody.
        self._record(TransferEnded(outcome="connected"))
        self._person.joined(phone.identity, phone.telephone)
        if not self._line.has(phone.identity):
            self._person.gone()
        if self._hold is not None:
            await self._hold.end()
        await self._exchange.mark_joined(phone.identity)
        await warm.over()
        return True

    def _phone(self, attempt: int, telephone: Telephone, trunk: str) -> Phone:
        by_caller = self._profile.settings.handoff.shown_number == "caller"
        shown = (self._caller.phone if by_caller else "") or self._caller.dialled
        return self._exchange.new_phone(attempt, telephone, trunk=trunk, shown=shown)

    def _facts(self, request: HandOver) -> BriefingFacts:
        heard = [
            (item.text_content or "").strip()
            for item in self._call.session.history.items
            if isinstance(item, llm.ChatMessage) and item.role == "user"
        ]
        return BriefingFacts(
            name=self._caller_name(),
            phone=self._caller.phone,
            reason=request.reason,
            deeds=tuple(self._done()),
            heard=tuple(filter(None, heard))[-_HEARD_MESSAGES:],
        )

    # Cold

    async def _refer(self, plan: HandoffPlan) -> bool:
        numbers = dict.fromkeys(one.number for each in plan.rounds for one in each.telephones)
        for number in numbers:
            self.referring = True
            try:
                outcome = await self._line.refer(self._caller, number)
            finally:
                self.referring = False
            if self._gave_way and outcome.outcome != "connected":
                break
            if outcome.outcome == "connected":
                self._record(outcome)
                self._call.changeover.to_person(reason=_REASON)
                self._call.spawn(self._call.finish("transferred"))
                return True
            if not self._line.has(self._caller.identity):
                self._record(outcome)
                self._call.spawn(self._call.finish("caller_hung_up"))
                return False
        self._last = "failed"
        self._record(outcome)
        return False

    # The way back

    async def _return(self, plan: HandoffPlan, *, come_back: bool) -> None:
        if self._hold is not None:
            await self._hold.conclude("connecting_failed")
        if self._call.floor.now == "briefing":
            self._give_back(plan, come_back=come_back)

    def _give_back(self, plan: HandoffPlan, *, come_back: bool) -> None:
        opening = ""
        if come_back:
            opening = told_of_failure(
                self._last,
                reachable_at=plan.reachable_at,
                time_zone=self._profile.time_zone,
            )
        self._call.changeover.to_assistant(reason=self._last, opening=opening)

    async def _begin_hold(self, notice: str) -> None:
        track = await self._exchange.hold_track()
        if track is not None:
            self._hold = Hold(track, speech=self._speech, record=self._record)
            self._hold.begin(notice)

    async def _let_go(self) -> None:
        hold, self._hold, self._warm = self._hold, None, None
        if hold is not None:
            await hold.end()
        await self._exchange.release()

    # What happens meanwhile, and afterwards

    def floor_taken(self, reason: str) -> None:
        """A person has the floor: if they are nobody who was rung, nothing rings any more."""
        if reason != _REASON:
            self._gave_way = True
            self._call.spawn(self._give_way())

    async def _give_way(self) -> None:
        if self._hold is not None:
            await self._hold.end()
        if self._warm is not None:
            await self._warm.stop("cancelled")

    async def end(self) -> None:
        """The call is over: who answered meanwhile is told so, and every leg of staff ends."""
        warm = self._warm
        if warm is not None:
            await warm.stop("caller_gone")
        with suppress(TimeoutError):
            async with asyncio.timeout(END_SECONDS):
                await self._idle.wait()
        await self._person.end()
        self._exchange.close()

    def adopt(self, *, attempts: int = 0) -> int | None:
        """After another job's death, which had rung `attempts` telephones: go on with the person who has the
        caller, and end what rings. The attempt that found this person, if there is one."""
        self._attempts = max(self._attempts, attempts)
        taken = None
        for leg in self._exchange.found_legs():
            self._attempts = max(self._attempts, leg.attempt)
            if (
                leg.joined
                and not self._person.present
                and self._call.changeover.to_person(reason=_REASON, identity=leg.identity)
            ):
                self._person.joined(leg.identity, None)
                taken = leg.attempt
            else:
                self._call.spawn(self._exchange.remove(leg.identity))
        # One that was being dialled comes into the room only now, and rings for nobody.
        self._line.room.on("participant_connected", self._remove_stray)
        return taken

    def _remove_stray(self, _: rtc.RemoteParticipant) -> None:
        if self._under_way:
            return
        for leg in self._exchange.found_legs():
            if not leg.joined:
                self._call.spawn(self._exchange.remove(leg.identity))
