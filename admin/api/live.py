"""The live feed: calls as they happen, as server-sent events
(https://html.spec.whatwg.org/multipage/server-sent-events.html)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from typing import Annotated, Any, ClassVar, Literal
from uuid import UUID

import structlog
from litestar import Litestar, Request, Router, get
from litestar.di import NamedDependency, Provide
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import HeaderParameter, QueryParameter
from litestar.response import ServerSentEvent
from litestar.response.sse import ServerSentEventMessage
from litestar.types import ASGIApp, Message, Receive, Scope as ConnectionScope, Send
from pydantic import BaseModel, Field, RootModel
from sqlalchemy.exc import SQLAlchemyError

from admin.api.alerts import Alert
from admin.api.calls import Call, CallEvent, event_view, view_of
from admin.api.switches import Switch
from admin.authentication import provide_business_id
from admin.documentation import EVENT_STREAM
from admin.live import Live, Subscription
from admin.models import View
from admin.problems import READS
from domain.accounts import keys, sessions
from domain.accounts.principal import Principal
from domain.alerts import operations as alerts
from domain.calls import feed, log
from domain.calls.feed import FeedPosition
from domain.calls.models import Call as CallRow
from domain.contacts import operations as contacts
from domain.database import Database, Scope
from domain.logs import describe
from domain.switches import operations as switches

MOST_CALLS = 200
MOST_ALERTS = 100
RETRY_MILLISECONDS = 1000

logger = structlog.get_logger(__name__)


class LiveCall(Call):
    """A call in progress."""

    events: list[CallEvent] = Field(description="Everything that has happened on it, in order.")


class LiveCalls(RootModel[list[LiveCall]]):
    """Every call in progress, the newest first. What a page knew before is void."""


class LiveCallEvent(View):
    """Something happened on a call."""

    call: Call = Field(description="As it is now.")
    event: CallEvent


class OpenAlerts(RootModel[list[Alert]]):
    """Every open alert, the newest first. What a page knew before is void."""


def _carries(model: str) -> Any:
    """The schema of `data`, which is JSON in a string."""
    return Field(
        json_schema_extra={
            "contentMediaType": "application/json",
            "contentSchema": {"$ref": f"#/components/schemas/{model}"},
        }
    )


class _Message(BaseModel):
    id: str = Field("", description="Send the last one as Last-Event-ID to go on from there.")
    retry: int = Field(0, description="Milliseconds to wait before connecting anew.")


class CallsMessage(_Message):
    """The first message, unless the feed goes on from an id."""

    event: Literal["calls"]
    data: str = _carries("LiveCalls")


class CallEventMessage(_Message):
    event: Literal["call_event"]
    data: str = _carries("LiveCallEvent")


class SwitchesMessage(_Message):
    event: Literal["switches"]
    data: str = _carries("Switch")


class AlertsMessage(_Message):
    event: Literal["alerts"]
    data: str = _carries("OpenAlerts")


class LiveMessage(RootModel[CallsMessage | CallEventMessage | SwitchesMessage | AlertsMessage]):
    """A message of the feed."""

    CARRIED: ClassVar = (LiveCalls, LiveCallEvent, Switch, OpenAlerts)


@get(
    "/",
    responses={
        200: ResponseSpec(
            LiveMessage,
            media_type=EVENT_STREAM,
            description="Messages until the sign-in ends or the client leaves.",
            generate_examples=False,
        )
    }
    | READS,
    media_type=EVENT_STREAM,
    summary="Follow the calls as they happen",
)
async def follow_calls(
    request: Request[Principal, Any, Any],
    business_id: NamedDependency[UUID],
    last_event_id: Annotated[
        str | None,
        HeaderParameter(
            name="Last-Event-ID",
            description="The `id` of the last message received: nothing since then is missed or told twice. "
            "One that is unknown or older than ten minutes begins anew, with `calls`.",
        ),
    ] = None,
    seconds: Annotated[
        int | None,
        QueryParameter(
            ge=0,
            le=86400,
            description="How long it lasts at most; 0: what there is now, and the end.",
        ),
    ] = None,
) -> ServerSentEvent:
    """Begins with `calls`, `switches` and `alerts` (the open ones); then a `call_event` for each event of a
    call, and `switches` and `alerts` whenever they change. A comment every 15 seconds keeps the connection open."""
    reader = _Reader(request, business_id, last_event_id, seconds)
    return _Feed(reader.messages())


class _Feed(ServerSentEvent):
    """Cuts off who takes nothing: a laptop that was closed would hold its place for a quarter of an hour."""

    def __init__(self, messages: AsyncGenerator[ServerSentEventMessage, None]) -> None:
        super().__init__(messages, retry_duration=RETRY_MILLISECONDS)
        self._messages = messages

    def to_asgi_response(  # type: ignore[override]
        self, app: Litestar | None, request: Request[Any, Any, Any], **options: Any
    ) -> ASGIApp:
        respond = super().to_asgi_response(app, request, **options)
        live: Live = request.app.state.live

        async def respond_in_time(scope: ConnectionScope, receive: Receive, send: Send) -> None:
            async def send_in_time(message: Message) -> None:
                async with asyncio.timeout(live.slowest):
                    await send(message)

            try:
                await respond(scope, receive, send_in_time)
            except* TimeoutError:
                logger.info("live_feed_reader_cut_off")
            finally:
                # A generator that is left in the middle keeps its bell until it is collected.
                await self._messages.aclose()

        return respond_in_time


class _Reader:
    """One client's way through the feed, from its own position."""

    def __init__(
        self,
        request: Request[Principal, Any, Any],
        business_id: UUID,
        last_event_id: str | None,
        seconds: int | None,
    ) -> None:
        self._request = request
        self._database: Database = request.app.state.database
        self._live: Live = request.app.state.live
        self._business_id = business_id
        self._last_event_id = last_event_id
        self._seconds = seconds
        self._position: FeedPosition | None = None
        self._switch: switches.SwitchState | None = None
        self._alerts: OpenAlerts | None = None

    async def messages(self) -> AsyncGenerator[ServerSentEventMessage, None]:
        clock = asyncio.get_running_loop().time
        began = clock()
        ends = None if self._seconds is None else began + self._seconds
        check_at = began + self._live.keep_alive
        # The bell first: what happens while the first page is read rings it.
        with self._live.subscribe(self._business_id) as bell:
            while not bell.closed:
                found = await self._read()
                for message in found or []:
                    yield message
                if self._position is not None and self._position.reading:
                    continue
                if ends is not None and clock() >= ends:
                    return
                if clock() >= check_at:
                    if not await self._goes_on():
                        return
                    # The id alone: a client that was told nothing for long still knows where it is.
                    yield ServerSentEventMessage(data=None, comment="", id=self._id())
                    check_at = clock() + self._live.keep_alive
                await self._wait(bell, until=min(check_at, ends or check_at), failed=found is None)

    async def _wait(self, bell: Subscription, *, until: float, failed: bool) -> None:
        seconds = max(0.0, until - asyncio.get_running_loop().time())
        await bell.wait(min(seconds, self._live.retry) if failed else seconds)

    async def _read(self) -> list[ServerSentEventMessage] | None:
        """The next page. None when the database is away: the connection stays, for a browser gives up on
        a feed that answers 503, and goes on reading where it was."""
        try:
            async with self._database.scope(business_id=self._business_id) as scope:
                return await self._page(scope)
        except (SQLAlchemyError, OSError) as error:
            logger.warning("live_feed_not_read", **describe(error))
            return None

    async def _page(self, scope: Scope) -> list[ServerSentEventMessage]:
        before = self._position
        if before is None and self._last_event_id is not None:
            before = await feed.resume(scope, self._last_event_id)
        if before is None:
            position = await feed.present(scope)
            found = [_message("calls", await _calls(scope, position), position)]
        else:
            events, position = await feed.read(scope, before)
            views = await _views(
                scope,
                await log.by_ids(scope, call_ids={event.entry.call_id for event in events}),
            )
            found = [
                _message(
                    "call_event",
                    LiveCallEvent(call=views[event.entry.call_id], event=event_view(event.entry)),
                    event.position,
                )
                for event in events
            ]
        switch = await switches.read(scope)
        if switch != self._switch:
            found.append(_message("switches", Switch.model_validate(switch)))
        opened = await _open_alerts(scope)
        if opened != self._alerts:
            found.append(_message("alerts", opened))
        self._position, self._last_event_id = position, None
        self._switch, self._alerts = switch, opened
        return found

    def _id(self) -> str | None:
        return None if self._position is None else self._position.as_id()

    async def _goes_on(self) -> bool:
        """Whether this client may still read."""
        principal = self._request.user
        try:
            if principal.session_id is not None:
                return await sessions.is_open(self._database, session_id=principal.session_id)
            _, _, key = self._request.headers.get("authorization", "").partition(" ")
            found = await keys.authenticate(self._database, key=key.strip())
        except (SQLAlchemyError, OSError):
            return True
        return found is not None


