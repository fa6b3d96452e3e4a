"""`reception doctor`."""

from __future__ import annotations

from typing import Annotated

import typer

from reception.commands.common import environment


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Print the checks as JSON.")] = False,
    call: Annotated[bool, typer.Option(help="Place a call to try the whole way.")] = True,
) -> None:
    """Check everything that a call needs, and say how to mend what is wrong."""
    from reception.doctor import main

    raise typer.Exit(main(environment(), as_json=as_json, with_call=call))
