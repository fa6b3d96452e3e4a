"""Outside calendars of the people: connecting them, and how they are."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Literal
from uuid import UUID

from litestar import Request, Router, delete, get, patch, post
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, FromQuery, JSONBody
from pydantic import Field

from admin.authentication import Transaction, actor_of, needs, provide_business_id
from admin.models import Body, Instant, View
from admin.pages import Cursor, Limit, Page, id_cursor, page, read_id
from admin.problems import READS, WRITES
from connectors import disconnection, fhir, sync
from connectors.caldav import discovery
from connectors.network import check_url
from domain.accounts.principal import Principal
from domain.calendars import health, operations as calendars
from domain.calendars.models import Calendar as CalendarRow
from domain.calendars.port import CalendarAway, CalendarError, SignInNeeded
from domain.database import Database, Scope
from domain.environment import Environment
from domain.errors import Invalid

LONGEST_SYNC = 60
"""Seconds a request waits for a sync; the background goes on with what is left."""

Kind = Literal["caldav", "google", "microsoft", "ics", "fhir"]
Direction = Literal["both", "in", "out"]
State = Literal["new", "connected", "failing", "sign_in_needed", "off"]
BusinessId = NamedDependency[UUID]

_WITHOUT_TRANSACTION = {"business_id": Provide(provide_business_id)}
"""For what asks the network: no transaction stays open meanwhile."""


class Calendar(View):
    """A calendar elsewhere that is kept in step. What opens it is never shown again."""

    id: UUID
    person_id: UUID
    kind: Kind
    name: str = Field(examples=["Dr. Chen's calendar"])
    direction: Direction = Field(
        description="in: its events block times; out: appointments are written into it; or both."
    )
    show_names: bool = Field(
        description="Whether entries name who comes, by first name; else the service alone."
    )
    state: State
    error: str = Field(description="Why it fails, in words; empty when it does not.")
    failing_since: Instant | None
    imported_at: Instant | None = Field(description="When its events were last read to the end.")
    next_at: Instant = Field(description="Not before this is it asked again.")
    waiting: int = Field(description="Changes of appointments that it has not been told yet.")
    refused: int = Field(description="Those among them that it would not take so far.")
    conflicts: int = Field(description="Entries that somebody moved or removed there.")
    unreadable: int = Field(description="Its events that make no sense, and block nothing.")
    created_at: Instant


class CalendarAccess(Body):
    """What opens a calendar. CalDAV: url, user, password. ICS: url, and user and password if it asks
    for them. Google and Microsoft: nothing (sign in afterwards), or a refresh_token; calendar_id for
    another than the main one. FHIR: base_url, schedule, actor, and token or client_id, client_secret
    and token_url."""

    url: str | None = Field(
        None, max_length=2000, examples=["https://cloud.example.com/dav/calendars/chen/practice/"]
    )
    user: str | None = Field(None, max_length=254)
    password: str | None = Field(None, max_length=1000)
    calendar_id: str | None = Field(None, max_length=1000)
    refresh_token: str | None = Field(None, max_length=4000)
    base_url: str | None = Field(None, max_length=2000)
    schedule: str | None = Field(None, max_length=200, examples=["Schedule/17"])
    actor: str | None = Field(None, max_length=200, examples=["Practitioner/4"])
    location: str | None = Field(None, max_length=200)
    token: str | None = Field(None, max_length=4000)
    token_url: str | None = Field(None, max_length=2000)
    client_id: str | None = Field(None, max_length=1000)
    client_secret: str | None = Field(None, max_length=4000)
    scope: str | None = Field(None, max_length=1000)


class NewCalendar(Body):
    """A calendar to connect."""

    person_id: UUID
    kind: Kind
    name: str = Field(min_length=1, max_length=calendars.LONGEST_NAME, examples=["Dr. Chen's"])
    direction: Direction = "both"
    access: CalendarAccess
    show_names: bool = False


class CalendarChange(Body):
    """What to change; what is absent or null stays. With `access` it is tried again at once."""

    name: str | None = Field(None, min_length=1, max_length=calendars.LONGEST_NAME)
    direction: Direction | None = None
    access: CalendarAccess | None = None
    show_names: bool | None = None
    active: bool | None = Field(None, description="False: it blocks nothing and is not written to.")


class CalendarServer(Body):
    """A CalDAV server on which to look for calendars."""

    url: str = Field(min_length=1, max_length=2000, examples=["https://cloud.example.com"])
    user: str = Field(min_length=1, max_length=254)
    password: str = Field(min_length=1, max_length=1000)


class FoundCalendar(View):
    """A calendar that can be connected by its address."""

    url: str
    name: str
    writable: bool


class CalendarConflict(View):
    """An appointment to come that an outside calendar contradicts: people decide what gives way."""

    kind: Literal["overlap", "moved_outside", "removed_outside"]
    calendar_id: UUID
    person_id: UUID
    appointment_id: UUID
    starts_at: Instant
    ends_at: Instant
    busy_from: Instant | None = Field(
        description="For an overlap: when its person is busy outside."
    )
    busy_until: Instant | None


@get("/", responses=READS, summary="List calendars")
async def list_calendars(
    transaction: Transaction,
    person_id: FromQuery[UUID | None] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[Calendar]:
    """Calendars in the order they were connected, and how they are."""
    rows = await calendars.list_calendars(
        transaction, limit=limit + 1, after=read_id("calendars", cursor), person_id=person_id
    )
    views = await _views(transaction, rows)
    return page(
        rows,
        limit,
        view=lambda row: views[row.id],
        cursor=lambda row: id_cursor("calendars", row.id),
    )


@post("/", guards=[needs("manager")], responses=WRITES, summary="Connect a calendar")
async def create_calendar(
    request: Request[Principal, Any, Any], transaction: Transaction, data: JSONBody[NewCalendar]
) -> Calendar:
    """Keep a calendar in step with a person's appointments. It is read within seconds."""
    given = dict(data)
    access = given.pop("access").model_dump(exclude_none=True)
    private = _private(request)
    _check(data.kind, access, private=private)
    row = await calendars.connect(transaction, **given, access=access, private=private)
    return await _view(transaction, row)


