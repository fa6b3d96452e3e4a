"""`reception sip …`: trunks and dispatch rule."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from reception.commands.common import environment, fail

app = typer.Typer(help="Telephony: trunks and dispatch rule.", no_args_is_help=True)


@app.command("apply")
def apply_config(
    folder: Annotated[
        Path | None,
        typer.Option(
            help="Folder of inbound-trunk.json, dispatch-rule.json and outbound-trunk.json."
        ),
    ] = None,
) -> None:
    """Put the trunks and the dispatch rule of sip-config/ into livekit-server; safe to repeat."""
    import asyncio

    from reception.livekit_config import keys_of
    from reception.sip_apply import SipApplyFailed, apply
    from reception.sip_config import SipConfigInvalid

    found = environment()
    try:
        done = asyncio.run(apply(found.livekit_address, keys_of(found), folder=folder))
    except (SipApplyFailed, SipConfigInvalid, ValueError) as error:
        raise fail(str(error)) from None
    typer.echo(f"inbound trunk {done.trunk_id}: {done.trunk}")
    typer.echo(f"dispatch rule {done.rule_id}: {done.rule}")
    typer.echo(
        f"outbound trunk {done.outbound_id}: {done.outbound}"
        if done.outbound_id
        else "outbound trunk: none, so no telephone can be rung (sip-config/outbound-trunk.json)"
    )
