"""The vendors: reachable, and the key accepted, at the cost of one listing each."""

from __future__ import annotations

import asyncio

import aiohttp

from domain.environment import Environment
from reception.doctor.check import Check, ok, problem, warning
from reception.vendors import Vendor, vendors

# Where a vendor lists what a key may use: free of charge, refused with 401 or 403 to a wrong key.
# https://developers.deepgram.com/reference/manage/projects/list,
# https://platform.openai.com/docs/api-reference/models/list,
# https://elevenlabs.io/docs/api-reference/models/list
LISTINGS = {
    "Deepgram": ("https://api.deepgram.com/v1", "/projects"),
    "OpenAI": ("https://api.openai.com/v1", "/models"),
    "ElevenLabs": ("https://api.elevenlabs.io/v1", "/models"),
}


async def check_vendors(environment: Environment) -> list[Check]:
    """One check for each vendor."""
    return list(await asyncio.gather(*(_check(environment, one) for one in vendors(environment))))


def _headers(environment: Environment, vendor: Vendor) -> dict[str, str]:
    match vendor.name:
        case "Deepgram":
            return {"Authorization": f"Token {environment.deepgram_api_key.get_secret_value()}"}
        case "OpenAI":
            return {"Authorization": f"Bearer {environment.openai_api_key.get_secret_value()}"}
        case _:
            return {"xi-api-key": environment.eleven_api_key.get_secret_value()}


async def _check(environment: Environment, vendor: Vendor) -> Check:
    name = vendor.name.lower()
    host, path = LISTINGS[vendor.name]
    if vendor.sandboxed:
        return await _check_sandbox(environment, vendor)
    base = vendor.base_url.rstrip("/").removesuffix("/listen") or host
    url = base.replace("wss://", "https://").replace("ws://", "http://") + path
    headers = _headers(environment, vendor) if vendor.has_key else {}
    try:
        timeout = aiohttp.ClientTimeout(total=10)
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.get(url, headers=headers) as reply,
        ):
            status = reply.status
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
        return problem(
            name,
            f"no answer from {base} ({type(error).__name__})",
            f"check the network, or {vendor.url_variable}",
        )
    if status in (401, 403):
        return problem(name, f"{base} refuses the key", f"correct {vendor.key_variable}")
    if status == 404 and vendor.base_url:
        return warning(name, f"{base} answers, but lists nothing", "the synthetic call will tell")
    if status >= 400:
        return problem(name, f"{base} answers with status {status}", "look at the vendor's status")
    return ok(name, f"{base} accepts the key" if vendor.has_key else f"{base} answers")


async def _check_sandbox(environment: Environment, vendor: Vendor) -> Check:
    name = vendor.name.lower()
    mend = f"set {vendor.key_variable} or {vendor.url_variable} in .env"
    if environment.production:
        return problem(name, "the sandbox does not serve production", mend)
    try:
        timeout = aiohttp.ClientTimeout(total=5)
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.get(environment.sandbox_address) as reply,
        ):
            await reply.read()
    except (aiohttp.ClientError, TimeoutError, OSError):
        return problem(
            name,
            f"is the sandbox, which does not answer at {environment.sandbox_address}",
            f"start `make run`, or {mend}",
        )
    return warning(name, f"is the built-in sandbox ({environment.sandbox_address})", mend)
