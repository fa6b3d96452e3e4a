"""Which kinds of requests there are, and how often each is made."""

from __future__ import annotations

from tests.domain.scheduling_machine.callers import CALLERS, find
from tests.domain.scheduling_machine.requests import Pick, Planner, Request
from tests.domain.scheduling_machine.staff import STAFF_REQUESTS
from tests.domain.scheduling_machine.world import World

PLANNERS: dict[str, Planner] = {**CALLERS, **STAFF_REQUESTS}

_SELDOM = ("change hours", "close", "say to come", "sweep")
ALL_KINDS = [kind for kind in PLANNERS for _ in range(1 if kind in _SELDOM else 3)]
CHANGES = ["hold", "book", "confirm", "book directly", "move", "cancel", "accept"]
"""What must happen once, however often it is asked for."""
CUT = [*CHANGES, "change hours", "say to come", "sweep", "find"]
"""What may be asked again when the connection broke: all that leads to the same end."""


def plan(world: World, kind: str, pick: Pick) -> Request:
    """The request of this kind that `pick` means now, of the first practice in which there is one; a
    search where there is none."""
    practices = world.practices
    for turn in range(len(practices)):
        practice = practices[(pick[0] + turn) % len(practices)]
        request = PLANNERS[kind](world, practice, pick)
        if request is not None:
            return request
    return find(world, practices[pick[0] % len(practices)], pick)
