"""Published calendars over real HTTP, and where customers' addresses may lead."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.ics import LARGEST_FILE, connect
from connectors.network import check_url, open_client, retry_after, translated
from domain.calendars.port import (
    CalendarAway,
    CalendarError,
    CalendarRefused,
    Changes,
    Entry,
    SignInNeeded,
)
from tests.connectors.radicale import event
from tests.connectors.web import Answer, Request, Web, serving

NOW = datetime(2026, 11, 23, 17, tzinfo=UTC)
TEXT = event("DTSTART:20261124T150000Z", "DTEND:20261124T160000Z").encode()


@pytest.fixture
def web() -> Iterator[Web]:
    with serving() as served:
        yield served


async def changes(
    web: Web, cursor: str | None = None, *, path: str = "/feed.ics", **access: Any
) -> Changes:
    async def keep(_: dict[str, Any]) -> None:
        raise AssertionError("there are no tokens")

    outside = await connect(
        {"url": web.address + path, "private": True, **access}, keep=keep, now=lambda: NOW
    )
    try:
        return await outside.changes(
            cursor=cursor, begins=NOW, ends=NOW + timedelta(days=60), zone="America/New_York"
        )
    finally:
        await outside.aclose()


async def test_a_feed_is_read_and_asked_for_again_only_if_it_changed(web: Web) -> None:
    def answer(request: Request) -> Answer:
        if request.headers.get("if-none-match") == '"1"':
            return Answer(status=304)
        return Answer(body=TEXT, headers={"ETag": '"1"', "Last-Modified": "yesterday"})

    web.answer = answer
    first = await changes(web)
    assert first.complete and [one.event_id for one in first.events] == ["theirs"]
    assert first.events[0].busy[0].begins_at == datetime(2026, 11, 24, 15, tzinfo=UTC)
    again = await changes(web, first.cursor)
    assert (again.events, again.complete, again.cursor) == ((), False, first.cursor)
    assert web.requests[1].headers["if-modified-since"] == "yesterday"


async def test_redirects_are_followed_and_a_password_is_not_taken_along(web: Web) -> None:
    with serving() as elsewhere:
        elsewhere.answer = lambda _: Answer(body=TEXT)
        target = elsewhere.address.replace("127.0.0.1", "localhost")
        web.answer = lambda _: Answer(status=302, headers={"Location": f"{target}/x.ics"})
        assert (await changes(web, user="ann", password="secret")).complete
        assert "authorization" in web.requests[0].headers
        assert "authorization" not in elsewhere.requests[0].headers


@pytest.mark.parametrize(
    ("answer", "error", "message"),
    [
        (Answer(status=401), SignInNeeded, "user and password"),
        (Answer(status=404), CalendarRefused, "no calendar at its address"),
        (Answer(status=403), CalendarRefused, "does not allow"),
        (Answer(status=500), CalendarAway, "failed"),
        (Answer(body=b"<html>Sign in</html>"), CalendarRefused, "not a calendar"),
        (Answer(body=b"x" * (LARGEST_FILE + 1)), CalendarRefused, "larger than 16 MiB"),
        (
            Answer(
                body=gzip.compress(b"x" * (LARGEST_FILE + 1)),
                headers={"Content-Encoding": "gzip"},
            ),
            CalendarRefused,
            "larger than 16 MiB",
        ),
        (Answer(body=b"plain", headers={"Content-Encoding": "gzip"}), CalendarAway, "reached"),
        (Answer(status=302, headers={"Location": "/feed.ics"}), CalendarRefused, "circle"),
    ],
    ids=["401", "404", "403", "500", "html", "large", "bomb", "broken", "circle"],
)
async def test_what_is_wrong_is_said_without_the_address(
    web: Web, answer: Answer, error: type[CalendarError], message: str
) -> None:
    web.answer = lambda _: answer
    with pytest.raises(error, match=message) as raised:
        await changes(web, path="/private-token-of-ann.ics")
    assert "token" not in str(raised.value) and "127" not in str(raised.value)


async def test_a_server_that_is_asked_too_much_says_how_long_to_wait(web: Web) -> None:
    web.answer = lambda _: Answer(status=429, headers={"Retry-After": "120"})
    with pytest.raises(CalendarAway) as raised:
        await changes(web)
    assert raised.value.retry_after == timedelta(minutes=2)


@pytest.mark.parametrize(
    ("text", "wait"),
    [
        ("0", timedelta()),
        ("Mon, 23 Nov 2026 17:01:00 GMT", timedelta(minutes=1)),
        ("Mon, 23 Nov 2026 16:00:00 GMT", timedelta()),
        ("99999999999999999999", timedelta(days=1)),
        ("soon", None),
        ("", None),
    ],
)
def test_how_long_to_wait_is_seconds_or_a_date(text: str, wait: timedelta | None) -> None:
    import httpx

    response = httpx.Response(503, headers={"Retry-After": text})
    assert retry_after(response, now=NOW) == wait


async def test_a_published_calendar_takes_no_entries(web: Web) -> None:
    async def keep(_: dict[str, Any]) -> None: ...

    outside = await connect({"url": web.address, "private": True}, keep=keep, now=lambda: NOW)
    from uuid import UUID

    entry = Entry(
        appointment_id=UUID(int=1), version=1, title="x", starts_at=NOW, ends_at=NOW, zone="UTC"
    )
    with pytest.raises(CalendarRefused):
        await outside.write(entry, known=None)
    await outside.aclose()


@pytest.mark.parametrize(
    "url",
    [
        "https://169.254.169.254/latest/meta-data/",
        "https://[fe80::1]/",
        "https://[::ffff:169.254.169.254]/",
        "https://0.0.0.0/",
        "https://224.0.0.1/",
    ],
)
@pytest.mark.parametrize("private", [True, False])
async def test_link_local_addresses_are_never_asked(url: str, private: bool) -> None:
    async with open_client(private=private) as client, translated():
        with pytest.raises(CalendarRefused, match="may not be reached"):
            await client.get(url)


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/",
        "https://localhost/",
        "https://10.0.0.1/",
        "https://192.168.1.1/",
        "https://[::1]/",
        "https://[fd00::1]/",
        "https://100.64.0.1/",
    ],
)
async def test_private_addresses_are_asked_only_with_permission(url: str) -> None:
    async with open_client(private=False) as client:
        with pytest.raises(CalendarRefused, match="may not be reached"):
            await client.get(url)


async def test_a_redirect_leads_to_no_private_address_either(
    web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first host is one that may be asked, the second is not."""
    from connectors import network

    web.answer = lambda _: Answer(status=302, headers={"Location": "https://10.0.0.1/"})
    allowed = network._allowed
    monkeypatch.setattr(
        network,
        "_allowed",
        lambda text, *, private: text == "127.0.0.1" or allowed(text, private=False),
    )
    async with open_client(private=True) as client:
        with pytest.raises(CalendarRefused, match="may not be reached"):
            await client.get(web.address)


@pytest.mark.parametrize(
    ("url", "private", "checked"),
    [
        ("webcal://example.com/x.ics", False, "https://example.com/x.ics"),
        ("WEBCALS://example.com/x.ics", False, "https://example.com/x.ics"),
        (" https://example.com/x.ics ", False, "https://example.com/x.ics"),
        ("http://example.com/x.ics", True, "http://example.com/x.ics"),
    ],
)
def test_addresses_of_subscriptions_are_https(url: str, private: bool, checked: str) -> None:
    assert check_url(url, private=private) == checked


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/x.ics",
        "file:///etc/passwd",
        "example.com",
        "https://",
        "https://ann:secret@example.com/",
        "https://example.com:port/",
        "gopher://example.com",
    ],
)
def test_other_addresses_are_refused(url: str) -> None:
    with pytest.raises(CalendarRefused) as raised:
        check_url(url, private=False)
    assert "secret" not in str(raised.value)
