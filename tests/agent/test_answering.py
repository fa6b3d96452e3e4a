"""Which call a dispatch is for."""

from __future__ import annotations

import json
from uuid import UUID

import pytest

from agent.answering import _from_metadata

CALL = UUID(int=7)


def test_the_call_keeper_names_the_call_and_its_epoch() -> None:
    metadata = json.dumps({"call_id": str(CALL), "epoch": 3})
    assert _from_metadata(metadata) == (CALL, 3)


@pytest.mark.parametrize(
    "metadata", ["", "hello", "[]", "{}", '{"call_id": "x", "epoch": 1}', '{"call_id": null}']
)
def test_any_other_metadata_is_a_new_call(metadata: str) -> None:
    assert _from_metadata(metadata) is None
