"""What `reception replay CALL_ID` prints."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

from domain.environment import Environment
from reception.replay.as_json import as_json
from reception.replay.as_test import STAND_IN_NAME, STAND_IN_NUMBER, as_test, write_test
from reception.replay.finding import find_call
from reception.replay.masking import Mask
from reception.replay.telling import tell

NOTICE = "this shows what people said, with their names and numbers; --masked covers those"


async def replay(
    environment: Environment, database_url: str, call_id: UUID, *, masked: bool, as_data: bool
) -> Iterator[str]:
    """The call, in lines for a person, or as JSON. Raises NoCall."""
    found = await find_call(environment, database_url, call_id)
    mask = Mask(found.names, on=masked)
    if as_data:
        return iter([json.dumps(as_json(found, mask=mask), indent=2, ensure_ascii=False)])
    return tell(found, mask=mask)


async def replay_as_test(
    environment: Environment,
    database_url: str,
    call_id: UUID,
    *,
    masked: bool,
    folder: Path | None,
) -> str:
    """The source of a test, or, with `folder`, the path it was written to. Raises NoCall, NoTest."""
    found = await find_call(environment, database_url, call_id)
    mask = Mask(found.names, on=masked, name=STAND_IN_NAME, number=STAND_IN_NUMBER)
    if folder is None:
        return as_test(found, mask=mask).rstrip("\n")
    return str(write_test(found, folder, mask=mask))