@get("/conflicts", responses=READS, summary="List conflicts")
async def list_conflicts(transaction: Transaction, limit: Limit = 50) -> Page[CalendarConflict]:
    """Appointments to come that an outside calendar contradicts, the soonest first."""
    found = await health.conflicts(transaction, limit=limit)
    return Page(items=[CalendarConflict.model_validate(one) for one in found])


@post(
    "/discover",
    guards=[needs("manager")],
    responses=WRITES,
    status_code=200,
    summary="Find calendars on a server",
)
async def discover_calendars(
    request: Request[Principal, Any, Any], data: JSONBody[CalendarServer]
) -> Page[FoundCalendar]:
    """The calendars that a user has on a CalDAV server, by the server's address alone."""
    try:
        found = await discovery.discover(
            url=data.url,
            user=data.user,
            password=data.password,
            private=_private(request),
            now=_database(request).seam.now,
        )
    except SignInNeeded:
        raise Invalid("password", "is not accepted with this user") from None
    except CalendarAway as error:
        raise Invalid("url", f"is of a server that cannot be used now: {error}") from None
    except CalendarError as error:
        raise Invalid("url", f"is of no use: {error}") from None
    return Page(items=[FoundCalendar.model_validate(one) for one in found])


@get("/{calendar_id:uuid}", responses=READS, summary="Read a calendar")
async def get_calendar(transaction: Transaction, calendar_id: FromPath[UUID]) -> Calendar:
    """One calendar, and how it is."""
    return await _view(transaction, await calendars.get(transaction, calendar_id=calendar_id))


