"""`outbound-trunk.json`: optional, and wrong in no way that would only show when a telephone has to ring."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from agent.handoff.trunk import TRUNK_NAME
from domain.environment import Environment
from reception.livekit_config import keys_of
from reception.sip_apply import apply, compare
from reception.sip_config import OUTBOUND_FILE, OUTBOUND_NAME, SipConfigInvalid, load_outbound
from tests.reception.test_sip_config import written
from tests.reception.test_sip_config_apply import environment

__all__ = ["environment"]

OUTBOUND: dict[str, Any] = {
    "name": "reception",
    "address": "sip.example.com:5060",
    "numbers": ["*"],
}


def with_outbound(folder: Path, outbound: object) -> Path:
    (folder / OUTBOUND_FILE).write_text(json.dumps({"trunk": outbound}))
    return written(folder)


def test_without_an_address_no_telephone_can_be_rung(tmp_path: Path) -> None:
    assert load_outbound() is None
    assert load_outbound(tmp_path) is None
    assert load_outbound(with_outbound(tmp_path, OUTBOUND | {"address": ""})) is None


def test_calls_find_the_trunk_by_the_name_it_must_have() -> None:
    assert OUTBOUND_NAME == TRUNK_NAME


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": "carrier"}, "trunk.name"),
        ({"address": "sip:example.com"}, "trunk.address"),
        ({"address": "example.com/"}, "trunk.address"),
        ({"numbers": []}, "trunk.numbers"),
        ({"auth_username": "office"}, "trunk.auth_password"),
        ({"auth_password": "secret"}, "trunk.auth_username"),
        ({"adress": "sip.example.com"}, "adress"),
    ],
)
def test_a_wrong_outbound_trunk_is_refused_by_file_and_field(
    tmp_path: Path, change: dict[str, Any], field: str
) -> None:
    with pytest.raises(SipConfigInvalid) as refusal:
        load_outbound(with_outbound(tmp_path, OUTBOUND | change))
    assert str(refusal.value).startswith(OUTBOUND_FILE)
    assert field in str(refusal.value)


async def test_the_outbound_trunk_is_created_updated_and_removed(
    environment: Environment,
    tmp_path: Path,
) -> None:
    url, keys = environment.livekit_address, keys_of(environment)
    folder = with_outbound(tmp_path, OUTBOUND)
    assert "outbound trunk is missing" in await compare(url, keys, folder=folder)
    first = await apply(url, keys, folder=folder)
    again = await apply(url, keys, folder=folder)
    assert (first.outbound, again.outbound) == ("created", "unchanged")
    with_outbound(tmp_path, OUTBOUND | {"address": "other.example.com"})
    assert await compare(url, keys, folder=folder) == "outbound trunk differs"
    changed = await apply(url, keys, folder=folder)
    assert (changed.outbound, changed.outbound_id) == ("updated", first.outbound_id)
    (folder / OUTBOUND_FILE).unlink()
    assert await compare(url, keys, folder=folder) == "outbound trunk is to be removed"
    assert (await apply(url, keys, folder=folder)).outbound == "removed"
    assert (await apply(url, keys, folder=folder)).outbound == "none"
