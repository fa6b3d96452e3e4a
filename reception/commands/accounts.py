"""`reception apikey …` and `reception user …`: who may use the API and the console."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Annotated, Any

import typer

from reception.commands.common import database_url, environment, fail, id_of

apikey = typer.Typer(help="Keys to the API.", no_args_is_help=True)
user = typer.Typer(help="Users of the console.", no_args_is_help=True)

EmailOption = Annotated[str, typer.Option(help="What they sign in with.")]
RoleOption = Annotated[str, typer.Option(help="operator, owner, manager, staff or viewer.")]
BusinessOption = Annotated[
    str | None,
    typer.Option(help="Id of the business; not needed when there is one, or for an operator."),
]
AskOption = Annotated[
    bool, typer.Option("--ask", help="Ask for the password, instead of making one up.")
]


@apikey.command("create")
def create_key(
    name: Annotated[str, typer.Option(help="What the key is for; shown in the list of keys.")],
    role: RoleOption,
    business: BusinessOption = None,
) -> None:
    """Make an API key; it is the last line, and shown this once."""
    from reception.apikey import create

    found = environment()
    url = database_url(found)
    business_id = id_of(business, option="--business") if business else None
    typer.echo(_secret(create(found, url, name=name, role=role, business_id=business_id)))


@user.command("create")
def create_user(
    email: EmailOption,
    name: Annotated[str, typer.Option(help="What they are called.")],
    role: RoleOption,
    business: BusinessOption = None,
    ask: AskOption = False,
) -> None:
    """Make a user; a password that was made up is the last line, and shown this once."""
    from reception.user import create

    found = environment()
    url = database_url(found)
    business_id = id_of(business, option="--business") if business else None
    given = _ask_password() if ask else ""
    password = _secret(
        create(
            found, url, email=email, name=name, role=role, business_id=business_id, password=given
        )
    )
    if not ask:
        typer.echo(password)


@user.command("password")
def change_password(email: EmailOption, ask: AskOption = False) -> None:
    """Give a user a new password and sign them out; one that was made up is the last line."""
    from reception.user import set_password

    found = environment()
    url = database_url(found)
    given = _ask_password() if ask else ""
    password = _secret(set_password(found, url, email=email, password=given))
    if not ask:
        typer.echo(password)


def _secret(making: Coroutine[Any, Any, str]) -> str:
    """What `making` makes, or the end of the command with why it does not."""
    import asyncio

    from domain.errors import DomainError

    try:
        return asyncio.run(making)
    except (DomainError, ValueError) as error:
        raise fail(str(error)) from None


def _ask_password() -> str:
    asked: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    return asked
