"""What the API says of a call that was just placed: outcome, latencies, appointment."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import aiohttp
import typer

from domain.environment import Environment
from reception.errors import ReceptionError
from reception.ports import LOOPBACK

PATIENCE = 15.0
"""Seconds for the call's last events to reach the database."""


class NoReport(ReceptionError):
    """The API does not know the call, or does not answer; the message says which."""


@dataclass(frozen=True, kw_only=True)
class Booking:
    """An appointment that the call made, in words."""

    code: str
    service: str
    person: str
    starts_at: datetime
    """In the business's zone."""
    state: str


@dataclass(frozen=True, kw_only=True)
class CallReport:
    """A finished call: its row and its latencies as the API's JSON has them, and what was booked."""

    call: dict[str, Any]
    latency: dict[str, Any]
    bookings: list[Booking] = field(default_factory=list)


async def fetch_report(
    environment: Environment,
    *,
    api_key: str,
    room: str,
    address: str = "",
) -> CallReport:
    """The report of the call in `room`, once the call has ended and been delivered. Raises NoReport."""
    base = address or f"http://{LOOPBACK}:{environment.reception_admin_port}"
    timeout = aiohttp.ClientTimeout(total=10)
    headers = {"Authorization": f"Bearer {api_key}"}
    try:
        async with aiohttp.ClientSession(base, headers=headers, timeout=timeout) as session:
            call = await _ended_call(session, room)
            latency = await _get(session, f"/api/v1/calls/{call['id']}/latency")
            events = await _get(session, f"/api/v1/calls/{call['id']}/events")
            bookings = [
                await _booking(session, event["event"]["appointment_id"])
                for event in events["items"]
                if event["event"]["type"] == "appointment_booked"
            ]
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise NoReport(f"no answer from the API at {base} ({type(error).__name__})") from None
    return CallReport(call=call, latency=latency, bookings=bookings)


async def _booking(session: aiohttp.ClientSession, appointment_id: str) -> Booking:
    appointment = await _get(session, f"/api/v1/appointments/{appointment_id}")
    service = await _get(session, f"/api/v1/services/{appointment['service_id']}")
    person = await _get(session, f"/api/v1/people/{appointment['person_id']}")
    businesses = await _get(session, "/api/v1/businesses")
    zone = ZoneInfo(businesses["items"][0]["time_zone"])
    return Booking(
        code=appointment["code"],
        service=service["name"],
        person=person["name"],
        starts_at=datetime.fromisoformat(appointment["starts_at"]).astimezone(zone),
        state=appointment["state"],
    )


async def _ended_call(session: aiohttp.ClientSession, room: str) -> dict[str, Any]:
    found: dict[str, Any] | None = None
    try:
        async with asyncio.timeout(PATIENCE):
            while True:
                page = await _get(session, "/api/v1/calls?limit=50")
                items: list[dict[str, Any]] = page["items"]
                found = next((one for one in items if one["room"] == room), None)
                if found and found["ended_at"]:
                    return found
                await asyncio.sleep(0.2)
    except TimeoutError:
        if found:
            raise NoReport(f"call {found['id']} has not ended; see worker.log") from None
        raise NoReport("the call is not in the call list; see worker.log") from None


async def _get(session: aiohttp.ClientSession, path: str) -> dict[str, Any]:
    async with session.get(path) as reply:
        if reply.status != 200:
            raise NoReport(f"the API answers {reply.status} to GET {path.split('?')[0]}")
        content: dict[str, Any] = await reply.json()
        return content


def print_report(report: CallReport) -> None:
    """Print outcome, latencies and appointments."""
    call = report.call
    typer.echo(f"call {call['id']}: {call['outcome'] or 'nothing came of it'}")
    if call["sandbox"]:
        typer.echo(f"sandbox vendors: {', '.join(call['sandbox'])}")
    setup = report.latency["setup_seconds"]
    if setup is not None:
        typer.echo(f"job to greeting {setup:.2f} s")
    for stage, figure in report.latency["stages"].items():
        name = stage.replace("_", " ")
        typer.echo(f"  {name:<14} median {figure['median']:.2f} s  p95 {figure['p95']:.2f} s")
    for one in report.bookings:
        typer.echo(
            f"appointment {one.code}: {one.service} with {one.person},"
            f" {one.starts_at:%A %d %B %Y %H:%M} ({one.starts_at.tzinfo}), {one.state}"
        )
