"""OAuth 2 for outside calendars: authorization code with PKCE, and access tokens kept fresh.

Sources: RFC 6749 (sections 4.1, 5.2, 6), RFC 7636; https://developers.google.com/identity/protocols/oauth2/web-server;
https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow.

The vendors' addresses and our client's secret come from the operator's environment alone: what a business
stores in a calendar's `access` can't send them anywhere else.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, Literal
from urllib.parse import urlencode

import httpx
from authlib.oauth2.rfc7636 import create_s256_code_challenge

from connectors.calendars import Keep, Now
from connectors.rest import Answer, Judge, Rest, error_of, exchange, new_client
from domain.calendars.port import CalendarAway, CalendarError, SignInNeeded
from domain.environment import Environment

Kind = Literal["google", "microsoft"]
MARGIN: Final = timedelta(minutes=2)
"""A token is renewed so long before its end: clocks differ, and a reading takes several requests."""

_OVER: Final = frozenset(
    {"invalid_grant", "interaction_required", "consent_required", "login_required", "access_denied"}
)
"""Errors that only a person who signs in again can mend (RFC 6749 section 5.2; the others are
Microsoft's)."""


@dataclass(frozen=True, kw_only=True)
class Provider:
    """A vendor as an OAuth client sees it."""

    name: str
    authorize_url: str
    token_url: str
    api_url: str
    scope: str
    """Space-separated."""
    needs: str
    """The part of the scope without which there is no calendar: people may untick it."""
    extra: Mapping[str, str]
    """Parameters of the authorization request beside the standard ones."""
    client_id: str
    client_secret: str = field(repr=False)


def provider(kind: Kind, environment: Environment | None = None) -> Provider:
    """The vendor with this installation's client. Raises CalendarAway when the operator has set none."""
    environment = environment or Environment()
    found = _google(environment) if kind == "google" else _microsoft(environment)
    if not found.client_id or not found.client_secret:
        name = f"{kind.upper()}_CALENDAR_CLIENT_ID"
        raise CalendarAway(
            f"{found.name} is not set up on this installation: {name} and its secret"
        )
    return found


def _google(environment: Environment) -> Provider:
    base = environment.google_calendar_base_url.rstrip("/")
    return Provider(
        name="Google Calendar",
        authorize_url=f"{base or 'https://accounts.google.com'}/o/oauth2/v2/auth",
        token_url=f"{base or 'https://oauth2.googleapis.com'}/token",
        api_url=f"{base or 'https://www.googleapis.com'}/calendar/v3",
        scope="https://www.googleapis.com/auth/calendar.events",
        needs="https://www.googleapis.com/auth/calendar.events",
        # Without both there is no refresh token the second time somebody connects.
        extra={"access_type": "offline", "prompt": "consent"},
        client_id=environment.google_calendar_client_id,
        client_secret=environment.google_calendar_client_secret.get_secret_value(),
    )


def _microsoft(environment: Environment) -> Provider:
    base = environment.microsoft_calendar_base_url.rstrip("/")
    sign_in = f"{base or 'https://login.microsoftonline.com'}/common/oauth2/v2.0"
    return Provider(
        name="Microsoft 365",
        authorize_url=f"{sign_in}/authorize",
        token_url=f"{sign_in}/token",
        api_url=f"{base or 'https://graph.microsoft.com'}/v1.0",
        scope="offline_access https://graph.microsoft.com/Calendars.ReadWrite",
        needs="Calendars.ReadWrite",
        extra={"response_mode": "query", "prompt": "select_account"},
        client_id=environment.microsoft_calendar_client_id,
        client_secret=environment.microsoft_calendar_client_secret.get_secret_value(),
    )


def authorization_url(of: Provider, *, redirect_uri: str, state: str, verifier: str) -> str:
    """Where somebody signs in. `verifier` is 43 to 128 unreserved characters (RFC 7636 section 4.1)."""
    query = {
        "response_type": "code",
        "client_id": of.client_id,
        "redirect_uri": redirect_uri,
        "scope": of.scope,
        "state": state,
        "code_challenge": create_s256_code_challenge(verifier),
        "code_challenge_method": "S256",
        **of.extra,
    }
    return f"{of.authorize_url}?{urlencode(query)}"


async def redeem(
    of: Provider, *, code: str, verifier: str, redirect_uri: str, now: Now
) -> dict[str, Any]:
    """The `access` that a sign-in gives: refresh token, access token and its end. Raises SignInNeeded
    when the code is no good or the calendar was not allowed, CalendarAway when the vendor is."""
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "code_verifier": verifier,
        "redirect_uri": redirect_uri,
        "client_id": of.client_id,
        "client_secret": of.client_secret,
    }
    async with new_client() as client:
        body = await _ask(client, of.token_url, form, vendor=of.name, now=now)
    granted = str(body.get("scope", of.needs)).split()
    # Microsoft may leave its prefix away.
    if not any(scope.endswith(of.needs) for scope in granted):
        raise SignInNeeded(f"{of.name}: the calendar was not ticked in the consent")
    if not body.get("refresh_token"):
        raise SignInNeeded(f"{of.name} gave no lasting permission")
    return _kept({}, body, now=now)


