"""A jobs process that is killed: takes a job, says so, and never ends it. Run as a process."""

from __future__ import annotations

import asyncio
import sys

from procrastinate import JobContext

from domain.environment import Environment
from domain.seam import SystemSeam
from jobs import upkeep
from jobs.app import Work, make_queue
from jobs.process import JobsProcess


async def visit(context: JobContext) -> None:
    print("begun", flush=True)
    await asyncio.Event().wait()


async def main(url: str, key: str, port: str) -> None:
    environment = Environment(
        _env_file=None,
        database_url=url,
        reception_jobs_port=int(port),
        reception_encryption_keys=key,
        reception_index_key="i" * 40,
    )
    works = [Work(run=visit), Work(run=upkeep.recover_jobs)]
    queue = make_queue(url, seam=SystemSeam(), works=works)
    await JobsProcess(environment, queue=queue).serve()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
