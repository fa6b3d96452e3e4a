"""`sip-config/*.json`: the files of the repository, and errors that name file and field."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from reception.sip_config import RULE_FILE, TRUNK_FILE, SipConfigInvalid, load_rule, load_trunk

TRUNK: dict[str, Any] = {"name": "reception", "allowed_addresses": ["192.0.2.0/24"]}
RULE: dict[str, Any] = {
    "name": "reception",
    "rule": {"dispatch_rule_callee": {"room_prefix": "call-", "randomize": True}},
    "room_config": {"agents": [{"agent_name": "reception"}]},
}


def written(folder: Path, *, trunk: object = TRUNK, rule: object = RULE) -> Path:
    (folder / TRUNK_FILE).write_text(json.dumps({"trunk": trunk}))
    (folder / RULE_FILE).write_text(json.dumps({"dispatch_rule": rule}))
    return folder


def test_the_reference_files_are_read() -> None:
    trunk, rule = load_trunk(), load_rule()
    assert trunk.name == rule.name == "reception"
    # The database decides whose number is dialled.
    assert not trunk.numbers
    assert rule.rule.dispatch_rule_callee.room_prefix == "call-"
    assert rule.rule.dispatch_rule_callee.randomize
    assert [agent.agent_name for agent in rule.room_config.agents] == ["reception"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": ""}, "trunk.name"),
        ({"numbers": ["+12025550100"]}, "trunk.numbers"),
        ({"allowed_addresses": []}, "trunk.allowed_addresses"),
        ({"allowed_addresses": ["192.0.2.0/24", "carrier"]}, "trunk.allowed_addresses[1]"),
        ({"auth_username": "carrier"}, "trunk.auth_password"),
        ({"auth_password": "secret"}, "trunk.auth_username"),
        ({"nunbers": []}, "nunbers"),
        ({"allowed_addresses": "192.0.2.1"}, "allowed_addresses"),
    ],
)
def test_a_wrong_trunk_is_refused_by_file_and_field(
    tmp_path: Path, change: dict[str, Any], field: str
) -> None:
    folder = written(tmp_path, trunk=TRUNK | change)
    with pytest.raises(SipConfigInvalid) as refusal:
        load_trunk(folder)
    assert str(refusal.value).startswith(TRUNK_FILE)
    assert field in str(refusal.value)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": ""}, "dispatch_rule.name"),
        (
            {"rule": {"dispatch_rule_individual": {"room_prefix": "call-"}}},
            "dispatch_rule.rule.dispatch_rule_callee",
        ),
        (
            {"rule": {"dispatch_rule_callee": {"room_prefix": "call-"}}},
            "dispatch_rule_callee.randomize",
        ),
        (
            {"rule": {"dispatch_rule_callee": {"room_prefix": "x-", "randomize": True}}},
            "dispatch_rule_callee.room_prefix",
        ),
        ({"hide_phone_number": True}, "dispatch_rule.hide_phone_number"),
        ({"room_config": {}}, "dispatch_rule.room_config.agents"),
        ({"room_config": {"agents": [{"agent": "x"}]}}, "room_config.agents[0].agent"),
    ],
)
def test_a_wrong_rule_is_refused_by_file_and_field(
    tmp_path: Path, change: dict[str, Any], field: str
) -> None:
    folder = written(tmp_path, rule=RULE | change)
    with pytest.raises(SipConfigInvalid) as refusal:
        load_rule(folder)
    assert str(refusal.value).startswith(RULE_FILE)
    assert field in str(refusal.value)


@pytest.mark.parametrize("content", ["{", "[]", '{"trunks": {}}', '{"trunk": {}, "more": {}}'])
def test_a_file_that_is_no_trunk_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / TRUNK_FILE).write_text(content)
    with pytest.raises(SipConfigInvalid, match=TRUNK_FILE):
        load_trunk(tmp_path)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SipConfigInvalid, match=TRUNK_FILE):
        load_trunk(tmp_path)


def test_a_secret_comes_from_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trunk = {"name": "t", "auth_username": "carrier", "auth_password": "${CARRIER_PASSWORD}"}
    folder = written(tmp_path, trunk=trunk)
    monkeypatch.delenv("CARRIER_PASSWORD", raising=False)
    with pytest.raises(SipConfigInvalid, match=r"trunk\.auth_password: .*CARRIER_PASSWORD"):
        load_trunk(folder)
    monkeypatch.setenv("CARRIER_PASSWORD", "x$y")
    assert load_trunk(folder).auth_password == "x$y"
