"""Commands that run the installation: all of it on one machine, or one part of it."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from reception.commands.common import environment, fail


def up(
    sip_address: Annotated[
        str,
        typer.Option(
            help="IP address at which phones and carriers reach this machine; the default serves"
            " softphones on this machine alone."
        ),
    ] = "127.0.0.1",
) -> None:
    """Start everything on this machine, until Ctrl-C."""
    import ipaddress

    from reception.up import main

    try:
        ipaddress.ip_address(sip_address)
    except ValueError as error:
        raise fail(f"--sip-address: {error}") from None
    raise typer.Exit(main(environment(join=False), sip_address=sip_address))


def worker() -> None:
    """Serve calls (one of many such processes)."""
    found = environment()
    from reception.serve_calls import main

    raise typer.Exit(main(found))


def admin(
    host: Annotated[
        str, typer.Option(help="Address to listen on; 0.0.0.0 for every network.")
    ] = "127.0.0.1",
) -> None:
    """Serve the API and LiveKit's webhooks (one of many such processes)."""
    environment()
    from admin.main import main

    raise typer.Exit(main(host=host))


def jobs() -> None:
    """Do background work: calendars, waiting lists, upkeep (one of many such processes)."""
    # Calls on the same machine come first, and so does the worker while everything starts.
    os.nice(10)
    environment()
    from jobs.main import main

    raise typer.Exit(main())
