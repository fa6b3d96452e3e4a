"""Staff who come into the call from the console: who of them speaks with the caller, and who only listens."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, Final, Protocol
from uuid import UUID

from livekit import rtc
from livekit.agents import stt

from agent.pulse import until_lost
from agent.shared_call import SharedCall
from agent.staff import StaffMember, as_staff, is_microphone, microphone
from agent.staff_hearing import StaffHearing, StaffLine
from domain.calls.control import GiveFloor
from domain.calls.events import Event, StaffJoined, StaffLeft
from domain.seam import Seam

UNPUBLISHED_SECONDS: Final = 5.0
"""How long the speaker's microphone may be gone from the room (a connection made anew publishes it again)
before the caller is given back to the assistant. Muted it may stay for as long as they like."""
STOP_SECONDS: Final = 2.0
"""How long the call's end waits for a recogniser to close its connection."""

log = logging.getLogger("reception.agent.takeover")


class SpeakingRights(Protocol):
    """The server's word on who may speak in the room."""

    async def let_speak(self, identity: str, allowed: bool) -> None: ...


class Takeover:
    """The first whose microphone is live while nobody else has the floor takes it. Who comes after may not
    speak until they are handed it: the server takes their right to publish away."""

    def __init__(
        self,
        call: SharedCall,
        *,
        room: rtc.Room,
        rights: SpeakingRights,
        hearing: stt.STT[Any],
        record: Callable[[Event], None],
        seam: Seam,
    ) -> None:
        self.speaker: StaffMember | None = None
        """Who has the floor."""
        self._call = call
        self._room = room
        self._rights = rights
        self._hearing = hearing
        self._record = record
        self._seam = seam
        self._present: dict[str, StaffMember] = {}
        self._handed: tuple[StaffMember, str] | None = None
        """To whom the floor is being given, and by which user: theirs when their microphone is live."""
        self._recogniser: StaffHearing | None = None
        self._pulse: asyncio.Task[None] | None = None
        self._unpublished: asyncio.Task[None] | None = None

    def watch(self) -> None:
        """Follow what staff do in the room."""
        room = self._room
        room.on("participant_connected", self._joined)
        room.on("participant_disconnected", self._left)
        room.on("track_published", self._published)
        room.on("track_unmuted", self._unmuted)
        room.on("track_subscribed", self._subscribed)
        room.on("track_unpublished", self._withdrawn)

    def look(self) -> None:
        """Take notice of who is there already: the call has a floor that can be taken now."""
        for participant in list(self._room.remote_participants.values()):
            self._joined(participant)
            member = self._present.get(participant.identity)
            if member is not None and _is_live(participant):
                self._live(member)

    def restore(self, staff: Mapping[str, UUID], *, speaker: str) -> None:
        """After another job's death: of who was here then (users by participant) only those are told of who
        have gone, and who had the floor keeps it, with their microphone muted too."""
        there = self._room.remote_participants
        for identity, user_id in staff.items():
            if identity in there:
                self._present[identity] = StaffMember(identity, user_id)
            else:
                self._record(StaffLeft(user_id=user_id, identity=identity, reason="lost"))
        member = self._present.get(speaker)
        if member is not None and microphone(there[speaker]) is not None:
            self._live(member)

    def give(self, control: GiveFloor) -> None:
        """Hand the floor over, as staff asked."""
        by = str(control.user_id)
        if control.to == "assistant":
            self._handed = None
            if self.speaker is not None:
                self._give_back("handed_back", by=by, silence=True)
            return
        member = self._present.get(control.to)
        if member is None:
            log.warning("floor not given: nobody of that identity is here")
        elif member != self.speaker and self._call.floor.now != "ended":
            self._handed = (member, by)
            self._call.spawn(self._rights.let_speak(member.identity, True))
            participant = self._room.remote_participants.get(member.identity)
            if participant is not None and _is_live(participant):
                self._live(member)

    async def end(self) -> None:
        """The call is over: what was said last is kept, and nobody is here any more."""
        self._cancel_timers()
        if self._recogniser is not None:
            self._recogniser.flush()
            with suppress(TimeoutError):
                async with asyncio.timeout(STOP_SECONDS):
                    await self._recogniser.stop()
        for member in self._present.values():
            self._record(
                StaffLeft(user_id=member.user_id, identity=member.identity, reason="ended")
            )
        self._present.clear()

    # What staff do

    def _joined(self, participant: rtc.RemoteParticipant) -> None:
        member = as_staff(participant)
        if member is None or self._call.floor.ended or member.identity in self._present:
            return
        self._present[member.identity] = member
        self._record(StaffJoined(user_id=member.user_id, identity=member.identity))
        if self._call.floor.now == "person":
            # Before they have published anything: not a syllable of two people at once.
            self._deny(member)
        elif _is_live(participant):
            self._live(member)

    def _published(
        self, publication: rtc.RemoteTrackPublication, participant: rtc.RemoteParticipant
    ) -> None:
        member = self._present.get(participant.identity)
        if member is not None and is_microphone(publication) and not publication.muted:
            self._live(member)

    def _unmuted(self, participant: rtc.Participant, publication: rtc.TrackPublication) -> None:
        member = self._present.get(participant.identity)
        if member is not None and is_microphone(publication):
            self._live(member)

    def _subscribed(
        self,
        track: rtc.Track,
        publication: rtc.RemoteTrackPublication,
        participant: rtc.RemoteParticipant,
    ) -> None:
        if self.speaker is not None and participant.identity == self.speaker.identity:
            self._listen(self.speaker)

    def _withdrawn(
        self, publication: rtc.RemoteTrackPublication, participant: rtc.RemoteParticipant
    ) -> None:
        speaker = self.speaker
        if speaker is not None and participant.identity == speaker.identity:
            self._cancel_timers()
            self._unpublished = self._call.spawn(self._wait_for_microphone(speaker))

    def _left(self, participant: rtc.RemoteParticipant) -> None:
        member = self._present.pop(participant.identity, None)
        if member is None or self._call.floor.ended:
            return
        left = participant.disconnect_reason == rtc.DisconnectReason.CLIENT_INITIATED
        if self._handed is not None and self._handed[0] == member:
            self._handed = None
        if member == self.speaker:
            self._give_back("left" if left else "lost")
        self._record(
            StaffLeft(
                user_id=member.user_id,
                identity=member.identity,
                reason="left" if left else "lost",
            )
        )

    # Who speaks

    def _live(self, member: StaffMember) -> None:
        """Their microphone is open: the floor is theirs, or they may not speak."""
        if member == self.speaker:
            self._cancel_timers()
            self._listen(member)
            return
        handed_by = self._handed[1] if self._handed and self._handed[0] == member else ""
        if self.speaker is not None and handed_by:
            self._call.floor.change(
                "person", reason="handed_over", by=handed_by, identity=member.identity
            )
            self._speaks(member)
        elif self.speaker is None and self._call.changeover.to_person(
            reason="takeover", by=handed_by or str(member.user_id), identity=member.identity
        ):
            self._speaks(member)
        elif self._call.floor.now != "answering":
            self._deny(member)

    def _speaks(self, member: StaffMember) -> None:
        self._handed = None
        self.speaker = member
        for other in self._present.values():
            if other != member:
                self._deny(other)
        self._listen(member)

    def _give_back(self, reason: str, *, by: str = "", silence: bool = False) -> None:
        before, self.speaker = self.speaker, None
        self._cancel_timers()
        last_words = self._stop_listening()
        if silence and before is not None:
            # Still in the room, and not to be heard beside the assistant.
            self._deny(before)
        self._call.changeover.to_assistant(reason=reason, by=by, last_words=last_words)

    def _deny(self, member: StaffMember) -> None:
        self._call.spawn(self._rights.let_speak(member.identity, False))

    # Their words, and whether they still reach the room

    def _listen(self, member: StaffMember) -> None:
        participant = self._room.remote_participants.get(member.identity)
        publication = microphone(participant) if participant is not None else None
        if publication is None or publication.track is None:
            return
        self._cancel_timers()
        self._stop_listening()
        self._recogniser = StaffHearing(
            publication.track,
            lambda line: self.heard(member, line),
            hearing=self._hearing,
            seam=self._seam,
        )
        self._pulse = self._call.spawn(self._watch_pulse(member, publication))

    def heard(self, member: StaffMember, line: StaffLine) -> None:
        """A member of staff said something to the caller."""
        self._call.changeover.staff_said(
            line.text,
            user_id=member.user_id,
            started_at=line.started_at,
            ended_at=line.ended_at,
        )

    async def _watch_pulse(
        self, member: StaffMember, publication: rtc.RemoteTrackPublication
    ) -> None:
        assert publication.track is not None
        await until_lost(publication.track, muted=lambda: publication.muted)
        if self.speaker == member:
            log.warning("nothing comes from the speaker any more")
            self._pulse = None
            self._give_back("lost", silence=True)

    async def _wait_for_microphone(self, member: StaffMember) -> None:
        await asyncio.sleep(UNPUBLISHED_SECONDS)
        if self.speaker == member:
            self._unpublished = None
            self._give_back("left", silence=True)

    def _cancel_timers(self) -> None:
        for task in (self._pulse, self._unpublished):
            if task is not None:
                task.cancel()
        self._pulse = self._unpublished = None

    def _stop_listening(self) -> asyncio.Task[None] | None:
        """Returns what waits for the words of what was said already."""
        before, self._recogniser = self._recogniser, None
        return self._call.spawn(before.finish()) if before is not None else None


def _is_live(participant: rtc.RemoteParticipant) -> bool:
    publication = microphone(participant)
    return publication is not None and not publication.muted
