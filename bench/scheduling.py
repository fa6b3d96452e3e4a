"""`python -m bench.scheduling [--quick]`: how fast free times are found and booked, and at what memory.

Exit code 1 when a promise is not kept, 2 when the database does not start.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy.engine import make_url

from bench.database import keyring_of, new_keys, own_postgres
from bench.saying import Say, say
from bench.scheduling_booking import Done, Task, run_child
from bench.scheduling_report import HEADING, Memory, SchedulingReport, Search, Throughput, render
from bench.scheduling_rows import (
    MONDAY,
    OTHERS,
    OTHERS_PEOPLE,
    PEOPLE,
    Practice,
    Rows,
    make_practice,
)
from bench.sections import RESULTS, write_section
from domain.database import Database
from domain.scheduling.times import find_times
from domain.seam import PinnedSeam
from reception.postgres import DATABASE, EmbeddedPostgres
from reception.supervisor import PartFailed

DAYS: Final = 30
_WARM_UP: Final = 20


@dataclass(frozen=True, kw_only=True)
class SchedulingPlan:
    """How much is measured."""

    sizes: tuple[int, ...]
    """Appointments in the table, rising."""
    searches: int
    throughput: int
    """Bookings for each number of connections."""
    bookings: int
    """For the memory's growth."""
    every: int


FULL: Final = SchedulingPlan(
    sizes=(10_000, 100_000, 1_000_000), searches=300, throughput=1000, bookings=100_000, every=2_500
)
QUICK: Final = SchedulingPlan(
    sizes=(10_000, 50_000), searches=60, throughput=100, bookings=400, every=40
)


async def measure_scheduling(plan: SchedulingPlan, *, say: Say) -> SchedulingReport:
    """Measure in a PostgreSQL of its own. Raises PartFailed, PostgresFailed, RuntimeError."""
    report = SchedulingReport(
        date=datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        people=PEOPLE,
        days=DAYS,
        quick=plan is QUICK,
    )
    keys = new_keys()
    async with own_postgres() as postgres:
        seam = PinnedSeam(MONDAY)
        database = Database(postgres.app_url, keyring=keyring_of(keys), seam=seam, pool_size=1)
        try:
            practice = await make_practice(database)
            others = [
                await make_practice(database, number=number, people_count=OTHERS_PEOPLE)
                for number in range(1, OTHERS + 1)
            ]
            rows = Rows(_superuser(postgres), practice, others)
            await asyncio.to_thread(rows.fill_ahead)
            for size in plan.sizes:
                await asyncio.to_thread(rows.grow_to, size)
                say(f"free times among {rows.count:,} appointments")
                report.searches.append(
                    Search(
                        appointments=rows.count,
                        milliseconds=await _time_searches(database, practice, plan.searches),
                    )
                )
            booked = _Booking(postgres, keys, await make_practice(database, number=OTHERS + 1))
        finally:
            await database.aclose()
        for connections in (1, 2):
            say(f"{plan.throughput:,} bookings on {connections} connections")
            done = await booked.run(plan.throughput, connections=connections)
            report.throughput.append(
                Throughput(connections=connections, bookings=done.bookings, seconds=done.seconds)
            )
        say(f"memory over {plan.bookings:,} bookings")
        done = await booked.run(plan.bookings, connections=2, every=plan.every)
        report.memory = Memory(every=plan.every, resident=done.resident)
    return report


async def _time_searches(database: Database, practice: Practice, count: int) -> list[float]:
    """Whole transactions, as a tool or a request runs them; every search begins on another day."""
    taken = []
    for number in range(_WARM_UP + count):
        first_day = MONDAY.date() + timedelta(days=number % 5)
        began = time.perf_counter()
        async with database.scope(business_id=practice.business_id) as scope:
            found = await find_times(
                scope,
                service_id=practice.service_id,
                first_day=first_day,
                last_day=first_day + timedelta(days=DAYS - 1),
            )
        taken.append((time.perf_counter() - began) * 1000)
        if not found.times:
            raise RuntimeError(f"no free time was found: {found.why_none}")
    return taken[_WARM_UP:]


class _Booking:
    """Bookings of one practice, by child processes one after the other, at times that are all free."""

    def __init__(
        self, postgres: EmbeddedPostgres, keys: tuple[str, str], practice: Practice
    ) -> None:
        self._postgres = postgres
        self._keys = keys
        self._practice = practice
        self._first = MONDAY

    async def run(self, bookings: int, *, connections: int, every: int = 0) -> Done:
        practice = self._practice
        task = Task(
            url=self._postgres.app_url,
            keys=self._keys,
            business_id=str(practice.business_id),
            service_id=str(practice.service_id),
            contact_id=str(practice.contact_id),
            person_ids=tuple(str(one) for one in practice.person_ids),
            first=self._first.isoformat(),
            bookings=bookings,
            every=every or bookings,
            connections=connections,
        )
        done = await run_child(task)
        # Whole days further: every run needs times that are free and ids that are new.
        self._first += timedelta(days=bookings // PEOPLE // 16 + 1)
        return done


def _superuser(postgres: EmbeddedPostgres) -> str:
    url = make_url(postgres.superuser_url).set(database=DATABASE)
    return url.render_as_string(hide_password=False)


def write(report: SchedulingReport) -> None:
    """Put the figures into RESULTS.md, in place of those that stand there."""
    write_section(HEADING, render(report), path=RESULTS)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.scheduling", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer rows; RESULTS.md stays")
    quick = parser.parse_args().quick
    try:
        report = asyncio.run(measure_scheduling(QUICK if quick else FULL, say=say))
    except PartFailed as error:
        say(f"bench: {error}")
        return 2
    say("\n" + "\n".join(render(report)))
    if not quick:
        write(report)
    for line in report.broken:
        print(f"bench: NOT KEPT: {line}", file=sys.stderr)
    return 1 if report.broken else 0


if __name__ == "__main__":
    sys.exit(main())