@patch(
    "/{calendar_id:uuid}", guards=[needs("manager")], responses=WRITES, summary="Change a calendar"
)
async def update_calendar(
    request: Request[Principal, Any, Any],
    transaction: Transaction,
    calendar_id: FromPath[UUID],
    data: JSONBody[CalendarChange],
) -> Calendar:
    """Change a calendar. Of `access` only what is given: a new password alone is enough."""
    given = dict(data)
    given.pop("access")
    access = None if data.access is None else data.access.model_dump(exclude_none=True)
    private = _private(request)
    if access is not None:
        row = await calendars.get(transaction, calendar_id=calendar_id)
        _check(row.kind, {**row.access, **access}, private=private or bool(row.access["private"]))
    row = await calendars.change(
        transaction, calendar_id=calendar_id, **given, access=access, private=private
    )
    return await _view(transaction, row)


@post(
    "/{calendar_id:uuid}/sync",
    guards=[needs("staff")],
    responses=WRITES,
    status_code=200,
    dependencies=_WITHOUT_TRANSACTION,
    summary="Synchronise a calendar now",
)
async def sync_calendar(
    request: Request[Principal, Any, Any], business_id: BusinessId, calendar_id: FromPath[UUID]
) -> Calendar:
    """Ask it at once, whenever it was due. What then is wrong with it stands in the answer."""
    database = _database(request)
    async with database.scope(business_id=business_id) as scope:
        await calendars.get(scope, calendar_id=calendar_id)
    with suppress(TimeoutError):
        async with asyncio.timeout(LONGEST_SYNC):
            await sync.sync_calendar(database, business_id=business_id, calendar_id=calendar_id)
    async with database.scope(business_id=business_id) as scope:
        return await _view(scope, await calendars.get(scope, calendar_id=calendar_id))


@delete(
    "/{calendar_id:uuid}",
    guards=[needs("manager")],
    responses=WRITES,
    dependencies=_WITHOUT_TRANSACTION,
    summary="Disconnect a calendar",
)
async def delete_calendar(
    request: Request[Principal, Any, Any],
    business_id: BusinessId,
    calendar_id: FromPath[UUID],
    leave_entries: FromQuery[bool] = False,
) -> None:
    """Take our entries of what is still to come out of it, then forget it. When they can't be removed
    that is a conflict, unless they are to be left there."""
    await disconnection.disconnect(
        _database(request),
        business_id=business_id,
        calendar_id=calendar_id,
        leave_entries=leave_entries,
        actor=actor_of(request.user),
    )


def _check(kind: str, access: Mapping[str, Any], *, private: bool) -> None:
    """Raises Invalid for an address that may not be asked from here."""
    if kind == "fhir":
        fhir.check_access({**access, "private": private})
    elif "url" in access:
        try:
            check_url(access["url"], private=private)
        except CalendarError as error:
            raise Invalid("access.url", f"is of no use: {error}") from None


def _private(request: Request[Principal, Any, Any]) -> bool:
    """Whether addresses in private networks may be named: by operators, and in development."""
    environment: Environment = request.app.state.environment
    return request.user.role == "operator" or not environment.production


def _database(request: Request[Any, Any, Any]) -> Database:
    database: Database = request.app.state.database
    return database


async def _view(transaction: Scope, row: CalendarRow) -> Calendar:
    return (await _views(transaction, [row]))[row.id]


async def _views(transaction: Scope, rows: Any) -> dict[UUID, Calendar]:
    found = await health.health(transaction, calendar_ids=[row.id for row in rows])
    counts = {one.calendar_id: one for one in found}
    return {
        row.id: Calendar(
            id=row.id,
            person_id=row.person_id,
            kind=row.kind,
            name=row.name,
            direction=row.direction,
            show_names=row.show_names,
            state=row.state,
            error=row.error,
            failing_since=row.failing_since,
            imported_at=row.imported_at,
            next_at=row.next_at,
            waiting=counts[row.id].waiting,
            refused=counts[row.id].refused,
            conflicts=counts[row.id].conflicts,
            unreadable=row.unreadable,
            created_at=row.created_at,
        )
        for row in rows
    }


router = Router(
    path="/calendars",
    tags=["calendars"],
    route_handlers=[
        list_calendars,
        create_calendar,
        list_conflicts,
        discover_calendars,
        get_calendar,
        update_calendar,
        sync_calendar,
        delete_calendar,
    ],
)
