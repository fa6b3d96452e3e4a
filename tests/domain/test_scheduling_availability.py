"""When somebody can begin: hours, days off, what is taken, and the changes of the clock."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings, strategies as st

from domain.scheduling.availability import (
    Barred,
    Length,
    PartOfDay,
    Seconds,
    Taken,
    days,
    free_starts,
    instant,
)
from domain.scheduling.local_time import day_of, epoch, from_epoch, shows, steady_midnight
from domain.scheduling.timetable import (
    Closing,
    Hours,
    Minutes,
    Timetable,
    joined,
    minutes_between,
    weekly_hours,
)

NEW_YORK = ZoneInfo("America/New_York")
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")
SPRING = date(2026, 3, 8)
"""A Sunday: at 2:00 the clock jumps to 3:00."""
AUTUMN = date(2026, 11, 1)
"""A Sunday: at 2:00 the clock goes back to 1:00."""
MONDAY = date(2026, 11, 23)
HALF_HOUR = Length(service=timedelta(minutes=30))
ONE_DAY = timedelta(days=1)


def _span(opens: time, closes: time) -> Minutes:
    return minutes_between(
        opens.hour * 60 + opens.minute,
        closes.hour * 60 + closes.minute,
    )


def _every_day(*spans: tuple[time, time]) -> Hours:
    return Hours(weekly_hours((weekday, _span(*span)) for weekday in range(7) for span in spans))


def _on(day: date, *spans: tuple[time, time]) -> dict[date, tuple[Minutes, ...]]:
    return {day: joined(_span(*span) for span in spans)}


def _open(opens: time, closes: time, *, zone: ZoneInfo = NEW_YORK) -> Timetable:
    return Timetable(zone=zone, opening=_every_day((opens, closes)))


def _starts(
    timetable: Timetable,
    day: date,
    *,
    length: Length = HALF_HOUR,
    taken: Iterable[tuple[datetime, datetime]] = (),
    step: int = 30,
    part_of_day: PartOfDay = "any",
) -> list[str]:
    spans = [(epoch(begins), epoch(ends)) for begins, ends in taken]
    found = free_starts(
        timetable,
        day,
        length=length,
        step=step,
        barred=Barred(Taken(spans), timetable.pauses(day - ONE_DAY, day + 2 * ONE_DAY), length),
        part_of_day=part_of_day,
    )
    return [datetime.fromtimestamp(at, timetable.zone).strftime("%H:%M%z") for at in found]


def test_no_time_is_offered_in_the_hour_that_does_not_exist() -> None:
    starts = _starts(_open(time(1), time(4)), SPRING)
    assert starts == ["01:00-0500", "01:30-0500", "03:00-0400", "03:30-0400"]


def test_opening_in_the_hour_that_does_not_exist_means_right_after_it() -> None:
    timetable = _open(time(2, 15), time(4))
    three = datetime(2026, 3, 8, 7, tzinfo=UTC)
    assert instant(datetime.combine(SPRING, time(2, 15)), NEW_YORK) == three
    assert _starts(timetable, SPRING) == ["03:15-0400"]
    at = epoch(three)
    assert timetable.works(at, at + 1800, day=SPRING)
    assert not timetable.works(at - 60, at, day=SPRING)


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
    timetable = _open(time(1, 30), time(3), zone=LORD_HOWE)
    assert _starts(timetable, date(2026, 10, 4)) == ["01:30+1030", "02:30+1100"]
    back = _starts(_open(time(1), time(3), zone=LORD_HOWE), date(2026, 4, 5))
    assert back == ["01:00+1100", "01:30+1100", "02:00+1030", "02:30+1030"]


def test_hours_over_midnight_belong_to_two_days_of_starts() -> None:
    timetable = _open(time(22), time(2))
    assert _starts(timetable, MONDAY, step=60) == [
        "00:00-0500",
        "01:00-0500",
        "22:00-0500",
        "23:00-0500",
    ]
    friday_only = Timetable(
        zone=NEW_YORK, opening=Hours(weekly_hours([(4, _span(time(22), time(2)))]))
    )
    friday = MONDAY + 4 * ONE_DAY
    assert _starts(friday_only, friday, step=60) == ["22:00-0500", "23:00-0500"]
    assert _starts(friday_only, friday + ONE_DAY, step=60) == ["00:00-0500", "01:00-0500"]
    assert _starts(friday_only, friday + 2 * ONE_DAY) == []


def test_hours_until_midnight_and_all_day_leave_no_break_at_midnight() -> None:
    two_hours = Length(service=timedelta(hours=2))
    until_midnight = _open(time(20), time(0))
    assert _starts(until_midnight, MONDAY, length=two_hours, step=60) == [
        "20:00-0500",
        "21:00-0500",
        "22:00-0500",
    ]
    always = _open(time(0), time(0))
    assert len(_starts(always, MONDAY, length=two_hours)) == 48
    assert _starts(always, MONDAY, length=two_hours)[-1] == "23:30-0500"
    day_long = Length(service=timedelta(hours=24))
    assert len(_starts(always, MONDAY, length=day_long)) == 48


def test_a_night_over_each_clock_change_has_its_real_length() -> None:
    night = _open(time(22), time(4))
    length = Length(service=timedelta(hours=1))
    # 22:00 to 4:00 is five hours in spring and seven in autumn.
    spring = [
        *_starts(night, SPRING - ONE_DAY, length=length, step=60)[-2:],
        *_starts(night, SPRING, length=length, step=60)[:-2],
    ]
    assert spring == ["22:00-0500", "23:00-0500", "00:00-0500", "01:00-0500", "03:00-0400"]
    autumn = [
        *_starts(night, AUTUMN - ONE_DAY, length=length, step=60)[-2:],
        *_starts(night, AUTUMN, length=length, step=60)[:-2],
    ]
    assert autumn == [
        "22:00-0400",
        "23:00-0400",
        "00:00-0400",
        "01:00-0400",
        "02:00-0500",
        "03:00-0500",
    ]
    five = Length(service=timedelta(hours=7))
    assert _starts(night, AUTUMN - ONE_DAY, length=five) == ["22:00-0400"]
    assert _starts(night, SPRING - ONE_DAY, length=five) == []


def test_lunch_divides_a_day_into_spans() -> None:
    timetable = Timetable(
        zone=NEW_YORK, opening=_every_day((time(9), time(12)), (time(13), time(15)))
    )
    assert _starts(timetable, MONDAY, length=Length(service=timedelta(hours=2))) == [
        "09:00-0500",
        "09:30-0500",
        "10:00-0500",
        "13:00-0500",
    ]


def test_hours_of_ones_own_hold_only_while_the_place_is_open() -> None:
    opening = _every_day((time(9), time(17)))
    own = Hours(weekly_hours([(0, _span(time(8), time(12))), (0, _span(time(13), time(18)))]))
    timetable = Timetable(zone=NEW_YORK, opening=opening, own=own)
    starts = _starts(timetable, MONDAY, length=Length(service=timedelta(hours=4)))
    assert starts == ["13:00-0500"], "neither before opening nor over lunch"
    assert _starts(timetable, MONDAY + ONE_DAY) == []
    alone = Timetable(zone=NEW_YORK, own=own)
    assert _starts(alone, MONDAY)[0] == "08:00-0500"


def test_a_shift_over_midnight_meets_the_opening_hours_of_both_days() -> None:
    timetable = Timetable(
        zone=NEW_YORK,
        opening=_every_day((time(0), time(1)), (time(20), time(0))),
        own=Hours(weekly_hours([(0, _span(time(22), time(6)))])),
    )
    assert _starts(timetable, MONDAY, step=60) == ["22:00-0500", "23:00-0500"]
    assert _starts(timetable, MONDAY + ONE_DAY, step=60) == ["00:00-0500"]
    across = Length(service=timedelta(hours=3))
    assert _starts(timetable, MONDAY, length=across, step=60) == ["22:00-0500"]


def test_spans_that_touch_are_one() -> None:
    touching = Timetable(
        zone=NEW_YORK, opening=_every_day((time(9), time(10)), (time(10), time(11)))
    )
    two_hours = Length(service=timedelta(hours=2))
    assert _starts(touching, MONDAY, length=two_hours) == ["09:00-0500"]


def test_a_date_has_its_own_hours_instead_of_its_weekdays() -> None:
    opening = Hours(_every_day((time(9), time(11))).weekly, _on(MONDAY, (time(14), time(15))))
    timetable = Timetable(zone=NEW_YORK, opening=opening)
    assert _starts(timetable, MONDAY) == ["14:00-0500", "14:30-0500"]
    assert _starts(timetable, MONDAY + 7 * ONE_DAY)[0] == "09:00-0500"
    mine = Timetable(
        zone=NEW_YORK,
        opening=_every_day((time(9), time(17))),
        own=Hours(None, _on(MONDAY, (time(16), time(20)))),
    )
    assert _starts(mine, MONDAY) == ["16:00-0500", "16:30-0500"], "as far as the place is open"
    assert len(_starts(mine, MONDAY + ONE_DAY)) == 16, "on other days whenever it is open"


def test_a_public_holiday_is_closed_unless_the_date_has_hours() -> None:
    week = _every_day((time(9), time(10)))
    holidays = frozenset({MONDAY})
    assert _starts(Timetable(zone=NEW_YORK, opening=week, holidays=holidays), MONDAY) == []
    on_duty = Hours(week.weekly, _on(MONDAY, (time(12), time(13))))
    open_all_the_same = Timetable(zone=NEW_YORK, opening=on_duty, holidays=holidays)
    assert _starts(open_all_the_same, MONDAY) == ["12:00-0500", "12:30-0500"]
    one_works = Timetable(
        zone=NEW_YORK,
        opening=week,
        own=Hours(None, _on(MONDAY, (time(9), time(9, 30)))),
        holidays=holidays,
    )
    assert _starts(one_works, MONDAY) == ["09:00-0500"]


def test_days_off_have_no_times() -> None:
    off = Closing(date(2026, 11, 26), date(2026, 11, 27))
    closed = Timetable(zone=NEW_YORK, opening=_every_day((time(9), time(10))), closings=(off,))
    assert [bool(_starts(closed, day)) for day in days(date(2026, 11, 25), date(2026, 11, 28))] == [
        True,
        False,
        False,
        True,
    ]


def test_a_closed_day_takes_its_own_night_away_and_leaves_the_night_before() -> None:
    night = _every_day((time(22), time(2)))
    closed = Timetable(zone=NEW_YORK, opening=night, closings=(Closing(MONDAY, MONDAY),))
    assert _starts(closed, MONDAY, step=60) == ["00:00-0500", "01:00-0500"]
    assert _starts(closed, MONDAY + ONE_DAY, step=60) == ["22:00-0500", "23:00-0500"]


def test_a_closure_between_two_times_takes_only_those() -> None:
    lunch = Closing(MONDAY, MONDAY + ONE_DAY, (12 * 60, 13 * 60))
    timetable = Timetable(
        zone=NEW_YORK, opening=_every_day((time(11), time(14))), closings=(lunch,)
    )
    expected = ["11:00-0500", "11:30-0500", "13:00-0500", "13:30-0500"]
    assert _starts(timetable, MONDAY) == expected
    assert _starts(timetable, MONDAY + ONE_DAY) == expected
    assert len(_starts(timetable, MONDAY + 2 * ONE_DAY)) == 6
    noon = epoch(instant(datetime.combine(MONDAY, time(12)), NEW_YORK))
    assert timetable.works(noon - 1800, noon, day=MONDAY)
    assert not timetable.works(noon - 1800, noon + 60, day=MONDAY)
    buffered = Length(service=timedelta(minutes=30), after=timedelta(minutes=30))
    assert _starts(timetable, MONDAY, length=buffered) == expected, "a buffer may reach into it"


def test_buffers_may_reach_beyond_the_hours_but_not_into_what_is_taken() -> None:
    timetable = _open(time(9), time(11))
    length = Length(
        service=timedelta(minutes=30), before=timedelta(minutes=15), after=timedelta(minutes=15)
    )
    assert _starts(timetable, MONDAY, length=length) == [
        "09:00-0500",
        "09:30-0500",
        "10:00-0500",
        "10:30-0500",
    ]
    ten = instant(datetime.combine(MONDAY, time(10)), NEW_YORK)
    taken = [(ten, ten + timedelta(minutes=15))]
    assert _starts(timetable, MONDAY, length=length, taken=taken) == ["09:00-0500", "10:30-0500"]


def test_parts_of_a_day_are_those_of_its_own_clock() -> None:
    always = _open(time(0), time(0))
    for part, first, last in (
        ("morning", "00:00-0400", "11:30-0500"),
        ("afternoon", "12:00-0500", "16:30-0500"),
        ("evening", "17:00-0500", "23:30-0500"),
    ):
        starts = _starts(always, AUTUMN, part_of_day=part)  # type: ignore[arg-type]
        assert (starts[0], starts[-1]) == (first, last)


@pytest.mark.parametrize(
    ("zone", "day", "steady"),
    [
        (NEW_YORK, MONDAY, True),
        (NEW_YORK, SPRING, False),
        (NEW_YORK, SPRING - ONE_DAY, False),
        (NEW_YORK, SPRING - 2 * ONE_DAY, True),
        (NEW_YORK, SPRING + ONE_DAY, True),
        (ZoneInfo("America/Havana"), date(2026, 3, 8), False),
        (ZoneInfo("Pacific/Apia"), date(2011, 12, 29), False),
    ],
)
def test_a_day_is_steady_unless_its_clock_is_changed_by_the_end_of_the_next(
    zone: ZoneInfo, day: date, steady: bool
) -> None:
    assert (steady_midnight(zone, day) is not None) is steady


_CHANGES = {
    "America/New_York": [SPRING, AUTUMN],
    "Europe/London": [date(2026, 3, 29), date(2026, 10, 25)],
    "Asia/Kolkata": [MONDAY],
    "Australia/Lord_Howe": [date(2026, 4, 5), date(2026, 10, 4)],
    # The clock is changed at midnight.
    "America/Havana": [date(2026, 3, 8), date(2026, 11, 1)],
    "Asia/Beirut": [date(2026, 3, 29), date(2026, 10, 25)],
    # A whole day was left out.
    "Pacific/Apia": [date(2011, 12, 29), date(2011, 12, 30), date(2011, 12, 31)],
    "Africa/Casablanca": [date(2026, 2, 15), date(2026, 3, 22)],
}
_ZONES = st.sampled_from(sorted(_CHANGES)).map(ZoneInfo)
_DAYS = st.dates(date(2026, 1, 1), date(2027, 12, 31))
_ZONED_DAYS = st.sampled_from(sorted(_CHANGES)).flatmap(
    lambda zone: st.tuples(
        st.just(ZoneInfo(zone)),
        st.builds(
            lambda day, shift: day + timedelta(days=shift),
            st.sampled_from(_CHANGES[zone]),
            st.sampled_from([0, 0, -1, 1, 40]),
        ),
    )
)
_QUARTERS = st.integers(0, 24 * 4 - 1).map(lambda quarter: quarter * 15)
_SPAN = st.builds(minutes_between, _QUARTERS, _QUARTERS)
_WEEK = st.one_of(
    st.just([]),
    st.lists(_SPAN, min_size=1, max_size=3).map(
        lambda spans: [(weekday, span) for weekday in range(7) for span in spans]
    ),
    st.lists(st.tuples(st.integers(0, 6), _SPAN), min_size=4, max_size=12),
)
_NEAR = st.integers(-2, 2)
# Mostly none of them: what is quick is quick where a day is like others of its weekday.
_DATED = st.one_of(
    st.just({}),
    st.just({}),
    st.dictionaries(_NEAR, st.lists(_SPAN, min_size=1, max_size=2), min_size=1, max_size=2),
)
_HOLIDAYS = st.one_of(st.just(set()), st.just(set()), st.sets(_NEAR, min_size=1, max_size=2))
_CLOSINGS = st.lists(
    st.tuples(
        _NEAR,
        st.integers(0, 1),
        st.none() | st.tuples(_QUARTERS, _QUARTERS).filter(lambda between: between[0] < between[1]),
    ),
    max_size=2,
)


def _hours(
    week: Sequence[tuple[int, Minutes]], dated: dict[int, list[Minutes]], day: date
) -> Hours:
    dates = {day + timedelta(days=shift): joined(spans) for shift, spans in dated.items()}
    return Hours(weekly_hours(week) if week else None, dates)


class _Slow:
    """The rules as they are written down, minute by minute, with nothing shared but the rule for
    local times."""

    def __init__(self, timetable: Timetable, day: date) -> None:
        self.timetable = timetable
        self.near = days(day - 3 * ONE_DAY, day + 4 * ONE_DAY)
        opening, own = self._minutes(timetable.opening), self._minutes(timetable.own)
        self.pieces: list[tuple[date, Minutes]] = []
        for one in self.near:
            for begins, ends in own[one] if own[one] is not None else opening[one] or ():
                wall = datetime.combine(one, time())
                inside = [
                    minute
                    for minute in range(begins, ends)
                    if own[one] is None
                    or opening[one] is None
                    or self._is_open(opening, wall + timedelta(minutes=minute))
                ]
                self.pieces += [(one, run) for run in _runs(inside)]
        self.work: set[int] = set()
        for one, (begins, ends) in self.pieces:
            self.work.update(range(self._at(one, begins), self._at(one, ends), 60))
        for closing in timetable.closings:
            for one in self.near:
                if closing.between and closing.first_day <= one <= closing.last_day:
                    begins, ends = closing.between
                    self.work.difference_update(
                        range(self._at(one, begins), self._at(one, ends), 60)
                    )

    def _minutes(self, hours: Hours) -> dict[date, tuple[Minutes, ...] | None]:
        return {one: () if self._closed(one) else hours.on(one) for one in self.near}

    def _closed(self, day: date) -> bool:
        special = day in self.timetable.opening.dates or day in self.timetable.own.dates
        return (day in self.timetable.holidays and not special) or any(
            closing.between is None and closing.first_day <= day <= closing.last_day
            for closing in self.timetable.closings
        )

    def _is_open(self, opening: dict[date, tuple[Minutes, ...] | None], wall: datetime) -> bool:
        for shift in range(-2, 3):
            day = wall.date() + timedelta(days=shift)
            minute = int((wall - datetime.combine(day, time())).total_seconds() // 60)
            if any(begins <= minute < ends for begins, ends in opening.get(day) or ()):
                return True
        return False

    def _at(self, day: date, minutes: int) -> int:
        local = datetime.combine(day, time()) + timedelta(minutes=minutes)
        return epoch(instant(local, self.timetable.zone))

    def starts(
        self, day: date, *, length: Length, step: int, taken: Sequence[Seconds]
    ) -> list[int]:
        zone = self.timetable.zone
        found: set[int] = set()
        for one, (begins, ends) in self.pieces:
            for minutes in range(begins, ends, step):
                local = datetime.combine(one, time()) + timedelta(minutes=minutes)
                at = self._at(one, minutes)
                if shows(from_epoch(at), zone) != local or local.date() != day:
                    continue
                until = at + int(length.service.total_seconds())
                occupied = (
                    at - int(length.before.total_seconds()),
                    until + int(length.after.total_seconds()),
                )
                if all(minute in self.work for minute in range(at, until, 60)) and not any(
                    since < occupied[1] and occupied[0] < end for since, end in taken
                ):
                    found.add(at)
        return sorted(found)


def _runs(minutes: Sequence[int]) -> list[Minutes]:
    runs: list[Minutes] = []
    for minute in minutes:
        if runs and runs[-1][1] == minute:
            runs[-1] = (runs[-1][0], minute + 1)
        else:
            runs.append((minute, minute + 1))
    return runs


@settings(max_examples=100, deadline=None)
@given(
    zoned_day=_ZONED_DAYS,
    opening=_WEEK,
    own=_WEEK,
    opening_dates=_DATED,
    own_dates=_DATED,
    closings=_CLOSINGS,
    holidays=_HOLIDAYS,
    quarters=st.sampled_from([1, 1, 2, 4, 6, 12, 40, 96]),
    before=st.integers(0, 4),
    after=st.integers(0, 4),
    step=st.sampled_from([5, 10, 15, 20, 45, 60, 240]),
    busy=st.lists(st.tuples(st.integers(-300, 1800), st.integers(1, 200)), max_size=3),
)
@example(
    zoned_day=(LORD_HOWE, date(2026, 10, 4)),
    opening=[(weekday, (0, 24 * 60)) for weekday in range(7)],
    own=[(6, (60, 27 * 60))],
    opening_dates={},
    own_dates={},
    closings=[],
    holidays=set(),
    quarters=4,
    before=0,
    after=0,
    step=15,
    busy=[],
)
def test_quick_arithmetic_agrees_with_the_rules_minute_by_minute(
    zoned_day: tuple[ZoneInfo, date],
    opening: list[tuple[int, Minutes]],
    own: list[tuple[int, Minutes]],
    opening_dates: dict[int, list[Minutes]],
    own_dates: dict[int, list[Minutes]],
    closings: list[tuple[int, int, Minutes | None]],
    holidays: set[int],
    quarters: int,
    before: int,
    after: int,
    step: int,
    busy: list[tuple[int, int]],
) -> None:
    zone, day = zoned_day
    timetable = Timetable(
        zone=zone,
        opening=_hours(opening, opening_dates, day),
        own=_hours(own, own_dates, day),
        closings=[
            Closing(day + timedelta(days=shift), day + timedelta(days=shift + lasts), between)
            for shift, lasts, between in closings
        ],
        holidays=frozenset(day + timedelta(days=shift) for shift in holidays),
    )
    length = Length(
        service=timedelta(minutes=15 * quarters),
        before=timedelta(minutes=15 * before),
        after=timedelta(minutes=15 * after),
    )
    midnight = epoch(instant(datetime.combine(day, time()), zone))
    taken = [(midnight + begins * 60, midnight + (begins + lasts) * 60) for begins, lasts in busy]
    found = free_starts(
        timetable,
        day,
        length=length,
        step=step,
        barred=Barred(Taken(taken), timetable.pauses(day - ONE_DAY, day + 2 * ONE_DAY), length),
    )
    slow = _Slow(timetable, day)
    assert found == slow.starts(day, length=length, step=step, taken=taken)
    service = int(length.service.total_seconds())
    for at in found:
        assert day_of(zone, at) == day
        assert timetable.works(at, at + service, day=day)
    for at in range(midnight, midnight + 24 * 3600, 45 * 60):
        if day_of(zone, at) == day:
            inside = all(minute in slow.work for minute in range(at, at + service, 60))
            assert timetable.works(at, at + service, day=day) is inside


@given(
    spans=st.lists(st.tuples(st.integers(0, 300), st.integers(1, 60)), max_size=12),
    first=st.integers(0, 300),
    lasts=st.integers(1, 200),
)
def test_what_is_taken_is_told_and_added_up_truly(
    spans: list[tuple[int, int]], first: int, lasts: int
) -> None:
    taken = Taken((begins, begins + length) for begins, length in spans)
    seconds = {second for begins, length in spans for second in range(begins, begins + length)}
    asked = set(range(first, first + lasts))
    assert taken.clashes(first, first + lasts) is bool(asked & seconds)
    assert taken.total(first, first + lasts) == len(asked & seconds)


@given(zone=_ZONES, day=_DAYS, minute=st.integers(0, 24 * 60 - 1))
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
