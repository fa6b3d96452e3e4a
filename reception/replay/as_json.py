"""A call for machines: what its events tell, and the events."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from pydantic_core import to_jsonable_python

from domain.calls.events import AssistantSaid
from reception.replay.finding import FoundCall
from reception.replay.masking import Mask
from reception.replay.telling import gaps


def as_json(found: FoundCall, *, mask: Mask) -> dict[str, Any]:
    """`seconds` are since the call began; `row_agrees` says whether the call's row is what its events tell."""
    start = found.entries[0].at
    return {
        "call_id": str(found.call_id),
        "business_id": str(found.business_id),
        "business": found.business,
        "record": None if found.record is None else _record(found, mask),
        "row_agrees": found.record == found.row,
        "gaps": [asdict(gap) for gap in gaps(found.entries)],
        "answers": [
            {
                "seconds": (entry.at - start).total_seconds(),
                **entry.event.latency.model_dump(mode="json"),
            }
            for entry in found.entries
            if isinstance(entry.event, AssistantSaid) and entry.event.latency is not None
        ],
        "events": [
            {
                "epoch": entry.epoch,
                "seq": entry.seq,
                "at": entry.at.isoformat(),
                "seconds": (entry.at - start).total_seconds(),
                "event": mask.value("event", entry.event.model_dump(mode="json")),
            }
            for entry in found.entries
        ],
    }


def _record(found: FoundCall, mask: Mask) -> Any:
    return mask.value("record", to_jsonable_python(found.record))
