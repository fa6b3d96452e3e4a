"""Commands about calls: place one, tell one again, try the installation by one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from reception.commands.common import database_url, e164, environment, fail, id_of


def call(
    say: Annotated[
        list[str] | None,
        typer.Option(help="A line to speak, again for each; without, a cleaning is booked."),
    ] = None,
    sip: Annotated[bool, typer.Option(help="Dial through livekit-sip.")] = False,
    number: Annotated[str, typer.Option(help="The number to call (E.164).")] = "+12025550100",
    caller: Annotated[
        str, typer.Option("--from", help="The caller's number (E.164), or nothing if withheld.")
    ] = "+12025550143",
    api_key: Annotated[
        str,
        typer.Option(help="Key to read the call with; the default is `reception up`'s owner key."),
    ] = "",
) -> None:
    """Place a call, print the dialogue, and what the call log says of it."""
    import asyncio

    from reception.call_report import NoReport, print_report
    from reception.home import Home
    from reception.place_call import CallFailed, Order, place_call

    found = environment()
    try:
        order = Order(
            number=e164(number, option="--number"),
            caller=e164(caller, option="--from") if caller else "",
            lines=say or (),
            sip=sip,
        )
        key = api_key or Home(found.home).read_owner_key()
        report = asyncio.run(place_call(found, order, api_key=key))
    except (CallFailed, NoReport, ValueError) as error:
        raise fail(str(error)) from None
    except KeyboardInterrupt:
        raise typer.Exit(130) from None
    if report:
        print_report(report)
    else:
        typer.echo("the call log needs a key: give --api-key")


def replay(
    call_id: Annotated[
        str, typer.Argument(metavar="CALL_ID", help="The call's id, as the API gives it.")
    ],
    as_data: Annotated[bool, typer.Option("--json", help="For machines.")] = False,
    masked: Annotated[bool, typer.Option("--masked", help="Cover names and numbers.")] = False,
    as_a_test: Annotated[
        bool,
        typer.Option("--as-test", help="A pytest module that takes the caller's turns again."),
    ] = False,
    folder: Annotated[
        Path | None,
        typer.Option(help="Where to write the test (tests/calls); without, it is printed."),
    ] = None,
) -> None:
    """Tell a call again from its events: what was said and decided, and how long it took."""
    import asyncio

    from reception.replay.as_test import NoTest
    from reception.replay.command import NOTICE, replay, replay_as_test
    from reception.replay.finding import NoCall

    wanted = id_of(call_id, option="CALL_ID")
    if folder is not None and not (as_a_test and folder.is_dir()):
        raise fail("--folder: must be a folder that exists, and goes with --as-test")
    if as_a_test and as_data:
        raise fail("--json: cannot go with --as-test")
    found = environment()
    url = database_url(found)
    if not masked:
        typer.echo(f"reception: {NOTICE}", err=True)
    try:
        if as_a_test:
            typer.echo(
                asyncio.run(replay_as_test(found, url, wanted, masked=masked, folder=folder))
            )
            return
        for line in asyncio.run(replay(found, url, wanted, masked=masked, as_data=as_data)):
            typer.echo(line)
    except (NoCall, NoTest) as error:
        raise fail(str(error)) from None


def synthetic_call(
    number: Annotated[
        str,
        typer.Option(
            help="The number to call (E.164); RECEPTION_SYNTHETIC_CALL_NUMBER by default."
        ),
    ] = "",
) -> None:
    """Call oneself, ask a question, and keep what came of it. Exit code 2: the call failed, and is told of."""
    import asyncio

    from sqlalchemy.exc import SQLAlchemyError

    from reception.synthetic_call import call_and_keep

    found = environment()
    database_url(found)
    try:
        dialled = e164(number or found.synthetic_call_number, option="--number")
        result = asyncio.run(call_and_keep(found, number=dialled))
    except ValueError as error:
        raise fail(str(error)) from None
    except (SQLAlchemyError, OSError) as error:
        raise fail(f"not kept: the database does not answer ({type(error).__name__})") from None
    for what, seconds in (
        ("greeted", result.greeting_seconds),
        ("answered", result.answer_seconds),
    ):
        if seconds is not None:
            typer.echo(f"{what} after {seconds:.2f} s")
    typer.echo(result.outcome.replace("_", " "))
    if not result.passed:
        raise typer.Exit(2)