class Tokens:
    """Access tokens of one calendar, renewed before their end and when the other side refuses one.

    One renewal runs at a time and outlives whoever waits for it: vendors may rotate the refresh token,
    and one that is received but not stored means signing in again. Two processes must not work on one
    calendar at once for the same reason.
    """

    def __init__(
        self,
        *,
        vendor: str,
        token_url: str,
        access: Mapping[str, Any],
        form: Callable[[Mapping[str, Any]], dict[str, str]],
        keep: Keep,
        now: Now,
        client: httpx.AsyncClient | None = None,
    ) -> None:
        self._vendor, self._token_url, self._form = vendor, token_url, form
        self._access = dict(access)
        self._keep, self._now = keep, now
        self._client = client or new_client()
        self._renewing: asyncio.Task[None] | None = None
        self._unkept = False

    async def token(self, *, refused: str | None = None) -> str:
        if self._unkept or self._stale(refused):
            if self._renewing is None or self._renewing.done():
                self._renewing = asyncio.create_task(self._renew(refused))
            # Shielded: a caller that gives up must not lose what the vendor has already handed out.
            await asyncio.shield(self._renewing)
        return str(self._access["access_token"])

    async def aclose(self) -> None:
        if self._renewing is not None:
            with contextlib.suppress(CalendarError):
                await self._renewing
        await self._client.aclose()

    def _stale(self, refused: str | None) -> bool:
        token, ends = self._access.get("access_token"), self._access.get("expires_at")
        if not isinstance(token, str) or not token or token == refused:
            return True
        try:
            return datetime.fromisoformat(str(ends)) - MARGIN <= self._now()
        except (ValueError, TypeError):
            return True

    async def _renew(self, refused: str | None) -> None:
        if self._stale(refused):
            form = self._form(self._access)
            body = await _ask(
                self._client, self._token_url, form, vendor=self._vendor, now=self._now
            )
            self._access = _kept(self._access, body, now=self._now)
            self._unkept = True
        try:
            await self._keep(dict(self._access))
        except Exception:
            # Kept in memory, and stored before the next use.
            raise CalendarAway(f"the renewed sign-in at {self._vendor} was not stored") from None
        self._unkept = False


def signed_in(
    kind: Kind,
    access: Mapping[str, Any],
    *,
    keep: Keep,
    now: Now,
    judge: Judge,
    headers: Mapping[str, str] | None = None,
) -> Rest:
    """The vendor's API, with what a sign-in gave (`refresh_token`, `access_token`, `expires_at`); `judge`
    and `headers` as `Rest` takes them. Raises CalendarAway where the operator has not
    set the vendor up."""
    of = provider(kind)
    tokens = Tokens(
        vendor=of.name,
        token_url=of.token_url,
        access=access,
        form=refresh_form(of),
        keep=keep,
        now=now,
    )
    return Rest(
        vendor=of.name,
        base_url=of.api_url,
        client=new_client(),
        bearer=tokens,
        now=now,
        headers=headers,
        judge=judge,
    )


def refresh_form(of: Provider) -> Callable[[Mapping[str, Any]], dict[str, str]]:
    """The token request that renews with a refresh token (RFC 6749 section 6)."""

    def form(access: Mapping[str, Any]) -> dict[str, str]:
        refresh_token = access.get("refresh_token")
        if not isinstance(refresh_token, str) or not refresh_token:
            raise SignInNeeded(f"nobody has signed in to {of.name} yet")
        return {
            "grant_type": "refresh_token",
            "refresh_token": refresh_token,
            "client_id": of.client_id,
            "client_secret": of.client_secret,
        }

    return form


def _kept(access: Mapping[str, Any], body: dict[str, Any], *, now: Now) -> dict[str, Any]:
    try:
        seconds = float(body.get("expires_in", 0))
        ends = now() + timedelta(seconds=seconds)
    except (TypeError, ValueError, OverflowError):
        ends = now()
    changed = {"access_token": str(body["access_token"]), "expires_at": ends.isoformat()}
    if body.get("refresh_token"):
        changed["refresh_token"] = str(body["refresh_token"])
    return {**access, **changed}


async def _ask(
    client: httpx.AsyncClient,
    token_url: str,
    form: dict[str, str],
    *,
    vendor: str,
    now: Now,
) -> dict[str, Any]:
    """A token endpoint's answer. Raises CalendarError."""
    request = client.build_request(
        "POST", token_url, data=form, headers={"Accept": "application/json"}
    )
    answer = await exchange(client, request, vendor=vendor)
    body = answer.body if isinstance(answer.body, dict) else {}
    if answer.status == 200 and body.get("access_token"):
        return body
    raise _refusal(vendor, answer, str(body.get("error", "")), now=now)


def _refusal(vendor: str, answer: Answer, error: str, *, now: Now) -> CalendarError:
    if error in _OVER:
        return SignInNeeded(f"{vendor} does not accept the sign-in any more")
    if error in ("invalid_client", "unauthorized_client"):
        # The operator's affair: no business can mend it by signing in.
        return CalendarAway(f"{vendor} does not accept this installation's client id or secret")
    judged = error_of(vendor, answer, now=now())
    if isinstance(judged, CalendarAway):
        return judged
    return CalendarAway(f"{vendor} gave no token (HTTP {answer.status})")
