"""Signing in to Google's and Microsoft's calendars: the address of the consent, and where it comes back.

Nothing is kept between the two: all that the callback has to know travels in `state`, encrypted and
authenticated with the installation's keys. It is good for a quarter of an hour, for one calendar, and for
the one code that the vendor gives for it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape
from typing import Annotated, Any, Final, cast, get_args
from uuid import UUID

from litestar import Request, Response, Router, get, post
from litestar.params import FromQuery, JSONBody, QueryParameter
from pydantic import Field

from admin.authentication import PUBLIC, Transaction, needs
from admin.models import Body, Instant, View
from admin.problems import WRITES
from connectors.oauth import Kind, authorization_url, provider, redeem
from domain.accounts.principal import Principal
from domain.calendars import operations as calendars
from domain.calendars.port import CalendarAway, CalendarError
from domain.database import Actor, Database
from domain.encryption import current_keyring
from domain.errors import DomainError, Invalid, Refused

CALLBACK: Final = "/oauth/calendars/callback"
"""Register it at the vendor, below the address under which the admin service is reached."""
LASTS: Final = timedelta(minutes=15)
_PURPOSE: Final = "calendar-sign-in"
_HEADERS: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex",
}


class SignInStart(Body):
    """The calendar to sign in to: of kind google or microsoft, connected before."""

    calendar_id: UUID


class SignInAddress(View):
    """Where its owner signs in and agrees. Whoever opens the address connects a calendar of theirs: send
    it to nobody else."""

    url: str = Field(examples=["https://accounts.google.com/o/oauth2/v2/auth?…"])
    expires_at: Instant


@dataclass(frozen=True, kw_only=True)
class _State:
    business_id: UUID
    person_id: UUID
    calendar_id: UUID
    kind: Kind
    actor: Actor
    redirect_uri: str
    verifier: str
    expires_at: datetime


@post("/start", guards=[needs("manager")], responses=WRITES, status_code=200, summary="Sign in")
async def start_sign_in(
    request: Request[Principal, Any, Any], transaction: Transaction, data: JSONBody[SignInStart]
) -> SignInAddress:
    """The address at which somebody lets us into a Google or Microsoft calendar."""
    calendar = await calendars.get(transaction, calendar_id=data.calendar_id)
    if calendar.kind not in get_args(Kind):
        raise Invalid("calendar_id", "is a calendar that nobody signs in to at its vendor")
    kind = cast(Kind, calendar.kind)
    try:
        vendor = provider(kind, request.app.state.environment)
    except CalendarAway as error:
        raise Refused(str(error)) from None
    state = _State(
        business_id=transaction.business_id,
        person_id=calendar.person_id,
        calendar_id=calendar.id,
        kind=kind,
        actor=transaction.actor,
        redirect_uri=str(request.base_url).rstrip("/") + CALLBACK,
        verifier=transaction.seam.token(32),
        expires_at=transaction.seam.now() + LASTS,
    )
    url = authorization_url(
        vendor,
        redirect_uri=state.redirect_uri,
        state=_sealed(state),
        verifier=state.verifier,
    )
    return SignInAddress(url=url, expires_at=state.expires_at)


@get(CALLBACK, opt=PUBLIC, include_in_schema=False)
async def finish_sign_in(
    request: Request[Any, Any, Any],
    # `state` alone is the application's own state to Litestar.
    in_state: Annotated[str, QueryParameter(name="state")] = "",
    code: FromQuery[str] = "",
    error: FromQuery[str] = "",
) -> Response[str]:
    """Where the vendor sends the owner's browser back to (RFC 6749 section 4.1.2)."""
    database: Database = request.app.state.database
    state = _opened(in_state, now=database.seam.now())
    if state is None:
        return _page(400, "This sign-in is too old, or not one of ours. Please start it again.")
    if error or not code:
        return _page(400, "The calendar was not connected, because it was not allowed.")
    try:
        tokens = await redeem(
            provider(state.kind, request.app.state.environment),
            code=code,
            verifier=state.verifier,
            redirect_uri=state.redirect_uri,
            now=database.seam.now,
        )
        async with database.scope(business_id=state.business_id, actor=state.actor) as scope:
            calendar = await calendars.get(scope, calendar_id=state.calendar_id, lock=True)
            if (calendar.kind, calendar.person_id) != (state.kind, state.person_id):
                return _page(400, "The calendar was changed meanwhile. Please start again.")
            await calendars.sign_in(scope, calendar_id=state.calendar_id, tokens=tokens)
    except CalendarAway as away:
        return _page(503, f"The calendar was not connected: {away}.")
    except (CalendarError, DomainError) as refused:
        return _page(400, f"The calendar was not connected: {refused}.")
    return _page(200, "The calendar is connected. You can close this page.")


def _sealed(state: _State) -> str:
    content = {
        "purpose": _PURPOSE,
        "business_id": str(state.business_id),
        "person_id": str(state.person_id),
        "calendar_id": str(state.calendar_id),
        "kind": state.kind,
        "actor": [state.actor.kind, state.actor.id],
        "redirect_uri": state.redirect_uri,
        "verifier": state.verifier,
        "expires_at": state.expires_at.isoformat(),
    }
    return current_keyring().encrypt(json.dumps(content).encode()).decode()


def _opened(text: str, *, now: datetime) -> _State | None:
    """None for one that is not ours, was made for something else, or is too old."""
    try:
        content = json.loads(current_keyring().decrypt(text.encode()))
        if content["purpose"] != _PURPOSE:
            return None
        state = _State(
            business_id=UUID(content["business_id"]),
            person_id=UUID(content["person_id"]),
            calendar_id=UUID(content["calendar_id"]),
            kind=content["kind"],
            actor=Actor(kind=content["actor"][0], id=content["actor"][1]),
            redirect_uri=content["redirect_uri"],
            verifier=content["verifier"],
            expires_at=datetime.fromisoformat(content["expires_at"]),
        )
    # Other things are sealed with the same keys: lists, numbers, texts.
    except (ValueError, KeyError, TypeError, IndexError):
        return None
    return state if now < state.expires_at else None


def _page(status: int, words: str) -> Response[str]:
    text = (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Reception</title>'
        '<meta name="viewport" content="width=device-width">'
        "<style>body{font:1.1rem system-ui;margin:4rem auto;max-width:32rem;padding:0 1rem}</style>"
        f"<p>{escape(words)}</p></html>"
    )
    return Response(text, status_code=status, media_type="text/html", headers=dict(_HEADERS))


router = Router(path="/calendars/oauth", tags=["calendars"], route_handlers=[start_sign_in])
