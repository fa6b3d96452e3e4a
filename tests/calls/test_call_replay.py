"""A call is told again from its events, and made into a test that is run."""

from __future__ import annotations

import asyncio
import importlib.util
import json
import os
import sys
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from domain.calls.events import ToolCalled
from domain.demo import DEMO_NUMBER
from tests.calls.conftest import Line
from tests.calls.events import of_type
from tests.calls.replayed import Say, replay

pytestmark = [pytest.mark.call, pytest.mark.long, pytest.mark.timeout(400)]

TURNS = (
    Say("i would like to book a cleaning please"),
    Say("tomorrow morning please"),
    Say("the first one please"),
    Say("yes please"),
    Say("my name is david hill"),
    Say("yes you can use this number"),
)


async def _replay(line: Line, call_id: UUID, *arguments: str) -> str:
    """What the command prints."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "reception", "replay", str(call_id), *arguments),
        env={**os.environ, **line.stack.environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    assert process.returncode == 0, err.decode()
    return out.decode()


def _load(path: Path) -> Any:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


async def test_a_call_becomes_a_test_that_passes_and_can_fail(line: Line, tmp_path: Path) -> None:
    made = await replay(line, DEMO_NUMBER, TURNS)
    assert "appointment_booked" in made.deeds, made.dialogue
    room = await line.newest_room()
    assert room is not None
    call = await line.ended(room)

    told = await _replay(line, call.id)
    for words in ("i would like to book a cleaning please", "book_appointment(", "answered in"):
        assert words in told.lower(), told
    body = json.loads(await _replay(line, call.id, "--json"))
    assert body["row_agrees"] is True
    assert len(body["events"]) == len(await line.events(call))

    printed = await _replay(line, call.id, "--as-test", "--masked", "--folder", str(tmp_path))
    module = _load(Path(printed.strip()))
    used = [(one.name, one.outcome) for one in of_type(await line.events(call), ToolCalled)]
    assert list(module.TOOLS) == used
    test = getattr(module, f"test_call_{call.id.hex[-12:]}")
    await test(line)
    assert await line.newest_room() != room, "it was a call of its own"
    # A call that says something else leads to other deeds: the test sees it.
    module.CALLER_TURNS = (Say("is there parking nearby"),)
    with pytest.raises(AssertionError):
        await test(line)
