"""`reception doctor`: what a call needs, each thing checked, with how to mend what is wrong."""

from __future__ import annotations

import asyncio
import json

import typer

from domain.environment import Environment
from reception.doctor import database, jobs, livekit, machine, vendors
from reception.doctor.check import Check, skipped
from reception.home import Home

DIALLED = "+12025550100"
MARKS = {
    "ok": ("ok", typer.colors.GREEN),
    "warning": ("warning", typer.colors.YELLOW),
    "problem": ("PROBLEM", typer.colors.RED),
    "skipped": ("skipped", typer.colors.BRIGHT_BLACK),
}


async def examine(
    environment: Environment, *, with_call: bool = True, dialled: str = DIALLED
) -> list[Check]:
    """Every check, in the order in which their failures explain each other."""
    home = Home(environment.home)
    checks = [
        machine.check_python(),
        machine.check_packages(),
        machine.check_disk(home),
        machine.check_secrets(environment),
        machine.check_livekit_server(environment),
        machine.check_telephony(),
        machine.check_ports(environment, running=home.is_running()),
        *await asyncio.to_thread(database.check_database, environment),
        *await asyncio.to_thread(jobs.check_jobs, environment),
        *await livekit.check_livekit(environment),
        *await livekit.check_processes(environment),
        *await vendors.check_vendors(environment),
    ]
    checks.append(await _call(environment, checks, with_call=with_call, dialled=dialled))
    return checks


async def _call(
    environment: Environment, before: list[Check], *, with_call: bool, dialled: str
) -> Check:
    if not with_call:
        return skipped("synthetic call", "not asked for")
    broken = [
        check.name
        for check in before
        if check.status == "problem" and check.name in ("livekit", "worker", "secrets")
    ]
    if broken:
        return skipped("synthetic call", f"needs {' and '.join(broken)}")
    from reception.doctor.call import check_call

    return await check_call(environment, dialled=dialled)


def main(environment: Environment, *, as_json: bool, with_call: bool) -> int:
    """Print every check; the exit code is 1 when there is a problem."""
    checks = asyncio.run(examine(environment, with_call=with_call))
    problems = sum(check.status == "problem" for check in checks)
    if as_json:
        typer.echo(
            json.dumps(
                {"ok": not problems, "checks": [check.as_json() for check in checks]}, indent=2
            )
        )
        return 1 if problems else 0
    for check in checks:
        mark, colour = MARKS[check.status]
        typer.echo(f"{typer.style(f'{mark:<8}', fg=colour)} {check.name}: {check.detail}")
        if check.mend:
            typer.echo(f"{'':<8} -> {check.mend}")
    typer.echo(f"\n{problems} problem{'' if problems == 1 else 's'}" if problems else "\nall well")
    return 1 if problems else 0
