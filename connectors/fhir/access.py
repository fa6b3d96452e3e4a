"""How a practice system is reached: its address, the schedule that is somebody's, and the sign-in.

`access` holds `base_url` (the service's root, `…/fhir`), `schedule` (`Schedule/…`), `actor` (the person:
`Practitioner/…` or `PractitionerRole/…`), optionally `location` (`Location/…`), and either `token` (a bearer
token) or `client_id`, `client_secret` and `token_url`, optionally `scope` (OAuth 2 client credentials, RFC 6749
section 4.4). With `private`, http and addresses of the operator's own network are fine. SMART Backend Services' signed assertions (private_key_jwt) are not spoken.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from connectors.calendars import Keep, Now
from connectors.network import open_client
from connectors.oauth import Tokens
from connectors.rest import Bearer, FixedBearer
from domain.environment import Environment
from domain.errors import Invalid, Refused

NAME: Final = "the practice system"
_LITERAL = {
    "schedule": re.compile(r"Schedule/[A-Za-z0-9\-.]{1,64}"),
    "actor": re.compile(r"(Practitioner|PractitionerRole)/[A-Za-z0-9\-.]{1,64}"),
    "location": re.compile(r"Location/[A-Za-z0-9\-.]{1,64}"),
}
"""References to resources (https://hl7.org/fhir/R4/references.html#literal)."""


def enabled(environment: Environment | None = None) -> bool:
    """Whether this installation lets businesses connect practice systems: they choose the address, and it
    may lie in the operator's own network."""
    return (environment or Environment()).reception_fhir == "on"


def check_access(access: Mapping[str, Any]) -> None:
    """Raises Invalid naming the field, Refused where the operator has not switched it on."""
    secure = not access.get("private")
    _check_url(access, "base_url", secure=secure)
    for field, form in _LITERAL.items():
        value = access.get(field)
        if field == "location" and value is None:
            continue
        if not isinstance(value, str) or not form.fullmatch(value):
            raise Invalid(f"access.{field}", f"must be a reference like {field.title()}/123")
    if access.get("token"):
        if not isinstance(access["token"], str):
            raise Invalid("access.token", "must be a text")
    else:
        for field in ("client_id", "client_secret"):
            if not isinstance(access.get(field), str) or not access[field]:
                raise Invalid(f"access.{field}", "is needed where there is no token")
        _check_url(access, "token_url", secure=secure)
    if not enabled():
        raise Refused("practice systems are off on this installation (RECEPTION_FHIR)")


def _check_url(access: Mapping[str, Any], field: str, *, secure: bool) -> None:
    value = access.get(field)
    try:
        url = urlsplit(value) if isinstance(value, str) else None
        host = url.hostname if url else None
        _ = url.port if url else None
    except ValueError:
        raise Invalid(f"access.{field}", "is not an address") from None
    if url is None or not host or url.scheme not in ("http", "https"):
        raise Invalid(f"access.{field}", "must be an address that begins with https://")
    if secure and url.scheme != "https":
        raise Invalid(f"access.{field}", "must begin with https:// unless it is private")
    if url.username or url.password or url.query or url.fragment:
        raise Invalid(f"access.{field}", "must hold no password, query or fragment")


def bearer_of(access: Mapping[str, Any], *, keep: Keep, now: Now) -> Bearer:
    """The token source that a checked `access` describes."""
    if access.get("token"):
        return FixedBearer(NAME, str(access["token"]))

    def form(held: Mapping[str, Any]) -> dict[str, str]:
        fields = {
            "grant_type": "client_credentials",
            "client_id": str(held["client_id"]),
            "client_secret": str(held["client_secret"]),
        }
        return {**fields, "scope": str(held["scope"])} if held.get("scope") else fields

    return Tokens(
        vendor=NAME,
        token_url=str(access["token_url"]),
        access=access,
        form=form,
        keep=keep,
        now=now,
        client=open_client(private=bool(access.get("private")), follow_redirects=False),
    )
