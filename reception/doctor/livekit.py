"""LiveKit and our processes: reachable, keys accepted, telephony applied, a worker there."""

from __future__ import annotations

import aiohttp
from livekit import api
from livekit.protocol.room import ListRoomsRequest

from domain.environment import Environment
from reception.doctor.check import Check, ok, problem, skipped, warning
from reception.livekit_config import LiveKitKeys, keys_of
from reception.ports import LOOPBACK
from reception.probes import http_ok, tcp_open
from reception.sip_apply import SipApplyFailed, compare
from reception.sip_config import SipConfigInvalid


async def check_livekit(environment: Environment) -> list[Check]:
    """livekit-server and, where it has redis, the trunk and the dispatch rule."""
    url = environment.livekit_address
    try:
        keys = keys_of(environment)
    except ValueError as error:
        return [problem("livekit", str(error), "see docs/configuration.md#secrets")]
    try:
        async with api.LiveKitAPI(url, keys.key, keys.secret) as livekit:
            rooms = await livekit.room.list_rooms(ListRoomsRequest())
    except api.TwirpError as error:
        if error.status == 401:
            return [
                problem(
                    "livekit",
                    f"{url} does not accept the key",
                    "give LIVEKIT_API_KEY and LIVEKIT_API_SECRET as livekit-server has them",
                )
            ]
        return [problem("livekit", f"{url} answers: {error.message}", "see livekit-server's log")]
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        return [
            problem(
                "livekit",
                f"no answer at {url} ({type(error).__name__})",
                "start `make run`, or correct LIVEKIT_URL",
            )
        ]
    reachable = ok("livekit", f"{url}, key accepted, {len(rooms.rooms)} rooms now")
    return [reachable, await _check_sip(environment, url, keys)]


async def _check_sip(environment: Environment, url: str, keys: LiveKitKeys) -> Check:
    mend = "run `reception sip apply`"
    try:
        difference = await compare(url, keys)
    except SipConfigInvalid as error:
        return problem("telephony", str(error), "correct the file in sip-config/")
    except SipApplyFailed as error:
        if "redis" in str(error):
            return skipped("telephony", "livekit-server runs without redis, so without telephony")
        return problem("telephony", str(error), mend)
    if difference:
        return problem("telephony", f"livekit-server differs from sip-config/: {difference}", mend)
    listening = await tcp_open(LOOPBACK, environment.reception_sip_port)()
    if not listening:
        return warning(
            "telephony",
            f"trunk and rule are applied; nothing listens on {LOOPBACK}:{environment.reception_sip_port}",
            "start livekit-sip, unless it runs on another machine",
        )
    return ok(
        "telephony", f"trunk and rule are applied, port {environment.reception_sip_port} open"
    )


async def check_processes(environment: Environment) -> list[Check]:
    """The worker and the admin service of this machine."""
    worker = f"http://{LOOPBACK}:{environment.reception_worker_port}/ready"
    admin = f"http://{LOOPBACK}:{environment.reception_admin_port}"
    checks = []
    if await http_ok(worker)():
        checks.append(ok("worker", f"{worker}: registered, takes calls"))
    else:
        checks.append(
            problem(
                "worker",
                f"{worker} does not say that it takes calls",
                "start `reception worker` (or `make run`); see $RECEPTION_HOME/logs/worker.log",
            )
        )
    if not await http_ok(f"{admin}/healthz")():
        checks.append(
            problem(
                "admin",
                f"no answer at {admin}",
                "start `reception admin` (or `make run`); see $RECEPTION_HOME/logs/admin.log",
            )
        )
    elif not await http_ok(f"{admin}/ready")():
        checks.append(
            problem("admin", f"{admin}/ready is not ready", f"see what {admin}/ready says")
        )
    else:
        checks.append(ok("admin", f"{admin} is ready"))
    return checks
