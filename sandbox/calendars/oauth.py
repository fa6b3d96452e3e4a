"""An OAuth 2 authority: consent, codes with PKCE, access tokens that end, refresh tokens that may rotate.

Source: RFC 6749 sections 4.1, 4.4, 5 and 6; RFC 7636 section 4.6.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

_LONGEST_SCOPE = 2000


@dataclass
class Authority:
    """Who is signed in at one vendor. Any client id is known; its secret must be `secret`."""

    rotates: bool
    """Whether a refresh token is good for one renewal, as RFC 6749 section 6 allows and Microsoft may do
    (Google does not)."""
    secret: str = "sandbox-secret"
    expires_in: int = 3599
    refuses: str | None = None
    """An error that every renewal ends with, `invalid_grant` after the owner took the permission back."""
    withholds: str = ""
    """A scope that the owner does not tick."""
    renewals: int = 0
    _codes: dict[str, dict[str, str]] = field(default_factory=dict)
    _refresh: dict[str, str] = field(default_factory=dict)
    _access: set[str] = field(default_factory=set)

    def sign_in(self, scope: str = "calendar") -> dict[str, Any]:
        """The answer of the token endpoint to a new sign-in."""
        return self._answer(scope, self._new_refresh(scope))

    def expire_access_tokens(self) -> None:
        self._access.clear()

    def forget(self) -> None:
        """As when the owner takes the permission back: nobody is signed in any more."""
        self._access.clear()
        self._refresh.clear()
        self._codes.clear()

    def lets_in(self, request: web.Request) -> bool:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        return scheme == "Bearer" and token in self._access

    def consent(self, request: web.Request) -> web.Response:
        """The consent page, whose owner agrees at once; `error=access_denied` with `sandbox_deny`."""
        query = request.query
        for name in ("client_id", "redirect_uri", "state", "code_challenge", "scope"):
            if not query.get(name):
                return web.Response(status=400, text=f"missing parameter: {name}")
        if query.get("response_type") != "code" or query.get("code_challenge_method") != "S256":
            return web.Response(status=400, text="unsupported response_type or challenge method")
        back = {"state": query["state"]}
        if "sandbox_deny" in query:
            back["error"] = "access_denied"
        else:
            code = secrets.token_urlsafe(24)
            self._codes[code] = {
                "client_id": query["client_id"],
                "redirect_uri": query["redirect_uri"],
                "challenge": query["code_challenge"],
                "scope": query["scope"][:_LONGEST_SCOPE],
            }
            back["code"] = code
        joint = "&" if "?" in query["redirect_uri"] else "?"
        raise web.HTTPFound(f"{query['redirect_uri']}{joint}{urlencode(back)}")

    async def token(self, request: web.Request) -> web.Response:
        """The token endpoint."""
        form = {name: str(value) for name, value in (await request.post()).items()}
        if not form.get("client_id") or form.get("client_secret") != self.secret:
            return _error("invalid_client", 401)
        grant = form.get("grant_type")
        if grant == "authorization_code":
            return self._redeem(form)
        if grant == "refresh_token":
            return self._refreshed(form)
        if grant == "client_credentials":
            self.renewals += 1
            if self.refuses:
                return _error(self.refuses, 400)
            return web.json_response(self._answer(form.get("scope", "system/*.*"), None))
        return _error("unsupported_grant_type", 400)

    def _redeem(self, form: dict[str, str]) -> web.Response:
        # A code is good once, whatever comes of it.
        asked = self._codes.pop(form.get("code", ""), None)
        if asked is None or form.get("redirect_uri") != asked["redirect_uri"]:
            return _error("invalid_grant", 400)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if challenge != asked["challenge"] or form["client_id"] != asked["client_id"]:
            return _error("invalid_grant", 400)
        ticked = [part for part in asked["scope"].split() if part != self.withholds]
        return web.json_response(self.sign_in(" ".join(ticked)))

    def _refreshed(self, form: dict[str, str]) -> web.Response:
        self.renewals += 1
        given = form.get("refresh_token", "")
        scope = self._refresh.get(given)
        if self.refuses:
            return _error(self.refuses, 400)
        if scope is None:
            return _error("invalid_grant", 400)
        if not self.rotates:
            return web.json_response(self._answer(scope, None))
        del self._refresh[given]
        return web.json_response(self._answer(scope, self._new_refresh(scope)))

    def _new_refresh(self, scope: str) -> str:
        token = f"1//{secrets.token_urlsafe(40)}"
        self._refresh[token] = scope
        return token

    def _answer(self, scope: str, refresh: str | None) -> dict[str, Any]:
        access = f"ya29.{secrets.token_urlsafe(40)}"
        self._access.add(access)
        answer: dict[str, Any] = {
            "access_token": access,
            "expires_in": self.expires_in,
            "scope": scope,
            "token_type": "Bearer",
        }
        return {**answer, "refresh_token": refresh} if refresh else answer


def _error(code: str, status: int) -> web.Response:
    body = {"error": code, "error_description": "sandbox: the request was not granted"}
    return web.json_response(body, status=status)
