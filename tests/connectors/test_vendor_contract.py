"""What every vendor's calendar does behind the port, over HTTP to a stand-in of its protocol."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from domain.calendars.port import (
    CalendarAway,
    CalendarError,
    ChangedOutside,
    CursorGone,
    OutsideCalendar,
    SignInNeeded,
)
from domain.seam import PinnedSeam
from tests.connectors.vendors import (
    BEGINS,
    ENDS,
    PRIVATE,
    VENDORS,
    Seen,
    Vendor,
    entry,
    hour,
    unmarked,
    vendor_of,
)


@pytest.fixture(params=list(VENDORS))
async def vendor(
    request: pytest.FixtureRequest, seam: PinnedSeam, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Vendor]:
    async with vendor_of(request.param, seam, monkeypatch) as made:
        yield made


@pytest.fixture
async def calendar(vendor: Vendor) -> AsyncIterator[OutsideCalendar]:
    opened = await vendor.connect()
    yield opened
    await opened.aclose()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("connectors.rest", "connectors.network"):
        monkeypatch.setattr(f"{module}.TIMEOUT", httpx.Timeout(0.3))


async def test_the_first_reading_brings_every_page(
    vendor: Vendor, calendar: OutsideCalendar
) -> None:
    vendor.account.page_size = 2
    spans = [hour(day, 15) for day in range(5)]
    for span in spans:
        vendor.add(span)
    vendor.add(hour(400, 15))
    seen = Seen()
    changes = await seen.read(calendar)
    assert seen.busy == spans
    assert changes.complete and changes.cursor is not None and changes.unreadable == 0


async def test_later_readings_bring_what_changed(vendor: Vendor, calendar: OutsideCalendar) -> None:
    moving, staying = vendor.add(hour(1, 15)), vendor.add(hour(2, 15))
    seen = Seen()
    await seen.read(calendar)
    assert not (await seen.read(calendar)).complete
    vendor.move(moving, hour(1, 17))
    added = vendor.add(hour(3, 15))
    changes = await seen.read(calendar)
    assert not changes.complete
    assert {moving, added} <= {event.event_id for event in changes.events}
    assert staying in seen.events
    assert seen.busy == [hour(1, 17), hour(2, 15), hour(3, 15)]


async def test_what_is_deleted_blocks_no_more(
    vendor: Vendor, calendar: OutsideCalendar, seam: PinnedSeam
) -> None:
    gone = vendor.add(hour(1, 15))
    vendor.add(hour(2, 15))
    seen = Seen()
    await seen.read(calendar)
    vendor.delete(gone)
    seam.advance(timedelta(minutes=15))
    await seen.read(calendar)
    assert seen.busy == [hour(2, 15)]


async def test_a_cursor_that_is_gone_is_said_and_reading_begins_anew(
    vendor: Vendor, calendar: OutsideCalendar
) -> None:
    vendor.add(hour(1, 15))
    seen = Seen()
    await seen.read(calendar)
    vendor.account.store.forget_tokens()
    if vendor.kind == "fhir":
        vendor.fault("status", status=410, count=1, only="search")
    with pytest.raises(CursorGone):
        await seen.read(calendar)
    vendor.delete(next(iter(seen.events)))
    vendor.add(hour(2, 15))
    seen.cursor = None
    assert (await seen.read(calendar)).complete
    assert seen.busy == [hour(2, 15)]


async def test_a_cursor_of_another_form_is_gone(calendar: OutsideCalendar) -> None:
    for cursor in ("", "opaque", "{}", '{"token":1,"begins":"x"}', "[]"):
        if cursor:
            with pytest.raises(CursorGone):
                await calendar.changes(
                    cursor=cursor, begins=BEGINS, ends=ENDS, zone="America/New_York"
                )


async def test_a_window_that_moves_on_is_read_to_its_end(
    vendor: Vendor, calendar: OutsideCalendar
) -> None:
    seen = Seen()
    await seen.read(calendar)
    vendor.add(hour(33, 15))
    minute = timedelta(minutes=1)
    assert not (await seen.read(calendar, begins=BEGINS + minute, ends=ENDS + minute)).complete
    days = timedelta(days=5)
    assert (await seen.read(calendar, begins=BEGINS + days, ends=ENDS + days)).complete
    assert seen.busy == [hour(33, 15)]


async def test_our_entry_appears_once_and_is_known_as_ours(
    vendor: Vendor, calendar: OutsideCalendar
) -> None:
    seen = Seen()
    await seen.read(calendar)
    made = entry(1, hour(1, 15))
    written = await calendar.write(made, known=None)
    assert await calendar.write(made, known=None) == written
    assert vendor.standing(made) == [hour(1, 15)]
    await seen.read(calendar)
    (event,) = seen.ours(made)
    assert event.event_id == written.remote_id
    assert event.etag == written.etag
    assert [(busy.begins_at, busy.ends_at) for busy in event.busy] == [hour(1, 15)]
    assert seen.busy == []


@pytest.mark.parametrize("kind", ["cut", "hang_mid", "garbage"])
@pytest.mark.usefixtures("impatient")
async def test_a_lost_answer_makes_no_second_entry(
    vendor: Vendor, calendar: OutsideCalendar, kind: str
) -> None:
    made = entry(1, hour(1, 15))
    vendor.fault(kind, count=1, only=vendor.creates)
    with pytest.raises(CalendarAway):
        await calendar.write(made, known=None)
    moved = entry(1, hour(2, 15), version=2)
    await calendar.write(moved, known=None)
    assert vendor.standing(made) == [hour(2, 15)]


async def test_an_update_whose_answer_was_lost_is_not_taken_for_a_stranger_s(
    vendor: Vendor, calendar: OutsideCalendar
) -> None:
    first = await calendar.write(entry(1, hour(1, 15)), known=None)
    vendor.fault("cut", count=1, only=vendor.updates)
    with pytest.raises(CalendarAway):
        await calendar.write(entry(1, hour(2, 15), version=2), known=first)
    assert vendor.standing(entry(1, hour(1, 15))) == [hour(2, 15)]
    again = await calendar.write(entry(1, hour(2, 15), version=2), known=first)
    third = await calendar.write(entry(1, hour(3, 15), version=3), known=first)
    assert again.remote_id == third.remote_id
    assert vendor.standing(entry(1, hour(1, 15))) == [hour(3, 15)]


async def test_an_entry_is_moved_and_taken_away(vendor: Vendor, calendar: OutsideCalendar) -> None:
    made = entry(1, hour(1, 15))
    first = await calendar.write(made, known=None)
    second = await calendar.write(entry(1, hour(1, 17), version=2), known=first)
    assert second.remote_id == first.remote_id and second.etag != first.etag
    assert vendor.standing(made) == [hour(1, 17)]
    await calendar.remove(made.appointment_id, known=second)
    assert vendor.standing(made) == []
    await calendar.remove(made.appointment_id, known=second)
    await calendar.remove(made.appointment_id, known=None)


async def test_an_entry_whose_place_is_not_known_is_taken_away(
    vendor: Vendor, calendar: OutsideCalendar
) -> None:
    made, other = entry(1, hour(1, 15)), entry(2, hour(2, 15))
    vendor.fault("cut", count=1, only=vendor.creates)
    with pytest.raises(CalendarAway):
        await calendar.write(made, known=None)
    await calendar.write(other, known=None)
    await calendar.remove(made.appointment_id, known=None)
    assert vendor.standing(made) == []
    assert vendor.standing(other) == [hour(2, 15)]


async def test_an_entry_can_come_back_after_it_was_taken_away(
    vendor: Vendor, calendar: OutsideCalendar
) -> None:
    made = entry(1, hour(1, 15))
    await calendar.remove(made.appointment_id, known=await calendar.write(made, known=None))
    await calendar.write(entry(1, hour(2, 15), version=3), known=None)
    assert vendor.standing(made) == [hour(2, 15)]


async def test_what_somebody_moved_is_not_overwritten(
    vendor: Vendor, calendar: OutsideCalendar
) -> None:
    made = entry(1, hour(1, 15))
    written = await calendar.write(made, known=None)
    vendor.move(written.remote_id, hour(1, 19))
    for known in (written, None):
        with pytest.raises(ChangedOutside):
            await calendar.write(entry(1, hour(2, 15), version=2), known=known)
    assert vendor.standing(made) == [hour(1, 19)]
    await calendar.write(entry(1, hour(2, 15), version=2), known=unmarked(written))
    assert vendor.standing(made) == [hour(2, 15)]


async def test_what_somebody_deleted_does_not_come_back_by_itself(
    vendor: Vendor, calendar: OutsideCalendar
) -> None:
    made = entry(1, hour(1, 15))
    written = await calendar.write(made, known=None)
    vendor.delete(written.remote_id)
    with pytest.raises(ChangedOutside):
        await calendar.write(entry(1, hour(2, 15), version=2), known=written)
    assert vendor.standing(made) == []
    await calendar.write(entry(1, hour(2, 15), version=2), known=unmarked(written))
    assert vendor.standing(made) == [hour(2, 15)]


async def test_our_entry_that_somebody_deleted_is_missed(
    vendor: Vendor, calendar: OutsideCalendar, seam: PinnedSeam
) -> None:
    made, seen = entry(1, hour(1, 15)), Seen()
    written = await calendar.write(made, known=None)
    await seen.read(calendar)
    assert seen.ours(made)
    vendor.delete(written.remote_id)
    seam.advance(timedelta(minutes=15))
    await seen.read(calendar)
    assert not seen.ours(made)


@pytest.mark.parametrize(("status", "wait"), [(429, 7), (503, 120), (500, None), (502, None)])
async def test_a_vendor_in_trouble_is_away_for_as_long_as_it_says(
    vendor: Vendor, calendar: OutsideCalendar, status: int, wait: int | None
) -> None:
    vendor.fault("status", status=status, retry_after=wait, count=1, only=vendor.reads)
    with pytest.raises(CalendarAway) as caught:
        await Seen().read(calendar)
    assert caught.value.retry_after == (None if wait is None else timedelta(seconds=wait))
    await Seen().read(calendar)


@pytest.mark.parametrize("kind", ["refuse", "hang", "cut", "hang_mid", "garbage"])
@pytest.mark.usefixtures("impatient")
async def test_a_vendor_that_does_not_answer_is_away(
    vendor: Vendor, calendar: OutsideCalendar, kind: str
) -> None:
    vendor.fault(kind, count=1, only=vendor.reads)
    with pytest.raises(CalendarAway):
        await Seen().read(calendar)
    await Seen().read(calendar)


async def test_a_token_is_renewed_once_for_all_and_kept(
    vendor: Vendor, calendar: OutsideCalendar, seam: PinnedSeam
) -> None:
    await Seen().read(calendar)
    before, renewals = len(vendor.kept), vendor.account.authority.renewals
    seam.advance(timedelta(seconds=3599))
    vendor.account.authority.expire_access_tokens()
    await asyncio.gather(*(Seen().read(calendar) for _ in range(5)))
    assert vendor.account.authority.renewals == renewals + 1
    assert len(vendor.kept) == before + 1
    # A new process goes on with what was kept, without asking for another.
    again = await vendor.connect()
    await Seen().read(again)
    await again.aclose()
    assert vendor.account.authority.renewals == renewals + 1


async def test_a_token_that_is_refused_early_is_renewed(
    vendor: Vendor, calendar: OutsideCalendar
) -> None:
    await Seen().read(calendar)
    renewals = vendor.account.authority.renewals
    vendor.account.authority.expire_access_tokens()
    made = entry(1, hour(1, 15))
    await calendar.write(made, known=None)
    assert vendor.account.authority.renewals == renewals + 1
    assert vendor.standing(made) == [hour(1, 15)]


async def test_a_token_that_is_refused_again_needs_a_person(
    vendor: Vendor, calendar: OutsideCalendar
) -> None:
    vendor.fault("status", status=401, only=vendor.reads)
    with pytest.raises(SignInNeeded):
        await Seen().read(calendar)


async def test_a_permission_that_was_taken_back_needs_a_person(
    vendor: Vendor, calendar: OutsideCalendar
) -> None:
    vendor.account.authority.forget()
    vendor.account.authority.refuses = "invalid_grant"
    with pytest.raises(SignInNeeded):
        await Seen().read(calendar)


@pytest.mark.parametrize("kind", ["status", "refuse", "cut", "garbage"])
async def test_a_token_endpoint_in_trouble_is_no_reason_to_sign_in(
    vendor: Vendor, calendar: OutsideCalendar, kind: str
) -> None:
    vendor.account.authority.expire_access_tokens()
    more = {"status": 503, "retry_after": 30} if kind == "status" else {}
    vendor.fault(kind, count=1, only="token", **more)
    with pytest.raises(CalendarAway) as caught:
        await Seen().read(calendar)
    if kind == "status":
        assert caught.value.retry_after == timedelta(seconds=30)


@pytest.mark.usefixtures("impatient")
async def test_no_error_says_anything_private(vendor: Vendor, calendar: OutsideCalendar) -> None:
    vendor.add(hour(5, 15))
    made = entry(1, hour(1, 15))
    known = await calendar.write(made, known=None)
    said = []
    faults = [
        ("status", {"status": status})
        for status in (400, 401, 403, 404, 409, 410, 412, 422, 429, 500, 503)
    ]
    plain: list[tuple[str, dict[str, int]]] = [
        (kind, {}) for kind in ("refuse", "cut", "garbage", "hang")
    ]
    for kind, more in [*faults, *plain]:
        for at in range(3):
            vendor.shared.faults.all.clear()
            vendor.fault(kind, after=at, **more)
            for act in (
                Seen().read(calendar),
                calendar.write(made, known=None),
                calendar.write(entry(1, hour(2, 15), version=2), known=known),
                calendar.remove(made.appointment_id, known=known),
            ):
                try:
                    await act
                except CalendarError as error:
                    said += [str(error), repr(error), *traceback.format_exception(error)]
    assert len(said) > 100
    text = "\n".join(said)
    assert [word for word in (*PRIVATE, vendor.url) if word in text] == []


async def test_no_address_holds_anything_private(
    vendor: Vendor, calendar: OutsideCalendar, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    send = httpx.AsyncClient.send

    async def recording(self: Any, request: httpx.Request, **more: Any) -> httpx.Response:
        asked.append(f"{request.url} {request.headers}")
        return await send(self, request, **more)

    monkeypatch.setattr(httpx.AsyncClient, "send", recording)
    made = entry(1, hour(1, 15))
    known = await calendar.write(made, known=None)
    known = await calendar.write(entry(1, hour(2, 15), version=2), known=known)
    await Seen().read(calendar)
    await calendar.remove(made.appointment_id, known=known)
    assert len(asked) >= 4
    text = "\n".join(asked)
    assert [word for word in (*PRIVATE, "1980-02-29") if word in text] == []
