"""Speech that is not addressed to us: a television, two people in a room, somebody who talks without end.

An exchange is what a conversation is made of: the assistant says something, is let finish, and is answered. Speech
of the caller's side that goes on for long without one is broken into, politely, a few times, and then ended.
"""

from __future__ import annotations

from typing import Final, Literal

Step = Literal["break_in", "give_up"]

MONOLOGUE_SECONDS: Final = 90.0
"""Of speech without an exchange before it is broken into. The longest message that anybody leaves is shorter."""
MOST: Final = 3
"""Times that it is broken into; the next time the call ends."""
_ANSWER_SECONDS: Final = 20.0
"""A turn that is no longer than this, after words that were heard to their end, is an answer to them."""


class TalkWatch:
    """Counts seconds of the caller's speech; the clock is the caller's."""

    def __init__(self) -> None:
        self._spoken = 0.0
        """Since the last exchange, without what is being said now."""
        self._since: float | None = None
        self._heard_out = False
        """The assistant has said something to its end since the caller's last turn."""
        self._times = 0

    def caller_speaks(self, at: float) -> None:
        if self._since is None:
            self._since = at

    def caller_stops(self, at: float) -> None:
        if self._since is None:
            return
        turn, self._since = at - self._since, None
        if self._heard_out and turn <= _ANSWER_SECONDS:
            # It is a conversation after all.
            self._spoken, self._times = 0.0, 0
        else:
            self._spoken += turn
        self._heard_out = False

    def heard_out(self) -> None:
        """The caller has heard something of the assistant to its end, in silence."""
        self._heard_out = True

    def look(self, at: float) -> Step | None:
        """What there is to do now; to be asked about once a second."""
        spoken = self._spoken + (at - self._since if self._since is not None else 0.0)
        if spoken < MONOLOGUE_SECONDS:
            return None
        self._spoken = 0.0
        self._since = at if self._since is not None else None
        self._times += 1
        return "break_in" if self._times <= MOST else "give_up"
