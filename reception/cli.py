"""The `reception` command. Each subcommand imports what it needs when it runs, so that help is quick."""

from __future__ import annotations

import typer

from reception.commands import accounts, calls, data, doctor, parts, sip

app = typer.Typer(
    name="reception",
    help="A receptionist that answers a business's phone.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
# Help lists them in this order.
for command in (
    *(parts.up, parts.worker, parts.admin, parts.jobs),
    *(data.migrate, data.reindex, data.secrets),
    *(calls.call, calls.replay, calls.synthetic_call),
    doctor.doctor,
):
    app.command()(command)
app.add_typer(sip.app, name="sip")
app.add_typer(accounts.apikey, name="apikey")
app.add_typer(accounts.user, name="user")
