"""Private feeds: a person's appointments to subscribe to in any calendar program."""

from __future__ import annotations

import hashlib
from typing import Any
from uuid import UUID

from litestar import Request, Response, Router, delete, get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, JSONBody
from pydantic import Field

from admin.authentication import PUBLIC, Transaction, needs
from admin.models import Body, Instant, View
from admin.problems import READS, WRITES
from domain.calendars import feeds
from domain.database import Database


class Feed(View):
    """That a person has a feed. Its address is shown once, when it is made."""

    person_id: UUID
    show_names: bool
    created_at: Instant


class NewFeed(Body):
    """A feed to open, or to give a new address."""

    show_names: bool = Field(False, description="Whether it names who comes, by first name.")


class FeedAddress(View):
    """A feed's address, which is all that opens it: it cannot be shown again."""

    person_id: UUID
    path: str = Field(examples=["/feeds/0f1e….ics"])
    url: str = Field(description="The path on the host that this request was sent to.")
    show_names: bool
    created_at: Instant


@get("/", responses=READS, summary="Read a person's feed")
async def get_feed(transaction: Transaction, person_id: FromPath[UUID]) -> Feed:
    """Whether the person has a feed, and since when at its present address."""
    return Feed.model_validate(await feeds.get(transaction, person_id=person_id))


@post("/", guards=[needs("manager")], responses=WRITES, summary="Open a feed anew")
async def rotate_feed(
    request: Request[Any, Any, Any],
    transaction: Transaction,
    person_id: FromPath[UUID],
    data: JSONBody[NewFeed],
) -> FeedAddress:
    """Give the person's feed a new address; one that it had before shows nothing any more."""
    row, token = await feeds.rotate(transaction, person_id=person_id, show_names=data.show_names)
    path = f"/feeds/{token}.ics"
    return FeedAddress(
        person_id=person_id,
        path=path,
        url=str(request.base_url).rstrip("/") + path,
        show_names=row.show_names,
        created_at=row.created_at,
    )


@delete("/", guards=[needs("manager")], responses=WRITES, summary="Close a feed")
async def delete_feed(transaction: Transaction, person_id: FromPath[UUID]) -> None:
    """Show nothing at the person's address any more."""
    await feeds.remove(transaction, person_id=person_id)


@get("/feeds/{name:str}", opt=PUBLIC, include_in_schema=False)
async def read_feed(request: Request[Any, Any, Any], name: FromPath[str]) -> Response[bytes]:
    """The feed whose token this is. Programs that subscribe send no key: the address is the key."""
    database: Database = request.app.state.database
    body = None
    if name.endswith(".ics"):
        body = await feeds.render(database, token=name.removesuffix(".ics"))
    if body is None:
        raise NotFoundException
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {
        "ETag": tag,
        "Cache-Control": "private, max-age=300",
        "X-Robots-Tag": "noindex",
        "Referrer-Policy": "no-referrer",
    }
    if tag in request.headers.get("If-None-Match", ""):
        return Response(b"", status_code=304, headers=headers, media_type="text/calendar")
    return Response(body, headers=headers, media_type="text/calendar")


router = Router(
    path="/people/{person_id:uuid}/feed",
    tags=["calendars"],
    route_handlers=[get_feed, rotate_feed, delete_feed],
)
