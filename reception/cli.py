"""The `reception` command. Each subcommand imports what it needs when it runs, so that help is quick."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

if TYPE_CHECKING:
    from domain.environment import Environment

app = typer.Typer(
    name="reception",
    help="A receptionist that answers a business's phone.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
sip_app = typer.Typer(help="Telephony: trunks and dispatch rule.", no_args_is_help=True)
app.add_typer(sip_app, name="sip")
apikey_app = typer.Typer(help="Keys to the API.", no_args_is_help=True)
app.add_typer(apikey_app, name="apikey")
user_app = typer.Typer(help="Users of the console.", no_args_is_help=True)
app.add_typer(user_app, name="user")


def fail(message: str) -> typer.Exit:
    """Print an error to stderr, and the exit to raise."""
    for line in message.splitlines():
        typer.echo(f"reception: {line}", err=True)
    return typer.Exit(1)


def environment(*, join: bool = True) -> Environment:
    """The environment of this command; with `join`, that of the `reception up` of the same home.

    Ends the command with a line for each variable that is wrong.
    """
    from pydantic import ValidationError

    from domain.environment import Environment, load_environment
    from reception.home import Home, read_variables

    try:
        if join:
            home = Home(Environment().home)
            if home.is_running():
                for name, value in read_variables(home.running).items():
                    # An empty variable counts as none, as it does in Environment.
                    if not os.environ.get(name):
                        os.environ[name] = value
        return load_environment()
    except ValidationError as error:
        lines = [
            f"{str(problem['loc'][0]).upper()}: {problem['msg']}" for problem in error.errors()
        ]
        raise fail("\n".join(lines)) from None
    except (ValueError, OSError) as error:
        raise fail(str(error)) from None


def database_url(found: Environment) -> str:
    """DATABASE_URL, or the end of the command with what to do."""
    if not found.database_url:
        raise fail(
            f"DATABASE_URL: not set, and no `reception up` runs in {found.home}; start it, or set one"
        )
    return found.database_url


def e164(text: str, *, option: str) -> str:
    """`text` if it has the form of E.164. Raises ValueError naming the option.

    Whether anybody has the number is not asked: an unknown one is a call worth trying too.
    """
    if not re.fullmatch(r"\+[1-9][0-9]{6,14}", text):
        raise ValueError(f"{option}: must be E.164, like +12025550100")
    return text


@app.command()
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


@app.command()
def worker() -> None:
    """Serve calls (one of many such processes)."""
    found = environment()
    from reception.serve_calls import main

    raise typer.Exit(main(found))


@app.command()
def admin(
    host: Annotated[
        str, typer.Option(help="Address to listen on; 0.0.0.0 for every network.")
    ] = "127.0.0.1",
) -> None:
    """Serve the API and LiveKit's webhooks (one of many such processes)."""
    environment()
    from admin.main import main

    raise typer.Exit(main(host=host))


@app.command()
def jobs() -> None:
    """Do background work: calendars, waiting lists, upkeep (one of many such processes)."""
    # Calls on the same machine come first, and so does the worker while everything starts.
    os.nice(10)
    environment()
    from jobs.main import main

    raise typer.Exit(main())


@app.command()
def migrate() -> None:
    """Bring the database's schema to the newest version."""
    found = environment()
    from reception.prepare_database import DatabaseUnusable, migrate

    try:
        typer.echo(migrate(found))
    except DatabaseUnusable as error:
        raise fail(str(error)) from None


@app.command()
def reindex() -> None:
    """Make calls from before an upgrade findable by what was said on them."""
    import asyncio

    from reception.reindex import reindex

    found = environment()
    count = asyncio.run(reindex(found, database_url(found)))
    typer.echo(f"reindexed the calls of {count} business{'' if count == 1 else 'es'}")


@app.command()
def secrets() -> None:
    """Print a fresh set of secrets for .env (production, compose.yaml)."""
    from reception.new_secrets import new_secrets

    for name, value in new_secrets().items():
        typer.echo(f"{name}={value}")


@apikey_app.command("create")
def apikey_create(
    name: Annotated[str, typer.Option(help="What the key is for; shown in the list of keys.")],
    role: Annotated[str, typer.Option(help="operator, owner, manager, staff or viewer.")],
    business: Annotated[
        str | None,
        typer.Option(help="Id of the business; not needed when there is one, or for an operator."),
    ] = None,
) -> None:
    """Make an API key; it is the last line, and shown this once."""
    import asyncio

    from domain.errors import DomainError
    from reception.apikey import create

    found = environment()
    url = database_url(found)
    business_id = _business_id(business)
    try:
        key = asyncio.run(create(found, url, name=name, role=role, business_id=business_id))
    except (DomainError, ValueError) as error:
        raise fail(str(error)) from None
    typer.echo(key)


AskOption = Annotated[
    bool, typer.Option("--ask", help="Ask for the password, instead of making one up.")
]


@user_app.command("create")
def user_create(
    email: Annotated[str, typer.Option(help="What they sign in with.")],
    name: Annotated[str, typer.Option(help="What they are called.")],
    role: Annotated[str, typer.Option(help="operator, owner, manager, staff or viewer.")],
    business: Annotated[
        str | None,
        typer.Option(help="Id of the business; not needed when there is one, or for an operator."),
    ] = None,
    ask: AskOption = False,
) -> None:
    """Make a user; a password that was made up is the last line, and shown this once."""
    import asyncio

    from domain.errors import DomainError
    from reception.user import create

    found = environment()
    url = database_url(found)
    business_id = _business_id(business)
    given = _ask_password() if ask else ""
    try:
        password = asyncio.run(
            create(
                found,
                url,
                email=email,
                name=name,
                role=role,
                business_id=business_id,
                password=given,
            )
        )
    except (DomainError, ValueError) as error:
        raise fail(str(error)) from None
    if not ask:
        typer.echo(password)


@user_app.command("password")
def user_password(
    email: Annotated[str, typer.Option(help="What they sign in with.")], ask: AskOption = False
) -> None:
    """Give a user a new password and sign them out; one that was made up is the last line."""
    import asyncio

    from domain.errors import DomainError
    from reception.user import set_password

    found = environment()
    url = database_url(found)
    given = _ask_password() if ask else ""
    try:
        password = asyncio.run(set_password(found, url, email=email, password=given))
    except (DomainError, ValueError) as error:
        raise fail(str(error)) from None
    if not ask:
        typer.echo(password)


def _ask_password() -> str:
    asked: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    return asked


def _business_id(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        raise fail("--business: is no id (a UUID)") from None


@sip_app.command("apply")
def sip_apply(
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


@app.command()
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


@app.command()
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

    try:
        wanted = UUID(call_id)
    except ValueError:
        raise fail("CALL_ID: is no id (a UUID)") from None
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


@app.command("synthetic-call")
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


@app.command()
def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Print the checks as JSON.")] = False,
    call: Annotated[bool, typer.Option(help="Place a call to try the whole way.")] = True,
) -> None:
    """Check everything that a call needs, and say how to mend what is wrong."""
    from reception.doctor import main

    raise typer.Exit(main(environment(), as_json=as_json, with_call=call))
