"""LiveKit as the admin service asks it, in memory."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from admin.livekit import LiveKitAway, Participant, RoomGone
from domain.calls.control import Control

AGENT = Participant(identity="agent-1", agent=True)
CALLER = Participant(identity="sip_+12025550123")


class FakeRooms:
    """Rooms by name, and what was sent into them."""

    def __init__(self) -> None:
        self.there: dict[str, list[Participant]] = {}
        self.sent: list[tuple[str, Control, list[str]]] = []
        self.deleted: list[str] = []
        self.away = False

    async def names(self) -> Collection[str]:
        self._check()
        return set(self.there)

    async def participants(self, room: str) -> Sequence[Participant]:
        self._check()
        return self.there.get(room, [])

    async def send(self, room: str, control: Control, *, to: Sequence[str]) -> None:
        self._check()
        if room not in self.there:
            raise RoomGone
        self.sent.append((room, control, list(to)))

    async def delete(self, room: str) -> None:
        self._check()
        self.there.pop(room, None)
        self.deleted.append(room)

    async def aclose(self) -> None:
        return

    def _check(self) -> None:
        if self.away:
            raise LiveKitAway("LiveKit does not answer: ClientConnectorError")