async def _calls(scope: Scope, position: FeedPosition) -> LiveCalls:
    rows = await log.in_progress(scope, limit=MOST_CALLS)
    # As of the position: what came since is told as events.
    events = await feed.events_behind(scope, position, call_ids=[row.id for row in rows])
    rows = [row for row in rows if row.id in events]
    views = await _views(scope, rows)
    return LiveCalls(
        [
            LiveCall(
                **views[row.id].model_dump(), events=[event_view(one) for one in events[row.id]]
            )
            for row in rows
        ]
    )


async def _open_alerts(scope: Scope) -> OpenAlerts:
    rows = await alerts.list_alerts(scope, state="open", limit=MOST_ALERTS)
    return OpenAlerts([Alert.model_validate(row) for row in rows])


async def _views(scope: Scope, rows: Sequence[CallRow]) -> dict[UUID, Call]:
    names = await contacts.names(
        scope, contact_ids={row.contact_id for row in rows if row.contact_id is not None}
    )
    return {row.id: view_of(row, names) for row in rows}


def _message(
    event: str, data: BaseModel, position: FeedPosition | None = None
) -> ServerSentEventMessage:
    return ServerSentEventMessage(
        data=data.model_dump_json(),
        event=event,
        id=None if position is None else position.as_id(),
    )


router = Router(
    path="/live",
    tags=["live calls"],
    # Each page has a transaction of its own: one for the whole stream would never end.
    dependencies={"business_id": Provide(provide_business_id)},
    route_handlers=[follow_calls],
)
