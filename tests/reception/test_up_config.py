"""The configurations that `reception up` renders from the reference files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from domain.environment import Environment
from reception.home import project_root
from reception.livekit_config import keys_of, render_livekit, render_sip


def environment(**values: Any) -> Environment:
    given = {"livekit_api_key": "key", "livekit_api_secret": "s" * 32} | values
    return Environment(_env_file=None, **given)


def rendered(path: Path) -> Any:
    return yaml.safe_load(path.read_text())


def test_livekit_gets_ports_keys_and_webhook_of_this_machine(tmp_path: Path) -> None:
    target = tmp_path / "livekit.yaml"
    render_livekit(
        environment(reception_livekit_port=30000, reception_admin_port=30100), target, redis=False
    )
    settings = rendered(target)
    assert settings["port"] == 30000
    assert settings["bind_addresses"] == ["127.0.0.1"]
    assert settings["rtc"]["tcp_port"] == 30001
    assert settings["rtc"]["udp_port"] == 30002
    assert settings["keys"] == {"key": "s" * 32}
    assert settings["webhook"] == {
        "api_key": "key",
        "urls": ["http://127.0.0.1:30100/webhooks/livekit"],
    }
    assert "redis" not in settings
    # What the reference file says beside that stays.
    assert settings["logging"] == rendered(project_root() / "livekit.yaml")["logging"]
    assert target.stat().st_mode & 0o777 == 0o600


def test_livekit_gets_redis_where_there_is_telephony(tmp_path: Path) -> None:
    render_livekit(environment(reception_redis_port=30200), tmp_path / "f", redis=True)
    assert rendered(tmp_path / "f")["redis"] == {"address": "127.0.0.1:30200"}


def test_sip_on_loopback_serves_softphones_of_this_machine(tmp_path: Path) -> None:
    render_sip(environment(reception_sip_port=30060), tmp_path / "f", address="127.0.0.1")
    settings = rendered(tmp_path / "f")
    assert settings["sip_port"] == 30060
    assert settings["listen_ip"] == settings["nat_1_to_1_ip"] == "127.0.0.1"
    assert settings["rtp_port"] == "10000-10200"


def test_sip_for_a_carrier_listens_everywhere_and_announces_the_public_address(
    tmp_path: Path,
) -> None:
    render_sip(environment(), tmp_path / "f", address="192.0.2.7")
    settings = rendered(tmp_path / "f")
    assert (settings["listen_ip"], settings["nat_1_to_1_ip"]) == ("0.0.0.0", "192.0.2.7")


@pytest.mark.parametrize(
    ("values", "variable"),
    [({"livekit_api_key": ""}, "LIVEKIT_API_KEY"), ({"livekit_api_secret": "s"}, "API_SECRET")],
)
def test_missing_keys_are_refused_by_name(values: dict[str, str], variable: str) -> None:
    with pytest.raises(ValueError, match=variable):
        keys_of(environment(**values))
