"""Reads `sip-config/*.json` into LiveKit's own messages, with errors that name the field."""

from __future__ import annotations

import ipaddress
import json
import os
import re
from pathlib import Path
from typing import Any, TypeVar

from google.protobuf import json_format
from google.protobuf.message import Message
from livekit.protocol.sip import SIPDispatchRuleInfo, SIPInboundTrunkInfo, SIPOutboundTrunkInfo

from domain.calls.control import AGENT, ROOM_PREFIX
from reception.errors import ReceptionError
from reception.home import project_root

TRUNK_FILE = "inbound-trunk.json"
OUTBOUND_FILE = "outbound-trunk.json"
OUTBOUND_NAME = "reception"
"""By which a call finds the way out to telephones."""
RULE_FILE = "dispatch-rule.json"

_VARIABLE = re.compile(r"\$\{([A-Z][A-Z0-9_]*)\}")
_ADDRESS = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:[0-9]{1,5})?")

M = TypeVar("M", bound=Message)


class SipConfigInvalid(ReceptionError):
    """A file of sip-config can't be used; the message reads `file: field: reason`."""

    def __init__(self, file: Path, field: str, reason: str) -> None:
        super().__init__(": ".join(part for part in (file.name, field, reason) if part))


def load_trunk(folder: Path | None = None) -> SIPInboundTrunkInfo:
    """The inbound trunk of `inbound-trunk.json`. Raises SipConfigInvalid."""
    file = (folder or project_root() / "sip-config") / TRUNK_FILE
    trunk = _parse(file, "trunk", SIPInboundTrunkInfo())
    if not trunk.name:
        raise SipConfigInvalid(file, "trunk.name", "must be set: `sip apply` finds its own by it")
    if trunk.numbers:
        raise SipConfigInvalid(
            file,
            "trunk.numbers",
            "must be empty: a trunk with numbers refuses others before the database is asked whose they are",
        )
    _check_credentials(trunk, file)
    if not trunk.allowed_addresses and not trunk.auth_username:
        raise SipConfigInvalid(
            file,
            "trunk.allowed_addresses",
            "must hold your carrier's addresses, or auth_username and auth_password must be set:"
            " otherwise the whole internet may call",
        )
    for index, address in enumerate(trunk.allowed_addresses):
        try:
            ipaddress.ip_network(address, strict=False)
        except ValueError as error:
            raise SipConfigInvalid(file, f"trunk.allowed_addresses[{index}]", str(error)) from None
    return trunk


def load_outbound(folder: Path | None = None) -> SIPOutboundTrunkInfo | None:
    """The outbound trunk of `outbound-trunk.json`, over which staff are rung; None without the file or with
    an empty address: then no telephone can be rung. Raises SipConfigInvalid."""
    file = (folder or project_root() / "sip-config") / OUTBOUND_FILE
    if not file.exists():
        return None
    trunk = _parse(file, "trunk", SIPOutboundTrunkInfo())
    if not trunk.address:
        return None
    if trunk.name != OUTBOUND_NAME:
        raise SipConfigInvalid(
            file, "trunk.name", f'must be "{OUTBOUND_NAME}": calls find their way out by it'
        )
    if not _ADDRESS.fullmatch(trunk.address):
        raise SipConfigInvalid(
            file,
            "trunk.address",
            "must be your carrier's host, as `sip.example.com` or `sip.example.com:5060`, without `sip:`",
        )
    if not trunk.numbers:
        raise SipConfigInvalid(
            file,
            "trunk.numbers",
            'must be ["*"], or the numbers (E.164) that your carrier lets you show',
        )
    _check_credentials(trunk, file)
    return trunk


def _check_credentials(trunk: SIPInboundTrunkInfo | SIPOutboundTrunkInfo, file: Path) -> None:
    if bool(trunk.auth_username) != bool(trunk.auth_password):
        missing = "auth_password" if trunk.auth_username else "auth_username"
        raise SipConfigInvalid(file, f"trunk.{missing}", "must be set with its other half")


def load_rule(folder: Path | None = None) -> SIPDispatchRuleInfo:
    """The dispatch rule of `dispatch-rule.json`. Raises SipConfigInvalid."""
    file = (folder or project_root() / "sip-config") / RULE_FILE
    rule = _parse(file, "dispatch_rule", SIPDispatchRuleInfo())
    if not rule.name:
        raise SipConfigInvalid(
            file, "dispatch_rule.name", "must be set: `sip apply` finds its own by it"
        )
    if not rule.rule.HasField("dispatch_rule_callee"):
        raise SipConfigInvalid(
            file,
            "dispatch_rule.rule.dispatch_rule_callee",
            "must be the rule: the others put the caller's number into the room's name or share one room",
        )
    callee = rule.rule.dispatch_rule_callee
    if callee.room_prefix != ROOM_PREFIX:
        raise SipConfigInvalid(
            file, "dispatch_rule.rule.dispatch_rule_callee.room_prefix", f'must be "{ROOM_PREFIX}"'
        )
    if not callee.randomize:
        raise SipConfigInvalid(
            file,
            "dispatch_rule.rule.dispatch_rule_callee.randomize",
            "must be true: two callers of one number would share a room",
        )
    if rule.hide_phone_number:
        raise SipConfigInvalid(
            file,
            "dispatch_rule.hide_phone_number",
            "must be false: it drops the number dialled too",
        )
    if [agent.agent_name for agent in rule.room_config.agents] != [AGENT]:
        raise SipConfigInvalid(
            file,
            "dispatch_rule.room_config.agents",
            f'must hold one agent with agent_name "{AGENT}"',
        )
    return rule


def _parse(file: Path, key: str, message: M) -> M:
    try:
        content = json.loads(file.read_text())
    except OSError as error:
        raise SipConfigInvalid(file, "", error.strerror or "can't be read") from None
    except ValueError as error:
        raise SipConfigInvalid(file, "", f"is not JSON: {error}") from None
    if not isinstance(content, dict) or set(content) != {key}:
        raise SipConfigInvalid(file, "", f'must be one object: {{"{key}": {{…}}}}')
    try:
        return json_format.ParseDict(_fill_variables(content[key], file, key), message)
    except json_format.ParseError as error:
        raise SipConfigInvalid(file, key, _readable(str(error))) from None


def _fill_variables(value: Any, file: Path, field: str) -> Any:
    """Replace a string that is `${NAME}` by that environment variable, so that secrets stay out of the file."""
    if isinstance(value, dict):
        return {
            name: _fill_variables(item, file, f"{field}.{name}") for name, item in value.items()
        }
    if isinstance(value, list):
        return [_fill_variables(item, file, f"{field}[{i}]") for i, item in enumerate(value)]
    match = _VARIABLE.fullmatch(value) if isinstance(value, str) else None
    if not match:
        return value
    filled = os.environ.get(match.group(1))
    if not filled:
        raise SipConfigInvalid(file, field, f"needs the environment variable {match.group(1)}")
    return filled


def _readable(text: str) -> str:
    # protobuf: `Message type "livekit.X" has no field named "y" at "X.z".\n Available Fields(…): […]`
    match = re.search(r'has no field named "([^"]+)"(?: at "[^".]+\.?([^"]*)")?', text)
    if match:
        where = f"{match.group(2)}." if match.group(2) else ""
        return f"{where}{match.group(1)}: there is no such field"
    return text.splitlines()[0].removeprefix("Failed to parse ")
