"""From the ring to the greeting: who calls, which business, and that this agent alone answers."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from livekit.agents import JobContext, vad

from agent import presence, providers
from agent.call import Call
from agent.call_lock import CallLock
from agent.caller import Caller, CallerAbsent
from agent.conversation import build_session
from agent.handoff.exchange import RoomExchange
from agent.instructions import render
from agent.journal.journal import CallJournal
from agent.line import Line
from agent.phrases import PhraseName, phrase
from agent.profile import LoadedProfile, ProfileSource, ProfileUnavailable, UnknownNumber
from agent.speech import CallSpeech, bundled_sound
from agent.speech_store import SpeechStore
from domain.calls.events import CallEnded, CallStarted, EndReason, FloorChanged, ProviderFailed
from domain.database import Database
from domain.environment import Environment
from domain.errors import Refused
from tools.context import CallContext

DATABASE_SECONDS: Final = 1.0
"""For the lock and for the profile: the caller hears silence meanwhile."""
_LANGUAGE: Final = "en-US"
"""Of what is said when no business is known."""

log = logging.getLogger("reception.agent.answering")


@dataclass(frozen=True)
class Place:
    """Which call this job serves, and how many jobs served it before."""

    call_id: UUID
    epoch: int
    room: str


class Answering:
    """One job, from its start to its end; holds what the call itself does not know."""

    def __init__(self, job: JobContext, *, environment: Environment, detector: vad.VAD) -> None:
        self._began = time.monotonic()
        self._job = job
        self._environment = environment
        self._detector = detector
        self._line = Line(job)
        self._database = Database(
            environment.database_url,
            keyring=environment.keyring,
            pool_size=1,
            connect_timeout=2,
        )
        self._lock = CallLock(environment.database_url, room=self._line.room_name)
        self._source = ProfileSource(
            self._database, home=environment.home, any_number=not environment.production
        )
        self._journal: CallJournal | None = None
        self._call: Call | None = None
        self._locked: bool | None = None
        """As `CallLock.acquire` tells it; None as long as it is not known."""
        self._serving = False
        self._over = False
        """The call was ended, or left to another agent, before it was one."""
        self._tasks: set[asyncio.Task[Any]] = set()

    async def answer(self) -> None:
        """Take the call; returns when the greeting is under way, or when the call is over."""
        connecting = asyncio.create_task(self._line.connect())
        locking = asyncio.create_task(self._take_lock())
        # The first queries of a process take as long as joining the room: both at once.
        self._source.begin_early(self._line.room_name)
        try:
            caller = await connecting
        except CallerAbsent:
            log.warning("no caller came")
            self._locked = await locking
            await self._hang_up("caller_hung_up")
            return
        self._locked = await locking
        if not self._is_ours():
            self._leave()
            return
        self._claim()
        try:
            loaded = await self._source.load(
                dialled=caller.dialled,
                phone=caller.phone,
                room=self._line.room_name,
                business_id=caller.business_id,
            )
        except UnknownNumber:
            log.warning("unknown number")
            await self._announce_and_hang_up("unknown_number")
            return
        except ProfileUnavailable:
            await self._announce_and_hang_up("unavailable")
            return
        await self._serve(caller, loaded)

    async def close(self) -> None:
        """The job ends: the call with it, and what is not delivered stays in the spool."""
        if self._call is not None:
            await self._call.stopped()
        elif not self._over:
            await self._hang_up("worker_stopped")
        for task in self._tasks:
            task.cancel()
        if self._journal is not None:
            await self._journal.close()
        self._source.stop()
        await self._lock.release()
        await self._database.aclose()

    async def apologise(self) -> None:
        """Something of ours broke: the caller hears so, and the call ends."""
        call = self._call
        if self._over or (call is not None and call.floor.ended):
            return
        if self._is_ours():
            await self._play("trouble_goodbye")
        if call is not None:
            await call.finish("failed")
        else:
            await self._hang_up("failed")

    async def _serve(self, caller: Caller, loaded: LoadedProfile) -> None:
        profile, settings = loaded.profile, loaded.profile.settings
        place = self._place(loaded)
        self._journal = journal = CallJournal(
            self._database,
            home=self._environment.home,
            call_id=place.call_id,
            epoch=place.epoch,
            business_id=profile.business_id,
        )
        self._job.log_context_fields = {
            "call_id": str(place.call_id),
            "epoch": place.epoch,
            "business_id": str(profile.business_id),
        }
        failed: list[ProviderFailed] = []
        try:
            who = providers.build(
                self._environment, profile, detector=self._detector, on_failed=failed.append
            )
        except (providers.NoProvider, Refused) as error:
            log.error("no providers", extra={"reason": str(error)})
            self._start(journal, place, caller, loaded, sandbox=())
            await self._announce_and_hang_up("unavailable")
            return
        self._start(journal, place, caller, loaded, sandbox=who.sandbox)
        for failure in failed:
            journal.record(failure)
        who.watch(journal.record)
        speech = CallSpeech(
            SpeechStore(self._environment.home),
            voicing=who.voicing,
            vendor=who.speech,
            language=settings.language,
        )
        self._call = call = Call(
            line=self._line,
            exchange=RoomExchange(
                self._line,
                caller,
                speech=speech,
                hearing=who.hearing,
                seam=self._database.seam,
            ),
            caller=caller,
            profile=profile,
            journal=journal,
            speech=speech,
            hearing=who.hearing,
            seam=self._database.seam,
            began=self._began,
        )
        context = CallContext(
            call_id=place.call_id,
            profile=profile,
            database=self._database,
            journal=journal,
            call=call,
            caller_phone=caller.phone,
            contact_id=loaded.contact_id,
            contact_name=loaded.contact_name,
        )
        self._lock.keep(on_lost=call.leave)
        instructions = render(
            profile,
            now=self._database.seam.now(),
            caller_phone=caller.phone,
            contact_name=loaded.contact_name,
            degraded=loaded.degraded,
            messages_only=profile.switch.mode == "messages_only",
        )
        await call.begin(build_session(context, who, self._detector), instructions)

    def _start(
        self,
        journal: CallJournal,
        place: Place,
        caller: Caller,
        loaded: LoadedProfile,
        *,
        sandbox: tuple[str, ...],
    ) -> None:
        journal.record(
            CallStarted(
                room=place.room,
                channel=caller.channel,
                dialled=caller.dialled,
                caller=caller.phone,
                contact_id=loaded.contact_id,
                settings_version=loaded.profile.settings_version,
                sandbox=sandbox,
                degraded=loaded.degraded,
            )
        )
        log.info("call started", extra={"channel": caller.channel, "degraded": loaded.degraded})

    def _place(self, loaded: LoadedProfile) -> Place:
        room = self._line.room_name
        if (named := _from_metadata(self._job.job.metadata)) is not None:
            return Place(*named, room)
        if loaded.earlier is None:
            return Place(self._database.seam.new_id(), 1, room)
        if not loaded.earlier.ended:
            return Place(loaded.earlier.call_id, loaded.earlier.epoch + 1, room)
        # A room's name used again: the earlier call keeps it.
        return Place(self._database.seam.new_id(), 1, f"{room}/{self._job.job.room.sid}")

    # One agent for each call

    async def _take_lock(self) -> bool | None:
        try:
            async with asyncio.timeout(DATABASE_SECONDS):
                return await self._lock.acquire()
        except TimeoutError:
            return None

    def _is_ours(self) -> bool:
        """Whether no other agent is to serve this call: only then may this one speak, or hang up."""
        if self._locked is not None:
            return self._locked
        room = self._line.room
        if not room.isconnected():
            return True
        own, others = room.local_participant.identity, presence.other_agents(room)
        return not presence.must_leave(own, others, serving=self._serving)

    def _claim(self) -> None:
        self._serving = True
        room = self._line.room
        claim: presence.Claim = "lock" if self._locked else "presence"
        self._keep(
            asyncio.create_task(room.local_participant.set_attributes({presence.CLAIM: claim}))
        )
        if not self._locked:

            def look_again(*_: object) -> None:
                if not self._lock.held and not self._is_ours():
                    self._leave()

            room.on("participant_connected", look_again)
            room.on("participant_attributes_changed", look_again)

    def _leave(self) -> None:
        if self._call is not None:
            self._call.leave()
        else:
            self._over = True
            log.info("another agent serves this call")
            self._line.shut_down("another agent serves this call")

    # Ends without a conversation

    async def _announce_and_hang_up(self, name: PhraseName) -> None:
        await self._play(name)
        await self._hang_up("failed")

    async def _play(self, name: PhraseName) -> None:
        try:
            await self._line.announce(phrase(name, _LANGUAGE), bundled_sound(name, _LANGUAGE))
        except Exception as error:
            # The caller may have hung up; the call has to be ended all the same.
            log.warning("announcement not played", extra={"error": type(error).__name__})

    async def _hang_up(self, reason: EndReason) -> None:
        if not self._is_ours():
            self._leave()
            return
        self._over = True
        if self._journal is not None:
            self._journal.record(FloorChanged(before="answering", after="ended", reason=reason))
            self._journal.record(CallEnded(reason=reason))
        await self._line.close()
        self._line.shut_down(reason)

    def _keep(self, task: asyncio.Task[Any]) -> None:
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _from_metadata(metadata: str) -> tuple[UUID, int] | None:
    """`{call_id, epoch}` of the call keeper's dispatch; None for any other."""
    if not metadata:
        return None
    try:
        found = json.loads(metadata)
        return UUID(found["call_id"]), max(1, int(found["epoch"]))
    except (ValueError, TypeError, KeyError):
        return None
