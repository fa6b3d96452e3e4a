"""From the ring to the greeting: who calls, which business, and that this agent alone answers."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from dataclasses import dataclass, replace
from typing import Any, Final
from uuid import UUID

from livekit.agents import JobContext, vad

from agent import providers
from agent.call import Call
from agent.call_lock import CallLock
from agent.caller import Caller, CallerAbsent
from agent.conversation import build_session
from agent.handoff.exchange import RoomExchange
from agent.instructions import render
from agent.journal.journal import CallJournal
from agent.line import Line
from agent.ownership import Ownership
from agent.phrases import PhraseName, phrase
from agent.profile import LoadedProfile, ProfileSource, ProfileUnavailable, UnknownNumber
from agent.resumption import resumption as resuming
from agent.speech import CallSpeech, bundled_sound
from agent.speech_store import SpeechStore
from agent.synthetic import undisturbing
from agent.tally import Tally
from agent.truth.following import following
from agent.watching.watch import CallWatch
from domain.businesses.profile import CallProfile
from domain.businesses.settings import Language
from domain.calls.events import CallEnded, CallStarted, EndReason, FloorChanged, ProviderFailed
from domain.claims.deeds import CallDeeds
from domain.database import Database
from domain.environment import Environment
from domain.errors import Refused
from tools.context import CallContext

_LANGUAGE: Final[Language] = "en-US"
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
        self._watch = CallWatch.of_job(job, environment)
        self._database = Database(
            environment.database_url,
            keyring=environment.keyring,
            pool_size=1,
            connect_timeout=2,
        )
        self._ownership = Ownership(
            self._line, CallLock(environment.database_url, room=self._line.room_name)
        )
        self._source = ProfileSource(
            self._database, home=environment.home, any_number=not environment.production
        )
        self._journal: CallJournal | None = None
        self._call: Call | None = None
        self._tally: Tally | None = None
        self._over = False
        """The call was ended, or left to another agent, before it was one."""
        self._early: asyncio.Task[resuming.Journal | None] | None = None
        """The journal of a call that another job has served."""
        self._tasks: set[asyncio.Task[Any]] = set()

    async def answer(self) -> None:
        """Take the call; returns when the greeting is under way, or when the call is over."""
        connecting = asyncio.create_task(self._line.connect())
        locking = asyncio.create_task(self._take_lock())
        # The first queries of a process take as long as joining the room: both at once.
        self._source.begin_early(self._line.room_name)
        self._fetch_early()
        try:
            with self._watch.trace.stage("join"):
                caller = await connecting
        except CallerAbsent:
            log.warning("no caller came")
            await locking
            await self._hang_up("caller_hung_up")
            return
        await locking
        if not self._ownership.ours:
            self._leave()
            return
        self._ownership.claim(on_lost=self._leave)
        if self._job.job.metadata and self._early is None:
            # Sent by the call keeper: the call may be known only to what a dead job has left here.
            await resuming.deliver_spools(self._database, home=self._environment.home)
        try:
            with self._watch.trace.stage("profile"):
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
        if caller.synthetic:
            loaded = replace(loaded, profile=undisturbing(loaded.profile))
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
        if self._tally is not None:
            await self._tally.close()
        self._source.stop()
        await self._ownership.release()
        await self._database.aclose()
        await self._watch.close()

    async def apologise(self) -> None:
        """Something of ours broke: the caller hears so, and the call ends."""
        call = self._call
        if self._over or (call is not None and call.floor.ended):
            return
        if self._ownership.ours:
            await self._play("trouble_goodbye")
        if call is not None:
            await call.finish("failed")
        else:
            await self._hang_up("failed")

    async def _serve(self, caller: Caller, loaded: LoadedProfile) -> None:
        profile, settings = loaded.profile, loaded.profile.settings
        place = self._place(loaded)
        resumption = None
        if place.epoch > 1:
            resumption = await self._resume(place, profile)
        deeds = resumption.deeds if resumption is not None else CallDeeds()
        self._journal = journal = CallJournal(
            self._database,
            home=self._environment.home,
            call_id=place.call_id,
            epoch=place.epoch,
            business_id=profile.business_id,
            watch=following(deeds, self._watch.event),
        )
        self._job.log_context_fields = {
            "call_id": str(place.call_id),
            "epoch": place.epoch,
            "business_id": str(profile.business_id),
        }
        if loaded.too_often and place.epoch == 1:
            self._start(journal, place, caller, loaded, sandbox=())
            await self._announce_and_hang_up(
                "too_many_calls", reason="too_many_calls", language=settings.language
            )
            return
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
        self._tally = tally = Tally(self._database, business_id=profile.business_id)
        tally.follow(who, record=journal.record, worked=self._watch.provider_worked)
        speech = CallSpeech(
            SpeechStore(self._environment.home),
            voicing=who.voicing,
            vendor=who.speech,
            language=settings.language,
            as_recorded=who.speaks_as_recorded,
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
            resumption=resumption,
            still_ours=self._ownership.still_ours,
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
            deeds=deeds,
        )
        if resumption is not None:
            context.memory = resumption.memory
            journal.kinds.update(resumption.kinds)
        self._ownership.keep(on_lost=call.leave)
        instructions = render(
            profile,
            now=self._database.seam.now(),
            caller_phone=caller.phone,
            contact_name=loaded.contact_name,
            degraded=loaded.degraded,
            messages_only=profile.switch.mode == "messages_only",
        )
        await call.begin(build_session(context, who, self._detector), instructions)

    def _fetch_early(self) -> None:
        """Read the journal of a call that another job has served while the room is still being joined."""
        if (named := _from_metadata(self._job.job.metadata)) is None:
            return
        self._early = asyncio.create_task(
            resuming.fetch_of_room(
                self._database,
                home=self._environment.home,
                room=self._line.room_name,
                call_id=named[0],
            )
        )
        self._keep(self._early)

    async def _resume(self, place: Place, profile: CallProfile) -> resuming.Resumption:
        journal = await self._early if self._early is not None else None
        if journal is None:
            journal = await resuming.fetch(
                self._database,
                home=self._environment.home,
                call_id=place.call_id,
                business_id=profile.business_id,
            )
        return resuming.resume(journal, time_zone=profile.time_zone, now=self._database.seam.now())

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
                synthetic=caller.synthetic,
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

    async def _take_lock(self) -> None:
        with self._watch.trace.stage("lock"):
            await self._ownership.take()

    def _leave(self) -> None:
        if self._call is not None:
            self._call.leave()
        else:
            self._over = True
            log.info("another agent serves this call")
            self._line.shut_down("another agent serves this call")

    # Ends without a conversation

    async def _announce_and_hang_up(
        self, name: PhraseName, *, reason: EndReason = "failed", language: Language = _LANGUAGE
    ) -> None:
        await self._play(name, language)
        await self._hang_up(reason)

    async def _play(self, name: PhraseName, language: Language = _LANGUAGE) -> None:
        try:
            await self._line.announce(phrase(name, language), bundled_sound(name, language))
        except Exception as error:
            # The caller may have hung up; the call has to be ended all the same.
            log.warning("announcement not played", extra={"error": type(error).__name__})

    async def _hang_up(self, reason: EndReason) -> None:
        if not self._ownership.ours:
            self._leave()
            return
        self._over = True
        if self._journal is not None:
            self._journal.record(FloorChanged(before="answering", after="ended", reason=reason))
            self._journal.record(CallEnded(reason=reason))
        else:
            self._watch.ended_early(reason)
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
