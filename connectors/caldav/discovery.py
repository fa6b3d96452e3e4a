"""Finding a user's calendars from a server's address (RFC 6764, RFC 4791 section 6.2.1)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urljoin

from connectors.caldav.client import DavClient
from connectors.caldav.multistatus import CALDAV, DAV, Multistatus, Resource
from connectors.network import check_url
from domain.calendars.port import CalendarRefused

_PRINCIPAL = f"{DAV}current-user-principal"
_HOME = f"{CALDAV}calendar-home-set"
_COMPONENTS = f"{CALDAV}supported-calendar-component-set"
_PRIVILEGES = f"{DAV}current-user-privilege-set"
_ABOUT = (f"{DAV}resourcetype", f"{DAV}displayname", _COMPONENTS, _PRIVILEGES)
_NOT_THERE = (403, 404, 405, 410)


@dataclass(frozen=True, kw_only=True)
class FoundCalendar:
    """A calendar that can be connected by its `url`."""

    url: str
    name: str
    writable: bool


async def discover(
    *, url: str, user: str, password: str, private: bool, now: Callable[[], datetime]
) -> list[FoundCalendar]:
    """The calendars for events of `user`, by the address of the server, of the user or of one
    calendar. Raises CalendarError; CalendarRefused when there are none."""
    url = check_url(url, private=private)
    client = DavClient(url=url, user=user, password=password, private=private, now=now)
    try:
        for start in (url, urljoin(url, "/.well-known/caldav"), urljoin(url, "/")):
            calendars = await _from(client, start)
            if calendars:
                return calendars
        raise CalendarRefused("there is no calendar at its address")
    finally:
        await client.aclose()


async def _from(client: DavClient, url: str) -> list[FoundCalendar]:
    found = await client.propfind(
        url, depth=0, properties=[_PRINCIPAL, _HOME, *_ABOUT], accept=_NOT_THERE
    )
    here = _first(found)
    if here is None:
        return []
    if _is_calendar(here):
        return [_found(url, here)]
    home = here.href_in(_HOME)
    principal = here.href_in(_PRINCIPAL)
    if home is None and principal is not None:
        url = urljoin(url, principal)
        user = _first(await client.propfind(url, depth=0, properties=[_HOME], accept=_NOT_THERE))
        home = None if user is None else user.href_in(_HOME)
    listed = await client.propfind(
        urljoin(url, home or ""), depth=1, properties=_ABOUT, accept=_NOT_THERE
    )
    return [
        _found(urljoin(url, resource.href), resource)
        for resource in (listed.resources if listed else ())
        if _is_calendar(resource)
    ]


def _first(found: Multistatus | None) -> Resource | None:
    return found.resources[0] if found and found.resources else None


def _is_calendar(resource: Resource) -> bool:
    if not resource.has(f"{DAV}resourcetype", f"{CALDAV}calendar"):
        return False
    components = resource.properties.get(_COMPONENTS)
    names = [] if components is None else [each.get("name", "").upper() for each in components]
    # One that says nothing takes everything (section 5.2.3).
    return not names or "VEVENT" in names


def _found(url: str, resource: Resource) -> FoundCalendar:
    told = _PRIVILEGES in resource.properties
    writable = resource.has(
        _PRIVILEGES, f"{DAV}write", f"{DAV}write-content", f"{DAV}bind", f"{DAV}all"
    )
    return FoundCalendar(
        url=url,
        name=resource.text(f"{DAV}displayname") or "Calendar",
        writable=writable or not told,
    )
