"""Memory and processor time of a whole installation, split by its parts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import psutil

from bench.stack import Stack
from bench.usage import Snapshot, Usage, process_tree, usage_between, usage_of

WORKER: Final = "worker"
ADMIN: Final = "admin"
STAND_INS: Final = "stand-ins"
CALLERS: Final = "callers"
NOT_OURS: Final = (STAND_INS, CALLERS)
"""What a real installation does not have on its machines: vendors and callers."""
_SHARED: Final[Mapping[str, str]] = {
    "livekit": "livekit-server",
    "sip": "livekit-sip",
    "redis": "livekit-sip",
    "postgres": "PostgreSQL",
    "sandbox": STAND_INS,
}
"""The stack's parts, by the part of the table that they count to."""


@dataclass(frozen=True)
class PartSnapshots:
    """Every part at one moment."""

    parts: Mapping[str, Snapshot]


def look(stack: Stack, **more: int) -> PartSnapshots:
    """The stack's parts now, this process with its callers, and `more`: process ids by the part's name."""
    trees: dict[str, list[psutil.Process]] = {}
    for name, pid in stack.process_ids().items():
        trees.setdefault(_SHARED.get(name, name), []).extend(_tree(pid))
    for name, pid in more.items():
        trees.setdefault(name, []).extend(_tree(pid))
    # The callers live in this process; the parts are its children, and counted by themselves.
    trees[CALLERS] = [psutil.Process()]
    return PartSnapshots({name: usage_of(processes) for name, processes in trees.items()})


def used(before: PartSnapshots, after: PartSnapshots) -> dict[str, Usage]:
    """What each part used from one look to the next."""
    return {
        name: usage_between(before.parts[name], snapshot)
        for name, snapshot in after.parts.items()
        if name in before.parts
    }


def product_cores(usages: Mapping[str, Usage]) -> float:
    """Cores that an installation uses, without its vendors and callers."""
    return sum(usage.cores for name, usage in usages.items() if name not in NOT_OURS)


def per_call(
    idle: Mapping[str, Usage], busy: Mapping[str, Usage], *, calls: int
) -> dict[str, tuple[float, float]]:
    """Cores and bytes of PSS that one call adds to each part."""
    return {
        name: (
            (busy[name].cores - idle[name].cores) / calls,
            (busy[name].pss - idle[name].pss) / calls,
        )
        for name in _in_order(busy)
        if name in idle
    }


def _in_order(names: Iterable[str]) -> list[str]:
    """Ours first, then what only the bench has."""
    return sorted(names, key=lambda name: (name in NOT_OURS, name != WORKER, name))


def _tree(pid: int) -> list[psutil.Process]:
    try:
        return process_tree(pid)
    except psutil.NoSuchProcess:
        return []
