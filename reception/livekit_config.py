"""Renders the reference configurations (`livekit.yaml`, `sip-config/livekit-sip.yaml`) for this machine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from domain.environment import Environment
from reception.home import project_root, write_private
from reception.ports import LOOPBACK, rtp_range


@dataclass(frozen=True, kw_only=True)
class LiveKitKeys:
    """The API key and secret that livekit-server, livekit-sip and we share."""

    key: str
    secret: str


def keys_of(environment: Environment) -> LiveKitKeys:
    """The keys of the environment. Raises ValueError naming the variable."""
    keys = LiveKitKeys(
        key=environment.livekit_api_key, secret=environment.livekit_api_secret.get_secret_value()
    )
    if not keys.key:
        raise ValueError("LIVEKIT_API_KEY: must be set")
    if len(keys.secret) < 32:
        # livekit-server takes a shorter one, and warns at each start.
        raise ValueError("LIVEKIT_API_SECRET: must have at least 32 characters")
    return keys


def render_livekit(environment: Environment, target: Path, *, redis: bool) -> None:
    """Write livekit-server's configuration for this machine to `target` (private: it holds the secret)."""
    keys = keys_of(environment)
    settings = _reference(project_root() / "livekit.yaml")
    port = environment.reception_livekit_port
    settings["port"] = port
    settings["bind_addresses"] = [LOOPBACK]
    settings["rtc"] |= {"tcp_port": port + 1, "udp_port": port + 2, "node_ip": LOOPBACK}
    settings["keys"] = {keys.key: keys.secret}
    settings["webhook"] = {
        "api_key": keys.key,
        "urls": [f"http://{LOOPBACK}:{environment.reception_admin_port}/webhooks/livekit"],
    }
    if redis:
        settings["redis"] = {"address": f"{LOOPBACK}:{environment.reception_redis_port}"}
    _write(target, settings)


def render_sip(environment: Environment, target: Path, *, address: str) -> None:
    """Write livekit-sip's configuration to `target`.

    `address` is the IP address that phones reach this machine at; loopback serves softphones on it.
    """
    keys = keys_of(environment)
    first, last = rtp_range(environment)
    settings = _reference(project_root() / "sip-config" / "livekit-sip.yaml")
    settings |= {
        "api_key": keys.key,
        "api_secret": keys.secret,
        "ws_url": environment.livekit_address,
        "redis": {"address": f"{LOOPBACK}:{environment.reception_redis_port}"},
        "sip_port": environment.reception_sip_port,
        "rtp_port": f"{first}-{last}",
        # Without it livekit-sip looks for an interface with another address than loopback.
        "nat_1_to_1_ip": address,
        "listen_ip": listen_address(address),
    }
    _write(target, settings)


def listen_address(address: str) -> str:
    """Where to listen for phones that come to `address`, which NAT may keep off this machine."""
    return LOOPBACK if address == LOOPBACK else "0.0.0.0"


def _reference(path: Path) -> dict[str, Any]:
    try:
        settings = yaml.safe_load(path.read_text())
    except (OSError, yaml.YAMLError) as error:
        raise ValueError(f"{path.name}: {error}") from None
    if not isinstance(settings, dict):
        raise ValueError(f"{path.name}: must be a mapping")
    for section in ("rtc", "webhook"):
        if not isinstance(settings.get(section, {}), dict):
            raise ValueError(f"{path.name}: {section}: must be a mapping")
    return settings


def _write(target: Path, settings: Mapping[str, Any]) -> None:
    write_private(target, yaml.safe_dump(dict(settings), sort_keys=False))
