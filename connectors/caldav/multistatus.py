"""WebDAV's answers about several resources (RFC 4918 section 13)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from domain.calendars.port import CalendarRefused

DAV = "{DAV:}"
CALDAV = "{urn:ietf:params:xml:ns:caldav}"
CALENDAR_SERVER = "{http://calendarserver.org/ns/}"


@dataclass(frozen=True, kw_only=True)
class Resource:
    """What is said of one address. `status` is the HTTP status of the whole; `properties` are those
    that it has, by qualified name."""

    href: str
    status: int
    properties: Mapping[str, Element]

    def text(self, name: str) -> str | None:
        """The text of a property; None: it has none."""
        found = self.properties.get(name)
        return None if found is None else (found.text or "").strip() or None

    def href_in(self, name: str) -> str | None:
        """The address that a property holds."""
        found = self.properties.get(name)
        inner = None if found is None else found.find(f"{DAV}href")
        return None if inner is None else (inner.text or "").strip() or None

    def has(self, name: str, *children: str) -> bool:
        """Whether a property holds an element, at any depth."""
        found = self.properties.get(name)
        return found is not None and any(
            found.find(f".//{child}") is not None for child in children
        )


@dataclass(frozen=True, kw_only=True)
class Multistatus:
    """All that was said, and the token to ask on from (RFC 6578)."""

    resources: tuple[Resource, ...]
    sync_token: str | None


def parse(body: bytes) -> Multistatus:
    """Raises CalendarRefused when it is no multistatus."""
    root = parse_xml(body)
    if root is None or root.tag != f"{DAV}multistatus":
        raise CalendarRefused("it does not speak CalDAV")
    token = root.find(f"{DAV}sync-token")
    return Multistatus(
        resources=tuple(_resource(response) for response in root.findall(f"{DAV}response")),
        sync_token=None if token is None else (token.text or "").strip() or None,
    )


def parse_xml(body: bytes) -> Element | None:
    """None when it is no XML, or XML that defines entities."""
    try:
        root: Element = fromstring(body, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError):
        return None
    return root


def _resource(response: Element) -> Resource:
    href = response.findtext(f"{DAV}href") or ""
    properties: dict[str, Element] = {}
    statuses = []
    for propstat in response.findall(f"{DAV}propstat"):
        status = _status(propstat.findtext(f"{DAV}status"))
        statuses.append(status)
        if status == 200:
            properties.update({each.tag: each for each in propstat.find(f"{DAV}prop") or ()})
    whole = response.findtext(f"{DAV}status")
    return Resource(
        href=href.strip(),
        status=_status(whole) if whole is not None else 200 if statuses else 404,
        properties=properties,
    )


def _status(line: str | None) -> int:
    """The number in `HTTP/1.1 200 OK`."""
    parts = (line or "").split()
    return int(parts[1]) if len(parts) > 1 and parts[1].isdecimal() else 500
