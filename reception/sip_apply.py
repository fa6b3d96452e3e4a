"""Puts `sip-config/` into livekit-server: the trunks and the dispatch rule, created or updated."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeVar

import aiohttp
from google.protobuf.message import Message
from livekit import api
from livekit.protocol.sip import (
    CreateSIPDispatchRuleRequest,
    CreateSIPInboundTrunkRequest,
    CreateSIPOutboundTrunkRequest,
    DeleteSIPTrunkRequest,
    ListSIPDispatchRuleRequest,
    ListSIPInboundTrunkRequest,
    ListSIPOutboundTrunkRequest,
    SIPDispatchRuleInfo,
    SIPInboundTrunkInfo,
    SIPOutboundTrunkInfo,
)

from reception.errors import ReceptionError
from reception.livekit_config import LiveKitKeys
from reception.sip_config import OUTBOUND_NAME, load_outbound, load_rule, load_trunk

Outcome = Literal["created", "updated", "unchanged"]
OutboundOutcome = Literal["created", "updated", "unchanged", "removed", "none"]
"""`none`: no telephone can be rung, as before."""
M = TypeVar("M", bound=Message)


class SipApplyFailed(ReceptionError):
    """livekit-server refused or could not be reached; the message says what to do."""


@dataclass(frozen=True, kw_only=True)
class Applied:
    """What was done to the trunks and the rule that are ours."""

    trunk_id: str
    trunk: Outcome
    rule_id: str
    rule: Outcome
    outbound_id: str
    """Empty without one."""
    outbound: OutboundOutcome


async def apply(url: str, keys: LiveKitKeys, *, folder: Path | None = None) -> Applied:
    """Create or update the trunks and the rule, and remove an outbound trunk that `sip-config/` has no more;
    idempotent, found again by name.

    `url` is livekit-server's (ws:// or http://). Raises SipConfigInvalid before anything is changed, and
    SipApplyFailed.
    """
    trunk, rule, outbound = load_trunk(folder), load_rule(folder), load_outbound(folder)
    async with _livekit(url, keys) as livekit:
        trunk_id, trunk_outcome = await _apply_trunk(livekit, trunk)
        _bind(rule, trunk_id)
        rule_id, rule_outcome = await _apply_rule(livekit, rule)
        outbound_id, outbound_outcome = await _apply_outbound(livekit, outbound)
    return Applied(
        trunk_id=trunk_id,
        trunk=trunk_outcome,
        rule_id=rule_id,
        rule=rule_outcome,
        outbound_id=outbound_id,
        outbound=outbound_outcome,
    )


async def compare(url: str, keys: LiveKitKeys, *, folder: Path | None = None) -> str:
    """What `apply` would do, in words; empty when nothing. Changes nothing.

    Raises SipConfigInvalid, SipApplyFailed.
    """
    trunk, rule, outbound = load_trunk(folder), load_rule(folder), load_outbound(folder)
    async with _livekit(url, keys) as livekit:
        found_outbound = await _find_outbound(livekit)
        found_trunk = await _find_trunk(livekit, trunk.name)
        found_rule = await _find_rule(livekit, rule.name)
    _bind(rule, found_trunk.sip_trunk_id if found_trunk else "")
    differences = []
    if not found_trunk or not _same(found_trunk, trunk, "sip_trunk_id"):
        differences.append(f"inbound trunk {'differs' if found_trunk else 'is missing'}")
    if not found_rule or not _same(found_rule, rule, "sip_dispatch_rule_id"):
        differences.append(f"dispatch rule {'differs' if found_rule else 'is missing'}")
    if outbound is None:
        if found_outbound is not None:
            differences.append("outbound trunk is to be removed")
    elif not found_outbound or not _same(found_outbound, outbound, "sip_trunk_id"):
        differences.append(f"outbound trunk {'differs' if found_outbound else 'is missing'}")
    return ", ".join(differences)


def _bind(rule: SIPDispatchRuleInfo, trunk_id: str) -> None:
    # To our trunk alone: a rule for every trunk would answer what comes in over others too.
    if not rule.trunk_ids:
        rule.trunk_ids.append(trunk_id)


@asynccontextmanager
async def _livekit(url: str, keys: LiveKitKeys) -> AsyncIterator[api.LiveKitAPI]:
    try:
        async with api.LiveKitAPI(url, keys.key, keys.secret) as livekit:
            yield livekit
    except api.TwirpError as error:
        if error.status == 401:
            reason = f"{url} does not accept LIVEKIT_API_KEY with LIVEKIT_API_SECRET"
        elif "sip not connected" in error.message:
            reason = "livekit-server runs without redis, which SIP needs"
        else:
            reason = f"livekit-server refused: {error.message or error.status}"
        raise SipApplyFailed(reason) from None
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise SipApplyFailed(f"no livekit-server at {url}: {error}") from None


async def _find_trunk(livekit: api.LiveKitAPI, name: str) -> SIPInboundTrunkInfo | None:
    found = await livekit.sip.list_inbound_trunk(ListSIPInboundTrunkRequest())
    return _the_one([trunk for trunk in found.items if trunk.name == name], name, "inbound trunk")


async def _find_rule(livekit: api.LiveKitAPI, name: str) -> SIPDispatchRuleInfo | None:
    found = await livekit.sip.list_dispatch_rule(ListSIPDispatchRuleRequest())
    return _the_one([rule for rule in found.items if rule.name == name], name, "dispatch rule")


async def _find_outbound(livekit: api.LiveKitAPI) -> SIPOutboundTrunkInfo | None:
    found = await livekit.sip.list_outbound_trunk(ListSIPOutboundTrunkRequest())
    ours = [trunk for trunk in found.items if trunk.name == OUTBOUND_NAME]
    return _the_one(ours, OUTBOUND_NAME, "outbound trunk")


async def _apply_outbound(
    livekit: api.LiveKitAPI, wanted: SIPOutboundTrunkInfo | None
) -> tuple[str, OutboundOutcome]:
    ours = await _find_outbound(livekit)
    if wanted is None:
        if ours is None:
            return "", "none"
        await livekit.sip.delete_trunk(DeleteSIPTrunkRequest(sip_trunk_id=ours.sip_trunk_id))
        return "", "removed"
    if ours is None:
        made = await livekit.sip.create_outbound_trunk(CreateSIPOutboundTrunkRequest(trunk=wanted))
        return made.sip_trunk_id, "created"
    if _same(ours, wanted, "sip_trunk_id"):
        return ours.sip_trunk_id, "unchanged"
    await livekit.sip.update_outbound_trunk(ours.sip_trunk_id, wanted)
    return ours.sip_trunk_id, "updated"


async def _apply_trunk(livekit: api.LiveKitAPI, wanted: SIPInboundTrunkInfo) -> tuple[str, Outcome]:
    ours = await _find_trunk(livekit, wanted.name)
    if ours is None:
        made = await livekit.sip.create_inbound_trunk(CreateSIPInboundTrunkRequest(trunk=wanted))
        return made.sip_trunk_id, "created"
    if _same(ours, wanted, "sip_trunk_id"):
        return ours.sip_trunk_id, "unchanged"
    await livekit.sip.update_inbound_trunk(ours.sip_trunk_id, wanted)
    return ours.sip_trunk_id, "updated"


async def _apply_rule(livekit: api.LiveKitAPI, wanted: SIPDispatchRuleInfo) -> tuple[str, Outcome]:
    ours = await _find_rule(livekit, wanted.name)
    if ours is None:
        made = await livekit.sip.create_dispatch_rule(
            CreateSIPDispatchRuleRequest(dispatch_rule=wanted)
        )
        return made.sip_dispatch_rule_id, "created"
    if _same(ours, wanted, "sip_dispatch_rule_id"):
        return ours.sip_dispatch_rule_id, "unchanged"
    await livekit.sip.update_dispatch_rule(ours.sip_dispatch_rule_id, wanted)
    return ours.sip_dispatch_rule_id, "updated"


def _the_one(ours: list[M], name: str, noun: str) -> M | None:
    if len(ours) > 1:
        raise SipApplyFailed(
            f'livekit-server has {len(ours)} entries of kind {noun} named "{name}"; delete all but one'
            " (`lk sip`)"
        )
    return ours[0] if ours else None


def _same(found: M, wanted: M, id_field: str) -> bool:
    """Whether nothing differs but what the server fills in itself."""
    pair = []
    for message in (found, wanted):
        copy = type(message)()
        copy.CopyFrom(message)
        for field in (id_field, "created_at", "updated_at"):
            copy.ClearField(field)
        pair.append(copy)
    return pair[0] == pair[1]
