"""What one room's lock and participants mean: whether its caller is served, and what is due when not."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Literal

from admin.livekit import Participant

RESCUE_AFTER: Final = timedelta(seconds=2)
"""A lock that is free for so long: a job that has lost its connection takes the lock again sooner."""
AGAIN_AFTER: Final = timedelta(seconds=3)
"""Between two jobs sent for one call: a worker that is there has its job in the call by then."""
END_AFTER: Final = timedelta(seconds=13.5)
"""No job could be had: the caller, who is promised an end within 15 s, does not wait any longer."""
BUSY_AFTER: Final = timedelta(seconds=4)
"""For a caller whom nobody has answered yet: their carrier can send them elsewhere."""
FENCE_AFTER: Final = timedelta(seconds=3)
"""A lock that is held while the agent is not in the room any more: the job is frozen."""
JOINING: Final = timedelta(seconds=10)
"""A job that was sent holds the lock for a moment before it is in the room."""
LOOK_EVERY: Final = timedelta(seconds=5)
"""Between two looks into a room whose lock is held."""
EMPTY_AFTER: Final = timedelta(seconds=5)
"""The caller of an open call has left, and no job was there to end it."""
MOST_RESCUES: Final = 5
"""Within CRASH_SECONDS: a call whose every job dies is not carried on for ever."""
CRASHES: Final = timedelta(seconds=60)

Step = Literal["nothing", "rescue", "send_again", "refuse", "no_worker", "worker_lost", "fence"]
"""What is due. `rescue`: a job for a call that was being served. `send_again`: one more for a caller whom
nobody has answered; `refuse`: busy for them. `fence`: take the lock from a job that does not run."""


@dataclass
class Watch:
    """What is remembered of one room between two looks."""

    served: bool = False
    """A job has had this call: its caller is not a new one."""
    agent_seen: bool = False
    free_since: datetime | None = None
    """The caller is there, and the lock is nobody's."""
    absent_since: datetime | None = None
    """The caller is there, the lock is held, and no agent is in the room."""
    empty_since: datetime | None = None
    """The lock is nobody's, and the caller is gone."""
    tried_at: datetime | None = None
    """When a job was last asked for here, by whichever keeper."""
    looked_at: datetime | None = None
    rescues: deque[datetime] = field(default_factory=deque)

    @property
    def pending(self) -> bool:
        """Something is due here soon."""
        return bool(self.free_since or self.absent_since)

    def forget_times(self) -> None:
        """Begin to count anew: what was seen says nothing any more."""
        self.free_since = self.absent_since = self.empty_since = None

    def due_for_look(self, now: datetime) -> bool:
        """Whether to look into the room though its lock is held."""
        return (
            self.absent_since is not None
            or self.looked_at is None
            or now - self.looked_at >= LOOK_EVERY
        )

    def due_while_free(self, now: datetime) -> bool:
        """Whether to look into the room, its lock being nobody's. Who is new is only waited with until a step
        may be due: in a flood the looking alone would take the machine from the calls."""
        if self.served or self.free_since is None:
            return True
        return now - self.free_since >= (RESCUE_AFTER if self.tried_at is None else BUSY_AFTER)

    @property
    def unanswered_since(self) -> datetime | None:
        """Since when a new caller waits here; None: nobody does."""
        return None if self.served else self.free_since

    def lock_held(self) -> None:
        """A job has the call."""
        self.served = True
        self.free_since = self.empty_since = None

    def held(self, people: Sequence[Participant], *, known: bool, now: datetime) -> Step:
        """The lock is held; `known`: the call is in the log."""
        self.lock_held()
        self.looked_at = now
        agents = [one for one in people if one.agent]
        self.agent_seen = self.agent_seen or bool(agents)
        if agents or not any(one.caller for one in people):
            self.absent_since = None
            return "nothing"
        self.absent_since = self.absent_since or now
        if self.tried_at is not None and now - self.tried_at < JOINING:
            return "nothing"
        # One that never was in the room may still be on its way into it.
        patience = FENCE_AFTER if self.agent_seen or known else JOINING
        return "fence" if now - self.absent_since >= patience else "nothing"

    def free(self, people: Sequence[Participant], *, known: bool, now: datetime) -> Step:
        """The lock is nobody's."""
        self.absent_since = None
        agents = [one for one in people if one.agent]
        self.served = self.served or known or bool(agents)
        if any(one.claim == "presence" for one in agents):
            # It never had the lock, and is missed when LiveKit misses it.
            self.forget_times()
            return "nothing"
        if not any(one.caller for one in people):
            self.free_since = None
            return self._empty(known=known, now=now)
        self.empty_since = None
        self.free_since = self.free_since or now
        waited = now - self.free_since
        return self._of_served(waited, now) if self.served else self._of_new(waited)

    def unknown(self, people: Sequence[Participant], *, known: bool, now: datetime) -> Step:
        """Nobody can tell whose the lock is (the database is away, or just back): a call that was served is
        left alone, and who has just called is not left to ring for ever."""
        self.absent_since = self.empty_since = None
        self.served = self.served or known or any(one.agent for one in people)
        if self.served or not any(one.caller for one in people):
            self.free_since = None
            return "nothing"
        self.free_since = self.free_since or now
        # A job that is on its way into the room is not seen before it is there.
        return self._of_new((now - self.free_since) / 2)

    def fenced(self, now: datetime) -> None:
        """The lock was taken away: who held it does not come back in a moment."""
        self.absent_since = None
        self.free_since = now - RESCUE_AFTER

    def sent(self, now: datetime, *, by_us: bool) -> None:
        """A job was asked for."""
        self.tried_at = now
        if by_us:
            self.rescues.append(now)

    def _of_new(self, waited: timedelta) -> Step:
        if waited >= BUSY_AFTER:
            return "refuse"
        return "send_again" if waited >= RESCUE_AFTER and self.tried_at is None else "nothing"

    def _of_served(self, waited: timedelta, now: datetime) -> Step:
        if waited >= END_AFTER:
            return "no_worker"
        if waited < RESCUE_AFTER:
            return "nothing"
        while self.rescues and now - self.rescues[0] > CRASHES:
            self.rescues.popleft()
        if len(self.rescues) >= MOST_RESCUES:
            return "worker_lost"
        soon = self.tried_at is not None and now - self.tried_at < AGAIN_AFTER
        return "nothing" if soon else "rescue"

    def _empty(self, *, known: bool, now: datetime) -> Step:
        if not known:
            return "nothing"
        self.empty_since = self.empty_since or now
        return "worker_lost" if now - self.empty_since >= EMPTY_AFTER else "nothing"
