"""The installation calls itself when it is told to, and a call that could not be made is told of too."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from domain.database import Database
from domain.environment import Environment
from domain.tables import INSTALLATION
from domain.watching import synthetic_calls as kept
from domain.watching.synthetic_calls import SyntheticResult
from jobs import synthetic_calls

NUMBER = "+12025550100"


class Context:
    def __init__(self, database: Database, *, minutes: int) -> None:
        environment = Environment(
            _env_file=None,
            reception_synthetic_call_minutes=minutes,
            reception_synthetic_call_number=NUMBER,
        )
        self.additional_context = {"database": database, "environment": environment}


def ending(code: int, note: Path) -> tuple[str, ...]:
    """A command that notes its arguments, and ends with `code`."""
    program = f"import sys; open({str(note)!r}, 'a').write(sys.argv[-1] + '\\n'); sys.exit({code})"
    return (sys.executable, "-c", program)


async def outcomes(database: Database) -> list[str]:
    async with database.scope(business_id=INSTALLATION) as scope:
        return [one.outcome for one in await kept.latest(scope, limit=10)]


async def run(database: Database, *, minutes: int, command: tuple[str, ...]) -> None:
    context: Any = Context(database, minutes=minutes)
    await synthetic_calls.call_itself(context, timestamp=0, command=command)


@pytest.mark.parametrize(("code", "kept_here"), [(0, []), (2, []), (1, ["did_not_run"])])
async def test_what_the_command_tells_is_believed_and_its_failure_is_told(
    database: Database, tmp_path: Path, code: int, kept_here: list[str]
) -> None:
    note = tmp_path / "note"
    await run(database, minutes=5, command=ending(code, note))
    assert note.read_text() == f"{NUMBER}\n"
    assert await outcomes(database) == kept_here


async def test_no_call_is_made_when_there_is_to_be_none_or_before_it_is_due(
    database: Database, tmp_path: Path
) -> None:
    note = tmp_path / "note"
    await run(database, minutes=0, command=ending(1, note))
    async with database.scope(business_id=INSTALLATION) as scope:
        await kept.keep_result(
            scope, SyntheticResult(dialled=NUMBER, room="call-1", outcome="passed")
        )
    await run(database, minutes=5, command=ending(1, note))
    assert not note.exists()


async def test_a_command_that_hangs_is_ended(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(synthetic_calls, "CALL_SECONDS", 0.2)
    await run(database, minutes=5, command=(sys.executable, "-c", "import time; time.sleep(600)"))
    assert await outcomes(database) == ["did_not_run"]
