"""What several commands need: their environment, how they fail, and what they read of an option."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING
from uuid import UUID

import typer

if TYPE_CHECKING:
    from domain.environment import Environment


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


def id_of(text: str, *, option: str) -> UUID:
    """The id that `text` is, or the end of the command, naming the option."""
    try:
        return UUID(text)
    except ValueError:
        raise fail(f"{option}: is no id (a UUID)") from None
