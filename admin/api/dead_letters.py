"""Background jobs that failed for good, and what becomes of them."""

from __future__ import annotations

from typing import Annotated

from litestar import Router, delete, get, post
from litestar.di import Provide
from litestar.params import PathParameter, QueryParameter
from pydantic import Field

from admin.authentication import Transaction, needs, provide_key_scope
from admin.models import Instant, View
from admin.pages import Cursor, Limit, Page, numbers_cursor, page, read_numbers
from admin.problems import READS, WRITES
from domain.jobs import dead_letters
from domain.jobs.dead_letters import State

# Larger integers are not the same number to every reader of JSON (RFC 8259 section 6).
JobId = Annotated[int, PathParameter(ge=1, le=2**53 - 1)]

# A cursor's numbers have 31 bits, and a queue that is busy for years counts further.
_HALF = 2**31


class DeadLetter(View):
    """A job that failed as often as it may be tried."""

    id: int = Field(description="The job's number, as in the log of the jobs process.")
    task: str = Field(examples=["sync_calendar"])
    arguments: dict[str, str] = Field(
        description="The ids that the job was given.",
        examples=[{"calendar_id": "01a20959-a680-7000-8000-000000000001"}],
    )
    tries: int = Field(examples=[5])
    error: str = Field(
        description="The kind of failure; never its text, which may hold private data.",
        examples=["TimeoutError"],
    )
    failed_at: Instant | None
    state: State
    given_up_at: Instant | None


@get("/", guards=[needs("manager")], responses=READS, summary="List dead letters")
async def list_dead_letters(
    transaction: Transaction,
    in_state: Annotated[State, QueryParameter(name="state")] = "failed",
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[DeadLetter]:
    """Jobs of the business that failed for good, the newest first. An operator who names no business
    sees those that serve none."""
    ended = read_numbers("dead letters", cursor, count=2)
    rows = await dead_letters.list_dead_letters(
        transaction,
        limit=limit + 1,
        after=None if ended is None else ended[0] * _HALF + ended[1],
        state=in_state,
    )
    return page(
        rows,
        limit,
        view=DeadLetter.model_validate,
        cursor=lambda row: numbers_cursor("dead letters", *divmod(row.id, _HALF)),
    )


@post(
    "/{job_id:int}/retry",
    status_code=202,
    guards=[needs("manager")],
    responses=WRITES,
    summary="Retry a dead letter",
)
async def retry_dead_letter(transaction: Transaction, job_id: JobId) -> DeadLetter:
    """Queue the job again, with all its tries; answers with what it was. 409 when the same work is
    queued already."""
    return DeadLetter.model_validate(await dead_letters.retry(transaction, job_id=job_id))


@delete(
    "/{job_id:int}", guards=[needs("manager")], responses=WRITES, summary="Give up a dead letter"
)
async def give_up_dead_letter(transaction: Transaction, job_id: JobId) -> None:
    """Settle that the job will not be done. It stays in the list of the state `given_up` for 30 days."""
    await dead_letters.give_up(transaction, job_id=job_id)


router = Router(
    path="/dead-letters",
    tags=["dead letters"],
    dependencies={"transaction": Provide(provide_key_scope)},
    route_handlers=[list_dead_letters, retry_dead_letter, give_up_dead_letter],
)
