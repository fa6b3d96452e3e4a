"""The person who took the call on their telephone: their words, and what follows when they hang up."""

from __future__ import annotations

from typing import Any, Final

from livekit import rtc
from livekit.agents import stt

from agent.handoff.exchange import Exchange
from agent.shared_call import SharedCall
from agent.staff_hearing import StaffHearing, StaffLine
from domain.businesses.profile import CallProfile
from domain.handoffs.plan import Telephone
from domain.seam import Seam

_OPENING: Final = (
    "A colleague of yours has spoken with the caller on the telephone and has hung up; what was said is above,"
    " the colleague's words are marked. In one short sentence, in the language of the conversation, say that you"
    " are back, and ask whether there is anything else."
)


class PersonOnTelephone:
    """One at a time."""

    def __init__(
        self,
        call: SharedCall,
        *,
        exchange: Exchange,
        hearing: stt.STT[Any] | None,
        seam: Seam,
        profile: CallProfile,
    ) -> None:
        self._call = call
        self._exchange = exchange
        self._stt = hearing
        self._seam = seam
        self._profile = profile
        self._identity = ""
        self._telephone: Telephone | None = None
        self._hearing: StaffHearing | None = None

    @property
    def present(self) -> bool:
        return bool(self._identity)

    def joined(self, identity: str, telephone: Telephone | None) -> None:
        """They speak with the caller from now on; `telephone` is None when another job rang it."""
        self._identity, self._telephone = identity, telephone
        track = self._exchange.sound_of(identity)
        if track is not None and self._stt is not None:
            self._hearing = StaffHearing(track, self._said, hearing=self._stt, seam=self._seam)

    def left(self, participant: rtc.RemoteParticipant) -> None:
        """Somebody left the room."""
        if self.present and participant.identity == self._identity:
            self.gone()

    def gone(self) -> None:
        """They have hung up."""
        self._identity = ""
        self._call.spawn(self._hung_up())

    async def end(self) -> None:
        """Stop listening; what was recognised is told."""
        hearing, self._hearing = self._hearing, None
        if hearing is not None:
            await hearing.stop()

    async def _hung_up(self) -> None:
        hearing, self._hearing = self._hearing, None
        if hearing is not None:
            # Their last words belong to what the assistant knows when it comes back.
            await hearing.finish()
        if self._call.floor.now != "person":
            return
        if self._profile.settings.handoff.after_person == "end":
            await self._call.finish("person_hung_up")
        else:
            self._call.changeover.to_assistant(reason="person_hung_up", opening=_OPENING)

    def _said(self, line: StaffLine) -> None:
        self._call.changeover.staff_said(
            line.text,
            person_id=self._telephone.person_id if self._telephone is not None else None,
            started_at=line.started_at,
            ended_at=line.ended_at,
        )
