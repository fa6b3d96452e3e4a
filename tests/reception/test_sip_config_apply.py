"""`reception sip apply` against a real livekit-server with a real redis."""

from __future__ import annotations

import shutil
import socket
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from livekit import api
from livekit.protocol.sip import ListSIPDispatchRuleRequest, ListSIPInboundTrunkRequest

from domain.environment import Environment
from reception import livekit_server, parts
from reception.home import Home
from reception.livekit_config import LiveKitKeys, keys_of, render_livekit
from reception.sip_apply import SipApplyFailed, apply, compare
from reception.sip_config import SipConfigInvalid
from reception.supervisor import Supervisor
from tests.reception.test_sip_config import TRUNK, written

SECRET = "a-secret-for-tests-of-at-least-32-characters"


def three_free_ports() -> int:
    """The first of three neighbouring ports that nobody has at this moment."""
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            first: int = probe.getsockname()[1]
        try:
            with socket.socket() as second, socket.socket(type=socket.SOCK_DGRAM) as third:
                second.bind(("127.0.0.1", first + 1))
                third.bind(("127.0.0.1", first + 2))
                return first
        except (OSError, OverflowError):
            continue


@pytest.fixture(params=[True], ids=["redis"])
async def environment(request: pytest.FixtureRequest) -> AsyncIterator[Environment]:
    """A livekit-server, with redis where the test's parameter says so."""
    with_redis: bool = request.param
    redis = shutil.which("redis-server")
    if with_redis and not redis:
        pytest.skip("redis-server is not on PATH")
    with tempfile.TemporaryDirectory(prefix="rcp") as folder:
        first = three_free_ports()
        made = Environment(
            _env_file=None,  # type: ignore[call-arg]
            reception_home=Path(folder),
            reception_livekit_port=first,
            reception_redis_port=three_free_ports(),
            livekit_api_key="devkey",
            livekit_api_secret=SECRET,  # type: ignore[arg-type]
            livekit_url=f"ws://127.0.0.1:{first}",
        )
        home = Home(made.home)
        home.make()
        config = home.rendered / "livekit.yaml"
        render_livekit(made, config, redis=with_redis)
        with home.lock() as lock:
            supervisor = Supervisor(say=lambda part, line: None, lock=lock)
            try:
                if redis and with_redis:
                    await supervisor.start(parts.redis_part(home, made, Path(redis)))
                binary = livekit_server.find_or_build()
                await supervisor.start(parts.livekit_part(home, made, binary, config))
                yield made
            finally:
                # livekit-server takes five seconds to end by itself.
                supervisor.hurry()
                await supervisor.stop()


async def test_applying_twice_creates_once_and_changes_nothing(environment: Environment) -> None:
    url, keys = environment.livekit_address, keys_of(environment)
    assert await compare(url, keys) == "inbound trunk is missing, dispatch rule is missing"
    first = await apply(url, keys)
    second = await apply(url, keys)
    assert (first.trunk, first.rule) == ("created", "created")
    assert (second.trunk, second.rule) == ("unchanged", "unchanged")
    assert (first.trunk_id, first.rule_id) == (second.trunk_id, second.rule_id)
    assert await compare(url, keys) == ""
    async with api.LiveKitAPI(url, keys.key, keys.secret) as livekit:
        trunks = await livekit.sip.list_inbound_trunk(ListSIPInboundTrunkRequest())
        rules = await livekit.sip.list_dispatch_rule(ListSIPDispatchRuleRequest())
    assert len(trunks.items) == len(rules.items) == 1
    assert list(rules.items[0].trunk_ids) == [first.trunk_id]


async def test_a_changed_file_updates_the_same_trunk(
    environment: Environment, tmp_path: Path
) -> None:
    url, keys = environment.livekit_address, keys_of(environment)
    first = await apply(url, keys, folder=written(tmp_path))
    changed = written(tmp_path, trunk=TRUNK | {"allowed_addresses": ["198.51.100.0/24"]})
    assert await compare(url, keys, folder=changed) == "inbound trunk differs"
    second = await apply(url, keys, folder=changed)
    assert (second.trunk, second.rule) == ("updated", "unchanged")
    assert second.trunk_id == first.trunk_id
    async with api.LiveKitAPI(url, keys.key, keys.secret) as livekit:
        trunks = await livekit.sip.list_inbound_trunk(ListSIPInboundTrunkRequest())
    assert [list(trunk.allowed_addresses) for trunk in trunks.items] == [["198.51.100.0/24"]]


async def test_a_wrong_file_changes_nothing(environment: Environment, tmp_path: Path) -> None:
    url, keys = environment.livekit_address, keys_of(environment)
    broken = written(tmp_path, rule={"name": "reception"})
    with pytest.raises(SipConfigInvalid):
        await apply(url, keys, folder=broken)
    assert await compare(url, keys) == "inbound trunk is missing, dispatch rule is missing"


async def test_a_wrong_key_is_told(environment: Environment) -> None:
    wrong = LiveKitKeys(key="devkey", secret="another" * 8)
    with pytest.raises(SipApplyFailed, match="LIVEKIT_API_SECRET"):
        await apply(environment.livekit_address, wrong)


async def test_no_server_is_told() -> None:
    url = f"ws://127.0.0.1:{three_free_ports()}"
    with pytest.raises(SipApplyFailed, match=url):
        await apply(url, LiveKitKeys(key="devkey", secret=SECRET))


@pytest.mark.parametrize("environment", [False], indirect=True, ids=["no redis"])
async def test_a_server_without_redis_is_told(environment: Environment) -> None:
    with pytest.raises(SipApplyFailed, match="redis"):
        await apply(environment.livekit_address, keys_of(environment))
