"""LiveKit as the admin service asks it, in memory."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from admin.livekit import LiveKitAway, Participant, RoomGone
from domain.calls.control import Control

AGENT = Participant(identity="agent-1", agent=True)
CALLER = Participant(identity="sip_+12025550123", caller=True)


class FakeRooms:
    """Rooms by name, and what was sent into them."""

    def __init__(self) -> None:
        self.there: dict[str, list[Participant]] = {}
        self.sent: list[tuple[str, Control, list[str]]] = []
        self.deleted: list[str] = []
        self.removed: list[tuple[str, str]] = []
        self.jobs: list[tuple[str, str]] = []
        """The jobs that were asked for, as room and metadata."""
        self.looks: list[str] = []
        """The rooms that were looked into."""
        self.away = False

    async def names(self) -> Collection[str]:
        self._check()
        return set(self.there)

    async def participants(self, room: str) -> Sequence[Participant]:
        self._check()
        self.looks.append(room)
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

    async def remove(self, room: str, identity: str) -> None:
        self._check()
        self.removed.append((room, identity))
        there = self.there.get(room, [])
        self.there[room] = [one for one in there if one.identity != identity]

    async def dispatch(self, room: str, *, metadata: str) -> None:
        self._check()
        if room not in self.there:
            raise RoomGone
        self.jobs.append((room, metadata))

    async def dispatched(self, room: str) -> Sequence[str]:
        self._check()
        return [metadata for where, metadata in self.jobs if where == room]

    async def aclose(self) -> None:
        return

    def _check(self) -> None:
        if self.away:
            raise LiveKitAway("LiveKit does not answer: ClientConnectorError")
