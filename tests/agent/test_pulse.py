"""A microphone from which nothing comes any more."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from itertools import chain, count, repeat
from types import SimpleNamespace
from typing import Any, cast

import pytest

from agent import pulse
from agent.pulse import until_lost


class FakeTrack:
    def __init__(self, packets: Iterator[int]) -> None:
        self._packets = packets

    async def get_stats(self) -> list[Any]:
        received = SimpleNamespace(packets_received=next(self._packets))
        return [
            SimpleNamespace(HasField=lambda name: False),
            SimpleNamespace(
                HasField=lambda name: name == "inbound_rtp",
                inbound_rtp=SimpleNamespace(received=received),
            ),
        ]


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pulse, "LOOK_SECONDS", 0.005)


async def lost(packets: Iterator[int], *, muted: bool = False, within: float) -> bool:
    """Whether the track is given up within so many seconds, when 0.03 s of nothing are enough."""
    try:
        async with asyncio.timeout(within):
            await until_lost(cast(Any, FakeTrack(packets)), muted=lambda: muted, seconds=0.03)
    except TimeoutError:
        return False
    return True


async def test_a_microphone_without_packets_is_lost() -> None:
    assert await lost(chain(range(5), repeat(5)), within=5)


async def test_one_that_sends_is_not() -> None:
    assert not await lost(count(), within=0.3)


async def test_one_that_is_muted_may_send_nothing() -> None:
    assert not await lost(repeat(7), muted=True, within=0.3)
