"""Runs the jobs as a process, one of many that may work side by side."""

from __future__ import annotations

import asyncio
import logging
import sys

from domain.environment import Environment, load_environment
from domain.logs import configure_logging
from jobs.process import JobsProcess


def main() -> int:
    """Work until SIGTERM or SIGINT, then finish or hand back what was begun; a second signal ends at
    once. Returns 0, or 1 with a line that says what is wrong."""
    try:
        environment = load_environment()
        if not environment.database_url:
            raise ValueError("DATABASE_URL: must be set (`reception up` sets it for its parts)")
        # Making the keyring reads every key.
        environment.keyring  # noqa: B018
    except (ValueError, OSError) as error:
        print(f"jobs: {error}", file=sys.stderr)
        return 1
    configure_logging()
    logging.getLogger().handlers[0].addFilter(without_arguments)
    # Its lines of every job's start and end are ours to write (`jobs.watch`), without arguments.
    logging.getLogger("procrastinate").setLevel(logging.WARNING)
    return asyncio.run(_serve(environment))


def without_arguments(record: logging.LogRecord) -> bool:
    """procrastinate puts a job's arguments and the text of exceptions into its messages: what is left
    of them is what happened. Lets every record through."""
    if record.name.split(".")[0] == "procrastinate":
        record.msg, record.args = str(getattr(record, "action", "procrastinate")), ()
    return True


async def _serve(environment: Environment) -> int:
    try:
        await JobsProcess(environment).serve()
    except OSError as error:
        logging.getLogger("jobs.process").error(
            "RECEPTION_JOBS_PORT: cannot listen on %s (%s)",
            environment.reception_jobs_port,
            error.strerror,
        )
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
