"""When somebody can begin: hours, days off, what is taken, and the changes of the clock."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, strategies as st

from domain.scheduling.availability import (
    DaysOff,
    DaySpan,
    Length,
    Taken,
    Timetable,
    days,
    free_starts,
    instant,
    works,
)

NEW_YORK = ZoneInfo("America/New_York")
SPRING = date(2026, 3, 8)
"""A Sunday: at 2:00 the clock jumps to 3:00."""
AUTUMN = date(2026, 11, 1)
"""A Sunday: at 2:00 the clock goes back to 1:00."""
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
HALF_HOUR = Length(service=timedelta(minutes=30))


def _open(opens: time, closes: time, *, zone: ZoneInfo = NEW_YORK) -> Timetable:
    spans = tuple(DaySpan(weekday=weekday, opens=opens, closes=closes) for weekday in range(7))
    return Timetable(zone=zone, business=spans)


def _starts(
    timetable: Timetable,
    day: date,
    *,
    length: Length = HALF_HOUR,
    taken: Taken | None = None,
) -> list[str]:
    found = free_starts(
        timetable,
        day,
        length=length,
        step=timedelta(minutes=30),
        taken=taken or Taken(),
        earliest=LONG_AGO,
    )
    return [start.astimezone(timetable.zone).strftime("%H:%M%z") for start in found]


def test_no_time_is_offered_in_the_hour_that_does_not_exist() -> None:
    starts = _starts(_open(time(1), time(4)), SPRING)
    assert starts == ["01:00-0500", "01:30-0500", "03:00-0400", "03:30-0400"]


def test_opening_in_the_hour_that_does_not_exist_means_right_after_it() -> None:
    timetable = _open(time(2, 15), time(4))
    assert instant(datetime.combine(SPRING, time(2, 15)), NEW_YORK) == datetime(
        2026, 3, 8, 7, tzinfo=UTC
    )
    assert _starts(timetable, SPRING) == ["03:15-0400"]
    three = datetime(2026, 3, 8, 7, tzinfo=UTC)
    assert works(timetable, three, three + timedelta(minutes=30))
    assert not works(timetable, three - timedelta(minutes=1), three)


def test_an_hour_that_comes_twice_is_offered_once_the_first_time() -> None:
    starts = _starts(_open(time(0, 30), time(3)), AUTUMN)
    assert starts == [
        "00:30-0400",
        "01:00-0400",
        "01:30-0400",
        "02:00-0500",
        "02:30-0500",
    ]


def test_an_appointment_across_a_clock_change_keeps_its_length() -> None:
    hour = Length(service=timedelta(hours=1))
    autumn = _starts(_open(time(1), time(2)), AUTUMN, length=hour)
    assert autumn == ["01:00-0400", "01:30-0400"], "closing at 2:00 comes two hours after 1:00"
    spring = _starts(_open(time(1), time(3)), SPRING, length=hour)
    assert spring == ["01:00-0500"], "closing at 3:00 comes one hour after 1:00"


def test_half_hour_clock_changes_are_understood() -> None:
    lord_howe = ZoneInfo("Australia/Lord_Howe")
    timetable = _open(time(1, 30), time(3), zone=lord_howe)
    assert _starts(timetable, date(2026, 10, 4)) == ["01:30+1030", "02:30+1100"]


def test_hours_of_ones_own_hold_only_while_the_business_is_open() -> None:
    business = _open(time(9), time(17)).business
    own = (
        DaySpan(weekday=0, opens=time(8), closes=time(12)),
        DaySpan(weekday=0, opens=time(13), closes=time(18)),
    )
    timetable = Timetable(zone=NEW_YORK, business=business, own=own)
    monday = date(2026, 11, 23)
    starts = _starts(timetable, monday, length=Length(service=timedelta(hours=4)))
    assert starts == ["13:00-0500"], "neither before opening nor over lunch"
    assert _starts(timetable, monday + timedelta(days=1)) == []
    alone = Timetable(zone=NEW_YORK, own=own)
    assert _starts(alone, monday)[0] == "08:00-0500"


def test_spans_that_touch_are_one() -> None:
    touching = Timetable(
        zone=NEW_YORK,
        business=(
            DaySpan(weekday=0, opens=time(9), closes=time(10)),
            DaySpan(weekday=0, opens=time(10), closes=time(11)),
        ),
    )
    two_hours = Length(service=timedelta(hours=2))
    assert _starts(touching, date(2026, 11, 23), length=two_hours) == ["09:00-0500"]


def test_days_off_have_no_times() -> None:
    timetable = _open(time(9), time(10))
    off = DaysOff(first_day=date(2026, 11, 26), last_day=date(2026, 11, 27))
    closed = Timetable(zone=NEW_YORK, business=timetable.business, days_off=(off,))
    assert [bool(_starts(closed, day)) for day in days(date(2026, 11, 25), date(2026, 11, 28))] == [
        True,
        False,
        False,
        True,
    ]


def test_buffers_may_reach_beyond_the_hours_but_not_into_what_is_taken() -> None:
    timetable = _open(time(9), time(11))
    length = Length(
        service=timedelta(minutes=30), before=timedelta(minutes=15), after=timedelta(minutes=15)
    )
    day = date(2026, 11, 23)
    assert _starts(timetable, day, length=length) == [
        "09:00-0500",
        "09:30-0500",
        "10:00-0500",
        "10:30-0500",
    ]
    ten = instant(datetime.combine(day, time(10)), NEW_YORK)
    taken = Taken([(ten, ten + timedelta(minutes=15))])
    assert _starts(timetable, day, length=length, taken=taken) == ["09:00-0500", "10:30-0500"]


_MINUTES = st.integers(0, 24 * 60 - 1)
_SPANS = st.lists(
    st.tuples(st.integers(0, 6), _MINUTES, _MINUTES).filter(lambda span: span[1] < span[2]),
    max_size=10,
).map(
    lambda spans: tuple(
        DaySpan(
            weekday=weekday,
            opens=time(opens // 60, opens % 60),
            closes=time(closes // 60, closes % 60),
        )
        for weekday, opens, closes in spans
    )
)
_ZONES = st.sampled_from(
    ["America/New_York", "Europe/London", "Asia/Kolkata", "Australia/Lord_Howe", "Pacific/Apia"]
).map(ZoneInfo)
_DAYS = st.dates(date(2026, 1, 1), date(2027, 12, 31)) | st.sampled_from([SPRING, AUTUMN])


@given(
    zone=_ZONES,
    business=_SPANS,
    own=_SPANS,
    day=_DAYS,
    minutes=st.integers(5, 300),
    before=st.integers(0, 60),
    after=st.integers(0, 60),
    step=st.integers(5, 120),
    busy=st.lists(st.tuples(st.integers(-300, 1800), st.integers(1, 400)), max_size=6),
)
def test_free_times_lie_inside_hours_and_clash_with_nothing(
    zone: ZoneInfo,
    business: tuple[DaySpan, ...],
    own: tuple[DaySpan, ...],
    day: date,
    minutes: int,
    before: int,
    after: int,
    step: int,
    busy: list[tuple[int, int]],
) -> None:
    timetable = Timetable(zone=zone, business=business, own=own)
    length = Length(
        service=timedelta(minutes=minutes),
        before=timedelta(minutes=before),
        after=timedelta(minutes=after),
    )
    midnight = instant(datetime.combine(day, time()), zone)
    spans = [
        (
            midnight + timedelta(minutes=begins),
            midnight + timedelta(minutes=begins + lasts),
        )
        for begins, lasts in busy
    ]
    starts = free_starts(
        timetable,
        day,
        length=length,
        step=timedelta(minutes=step),
        taken=Taken(spans),
        earliest=midnight + timedelta(hours=3),
    )
    assert starts == sorted(set(starts))
    for start in starts:
        end = start + length.service
        assert start >= midnight + timedelta(hours=3)
        assert start.astimezone(zone).date() == day
        assert works(timetable, start, end)
        occupied = length.occupies(start)
        assert all(occupied[1] <= begins or ends <= occupied[0] for begins, ends in spans)
        local = start.astimezone(zone)
        for hours in (business, own):
            if hours:
                assert any(
                    span.weekday == day.weekday() and span.opens <= local.time() < span.closes
                    for span in hours
                )


@given(zone=_ZONES, day=_DAYS, minute=_MINUTES)
def test_every_local_time_becomes_an_instant_that_shows_it_or_follows_its_gap(
    zone: ZoneInfo, day: date, minute: int
) -> None:
    local = datetime.combine(day, time(minute // 60, minute % 60))
    found = instant(local, zone)
    shown = found.astimezone(zone)
    assert shown.fold == 0
    if shown.replace(tzinfo=None) != local:
        just_before = (found - timedelta(seconds=1)).astimezone(zone).replace(tzinfo=None)
        assert just_before < local < shown.replace(tzinfo=None)
