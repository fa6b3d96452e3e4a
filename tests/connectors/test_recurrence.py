"""When an outside calendar says that somebody is busy: the cases that `recurring_ical_events` and
`icalendar` publish with their packages, and those of RFC 5545 that they have none for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

import icalendar
import pytest
import recurring_ical_events

from domain.calendars.reading import NotACalendar, Reading, read
from domain.calendars.writing import uid_of

PUBLISHED = Path(recurring_ical_events.__file__).parent / "test" / "calendars"
PARSED = Path(icalendar.__file__).parent / "tests" / "calendars"

NO_CALENDARS = {
    "fuzz_testcase_0_char_in_component_name.ics",
    "fuzz_testcase_invalid_month.ics",
    "fuzz_testcase_vtimezone_lone_cr.ics",
    "issue_178_component_with_invalid_name_represented.ics",
    "issue_178_custom_component_contains_other.ics",
    "issue_82_expected_output.ics",
}
"""Files of icalendar's that hold another component, or nothing, where a calendar should be."""

Spans = list[tuple[datetime, datetime]]


def spans_of(reading: Reading) -> Spans:
    return sorted((busy.begins_at, busy.ends_at) for event in reading.events for busy in event.busy)


def published(name: str, *, year: int, zone: str = "UTC") -> Spans:
    """The busy times of a published calendar in `year` and the two after."""
    return spans_of(
        read(
            (PUBLISHED / f"{name}.ics").read_bytes(),
            begins=datetime(year, 1, 1, tzinfo=UTC),
            ends=datetime(year + 3, 1, 1, tzinfo=UTC),
            zone=zone,
        )
    )


def is_busy(spans: Spans, begins: datetime, length: timedelta = timedelta(days=1)) -> bool:
    return any(start < begins + length and end > begins for start, end in spans)


@pytest.mark.parametrize(
    ("name", "busy", "free"),
    [
        (
            "issue_20_exdate_ignored",
            "20191029 20191112 20191210 20200107 20200114 20200121 20200128",
            "20191015 20191022 20191105 20191119 20191126 20191203 20191217 20191224 20191231",
        ),
        ("issue_148_ignored_exdate", "20240701 20240729", "20240715"),
        (
            "issue_148_exdate_and_rdate_updated",
            "20240701 20240715 20240730",
            "20240717 20240729",
        ),
        (
            "issue_148_exdate_and_rdate_unedited",
            "20240701 20240717 20240729",
            "20240715 20240730",
        ),
        # Each a week long; the second file has a moved one from the 2nd to the 9th.
        ("issue_148_edge_case_1", "20240701 20240707 20240729", "20240708 20240715"),
        ("issue_148_edge_case_2", "20240701 20240708 20240729", "20240709 20240715"),
        (
            "rdate_hackerpublicradio",
            "20130803 20130831 20131005 20131102 20131130 20140104 20140201 20140301 20140405"
            " 20140503 20140531 20140705",
            "20130804 20140303",
        ),
        ("rdate", "20140705", "20150705"),
        ("duration", "20180110 20180111 20180112 20180115", "20180109 20180114 20180121"),
        ("issue_48_daylight_aware_repeats", "20201102", ""),
    ],
)
def test_published_recurrences_are_busy_and_free_on_the_days_their_tests_name(
    name: str, busy: str, free: str
) -> None:
    def day(text: str) -> datetime:
        return datetime.strptime(text, "%Y%m%d").replace(tzinfo=UTC)

    spans = published(name, year=day(busy.split()[0]).year)
    assert [text for text in busy.split() if not is_busy(spans, day(text))] == []
    assert [text for text in free.split() if is_busy(spans, day(text))] == []


@pytest.mark.parametrize(
    ("name", "zone", "begins", "ends"),
    [
        # Winter and summer time of one series.
        ("daylight_saving_time", "Europe/Berlin", "2019-03-20T19:00", None),
        ("daylight_saving_time", "Europe/Berlin", "2019-04-24T19:00", None),
        (
            "issue_48_daylight_aware_repeats",
            "Europe/Lisbon",
            "2020-11-02T11:30",
            "2020-11-02T13:00",
        ),
        # RDATE as a PERIOD has a length of its own.
        ("issue_113_period_in_rdate", "America/Vancouver", "2023-12-13T12:00", "2023-12-13T15:00"),
        # One occurrence whose length was changed.
        ("duration_edited", "Europe/Berlin", "2019-03-19T00:00", None),
    ],
)
def test_published_occurrences_begin_and_end_at_the_instants_their_tests_name(
    name: str, zone: str, begins: str, ends: str | None
) -> None:
    def instant(text: str) -> datetime:
        return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)

    spans = published(name, year=int(begins[:4]), zone=zone)
    if name == "duration_edited":
        day = instant(begins)
        lengths = [end - start for start, end in spans if day <= start < day + timedelta(days=1)]
        assert lengths == [timedelta(hours=3)]
        return
    found = dict(spans)
    assert instant(begins) in found
    if ends is not None:
        assert found[instant(begins)] == instant(ends)


@pytest.mark.parametrize(
    ("name", "count"), [("each_week_but_one_deleted", 7), ("each_week_but_two_deleted", 6)]
)
def test_published_exceptions_leave_the_number_of_occurrences_their_tests_name(
    name: str, count: int
) -> None:
    assert len(published(name, year=2019)) == count


@pytest.mark.parametrize("path", sorted(PUBLISHED.glob("*.ics")), ids=lambda path: path.stem)
def test_every_published_calendar_is_busy_when_its_library_has_occurrences(path: Path) -> None:
    """Reading event by event, joining and resolving loses and adds nothing."""
    zone = ZoneInfo("Europe/Berlin")
    begins, ends = datetime(2012, 1, 1, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC)
    reading = read(path.read_bytes(), begins=begins, ends=ends, zone=zone.key)
    if reading.unreadable:
        assert path.stem == "bad_rrule_missing_until_event"
        return
    expected: Spans = []
    calendar = icalendar.Calendar.from_ical(path.read_bytes())
    day = timedelta(days=1)
    for event in recurring_ical_events.of(calendar).between(begins - day, ends + day):
        if "TRANSPARENT" in event.get("TRANSP", "") or event.get("STATUS") == "CANCELLED":
            continue
        span = tuple(
            (
                value
                if isinstance(value, datetime) and value.tzinfo
                else datetime(*value.timetuple()[:6], tzinfo=zone)
            ).astimezone(UTC)
            for value in (event.start, event.end)
        )
        if span[0] < span[1] and span[0] < ends and span[1] > begins:
            expected.append((span[0], span[1]))
    assert union(spans_of(reading)) == union(expected)


def union(spans: Spans) -> Spans:
    joined: Spans = []
    for begins, ends in sorted(spans):
        if joined and begins <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(ends, joined[-1][1]))
        else:
            joined.append((begins, ends))
    return joined


@pytest.mark.parametrize(
    "path",
    sorted([*PARSED.glob("*.ics"), *(PARSED.parent / "events").glob("*.ics")]),
    ids=lambda path: path.stem,
)
def test_no_published_calendar_however_broken_raises(path: Path) -> None:
    window = {
        "begins": datetime(2005, 1, 1, tzinfo=UTC),
        "ends": datetime(2007, 1, 1, tzinfo=UTC),
        "zone": "Europe/Berlin",
    }
    data = path.read_bytes()
    if path.parent.name == "events":
        # A component by itself: in a frame, among others, it keeps none of them back.
        data = calendar("UID:good", "DTSTART:20060101T100000Z", "DTEND:20060101T110000Z").replace(
            b"END:VCALENDAR", data.strip() + b"\r\nEND:VCALENDAR"
        )
        good = datetime(2006, 1, 1, 10, tzinfo=UTC)
        assert (good, good + timedelta(hours=1)) in spans_of(read(data, **window))
    elif path.name in NO_CALENDARS:
        with pytest.raises(NotACalendar):
            read(data, **window)
    else:
        read(data, **window)


def calendar(*lines: str, before: str = "") -> bytes:
    return (
        f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//EN\r\n{before}BEGIN:VEVENT\r\n"
        + "".join(f"{line}\r\n" for line in lines)
        + "END:VEVENT\r\nEND:VCALENDAR\r\n"
    ).encode()


def local(
    *lines: str, zone: str = "America/New_York", owner: str = "", before: str = ""
) -> list[str]:
    """The busy times of one event in November 2026 or around the clock changes, in `zone`."""
    reading = read(
        calendar("UID:1", *lines, before=before),
        begins=datetime(2026, 3, 1, tzinfo=UTC),
        ends=datetime(2026, 12, 1, tzinfo=UTC),
        zone=zone,
        owner=owner,
    )
    assert reading.unreadable == 0
    return [
        f"{begins.astimezone(ZoneInfo(zone)):%m-%d %H:%M}/{ends.astimezone(ZoneInfo(zone)):%m-%d %H:%M}"
        for begins, ends in spans_of(reading)
    ]


AN_HOUR = ["11-24 09:00/11-24 10:00"]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        pytest.param(
            ["DTSTART:20261124T140000Z", "DTEND:20261124T150000Z"], AN_HOUR, id="3.3.5-utc"
        ),
        pytest.param(
            ["DTSTART:20261124T090000", "DTEND:20261124T100000"], AN_HOUR, id="3.3.5-floating"
        ),
        pytest.param(
            [
                "DTSTART;TZID=Europe/Berlin:20261124T150000",
                "DTEND;TZID=Europe/Berlin:20261124T160000",
            ],
            AN_HOUR,
            id="3.3.5-foreign-zone",
        ),
        pytest.param(
            [
                "DTSTART;TZID=W. Europe Standard Time:20261124T150000",
                "DTEND;TZID=W. Europe Standard Time:20261124T160000",
            ],
            AN_HOUR,
            id="windows-zone-name",
        ),
        pytest.param(
            [
                "DTSTART;TZID=Nowhere/Known:20261124T090000",
                "DTEND;TZID=Nowhere/Known:20261124T100000",
            ],
            AN_HOUR,
            id="3.2.19-unknown-zone-is-the-persons",
        ),
        pytest.param(
            [
                "DTSTART;TZID=/example.org/Europe/Berlin:20261124T150000",
                "DTEND;TZID=/example.org/Europe/Berlin:20261124T160000",
            ],
            AN_HOUR,
            id="3.2.19-globally-unique-zone",
        ),
        pytest.param(["DTSTART:20261124T140000Z", "DURATION:PT1H"], AN_HOUR, id="3.8.2.5-duration"),
        pytest.param(
            ["DTSTART;VALUE=DATE:20261124"], ["11-24 00:00/11-25 00:00"], id="3.6.1-all-day"
        ),
        pytest.param(
            ["DTSTART;VALUE=DATE:20261124", "DTEND;VALUE=DATE:20261126"],
            ["11-24 00:00/11-26 00:00"],
            id="3.6.1-several-days",
        ),
        pytest.param(
            ["DTSTART;VALUE=DATE:20261101"],
            ["11-01 00:00/11-02 00:00"],
            id="all-day-of-25-hours",
        ),
        pytest.param(["DTSTART:20261124T140000Z"], [], id="3.6.1-no-length"),
        pytest.param(
            ["DTSTART:20261124T140000Z", "DTEND:20261124T150000Z", "TRANSP:TRANSPARENT"],
            [],
            id="3.8.2.7-transparent",
        ),
        pytest.param(
            ["DTSTART:20261124T140000Z", "DTEND:20261124T150000Z", "STATUS:CANCELLED"],
            [],
            id="3.8.1.11-cancelled",
        ),
        pytest.param(
            ["DTSTART:20261124T140000Z", "DTEND:20261124T150000Z", "STATUS:TENTATIVE"],
            AN_HOUR,
            id="3.8.1.11-tentative",
        ),
        pytest.param(
            ["DTSTART:20261124T140000Z", "DTEND:20261124T150000Z", "CLASS:PRIVATE", "SUMMARY:x"],
            AN_HOUR,
            id="3.8.1.3-private",
        ),
        pytest.param(
            [
                "DTSTART:20261124T140000Z",
                "DTEND:20261124T150000Z",
                "X-MICROSOFT-CDO-BUSYSTATUS:FREE",
            ],
            [],
            id="outlook-free",
        ),
        pytest.param(
            ["DTSTART:20261124T140000Z", "DTEND:20261124T150000Z", "EXDATE:"],
            AN_HOUR,
            id="3.8.5.1-empty-exdate",
        ),
        pytest.param(
            [
                "DTSTART;TZID=America/New_York:20261123T090000",
                "DTEND;TZID=America/New_York:20261123T100000",
                "RRULE:FREQ=DAILY;COUNT=4",
                "EXDATE;TZID=America/New_York:20261124T090000",
                "RDATE;TZID=America/New_York:20261128T120000",
            ],
            [
                "11-23 09:00/11-23 10:00",
                "11-25 09:00/11-25 10:00",
                "11-26 09:00/11-26 10:00",
                "11-28 12:00/11-28 13:00",
            ],
            id="3.8.5-rrule-exdate-rdate",
        ),
        pytest.param(
            [
                "DTSTART;TZID=America/New_York:20261030T090000",
                "DTEND;TZID=America/New_York:20261030T100000",
                "RRULE:FREQ=DAILY;UNTIL=20261102T140000Z",
            ],
            [f"{day} 09:00/{day} 10:00" for day in ("10-30", "10-31", "11-01", "11-02")],
            id="3.3.10-wall-clock-over-a-clock-change",
        ),
        pytest.param(
            [
                "DTSTART;TZID=America/New_York:20260308T023000",
                "DTEND;TZID=America/New_York:20260308T033000",
            ],
            # 02:30 does not exist: read by the offset before the gap, it is 03:30 EDT.
            ["03-08 03:30/03-08 04:30"],
            id="3.3.5-skipped-time-keeps-its-length",
        ),
        pytest.param(
            ["DTSTART;TZID=America/New_York:20260308T023000", "DURATION:PT1H"],
            ["03-08 03:30/03-08 04:30"],
            id="3.3.5-skipped-time-is-after-the-gap",
        ),
        pytest.param(
            [
                "DTSTART;TZID=America/New_York:20261101T013000",
                "DTEND;TZID=America/New_York:20261101T014500",
            ],
            ["11-01 01:30/11-01 01:45"],
            id="3.3.5-doubled-time-is-its-first",
        ),
    ],
)
def test_events_of_rfc_5545(lines: list[str], expected: list[str]) -> None:
    assert local(*lines) == expected


def test_a_doubled_time_is_its_first_instant() -> None:
    reading = read(
        calendar("UID:1", "DTSTART:20261101T013000", "DTEND:20261101T014500"),
        begins=datetime(2026, 10, 1, tzinfo=UTC),
        ends=datetime(2026, 12, 1, tzinfo=UTC),
        zone="America/New_York",
    )
    assert spans_of(reading)[0][0] == datetime(2026, 11, 1, 5, 30, tzinfo=UTC)


def test_an_exception_replaces_its_occurrence_and_a_cancelled_one_frees_it() -> None:
    """RECURRENCE-ID (section 3.8.4.4)."""
    series = calendar(
        "UID:1",
        "DTSTART;TZID=America/New_York:20261123T090000",
        "DTEND;TZID=America/New_York:20261123T100000",
        "RRULE:FREQ=DAILY;COUNT=3",
    )
    exceptions = (
        "BEGIN:VEVENT\r\nUID:1\r\nRECURRENCE-ID;TZID=America/New_York:20261124T090000\r\n"
        "DTSTART;TZID=America/New_York:20261124T150000\r\n"
        "DTEND;TZID=America/New_York:20261124T160000\r\nEND:VEVENT\r\n"
        "BEGIN:VEVENT\r\nUID:1\r\nRECURRENCE-ID;TZID=America/New_York:20261125T090000\r\n"
        "DTSTART;TZID=America/New_York:20261125T090000\r\n"
        "DTEND;TZID=America/New_York:20261125T100000\r\nSTATUS:CANCELLED\r\nEND:VEVENT\r\n"
    )
    reading = read(
        series.replace(b"END:VCALENDAR", exceptions.encode() + b"END:VCALENDAR"),
        begins=datetime(2026, 11, 1, tzinfo=UTC),
        ends=datetime(2026, 12, 1, tzinfo=UTC),
        zone="America/New_York",
    )
    assert [begins for begins, _ in spans_of(reading)] == [
        datetime(2026, 11, 23, 14, tzinfo=UTC),
        datetime(2026, 11, 24, 20, tzinfo=UTC),
    ]


def zone_named(name: str, offset: str) -> str:
    return (
        f"BEGIN:VTIMEZONE\r\nTZID:{name}\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000\r\n"
        f"TZOFFSETFROM:{offset}\r\nTZOFFSETTO:{offset}\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n"
    )


def test_a_zone_that_a_calendar_defines_is_its_own_alone() -> None:
    """Two practices' calendars may give the same name to different zones (section 3.6.5)."""
    lines = ["DTSTART;TZID=Customized:20261124T090000", "DTEND;TZID=Customized:20261124T100000"]
    utc = "UTC"
    assert local(*lines, zone=utc, before=zone_named("Customized", "+0200")) == [
        "11-24 07:00/11-24 08:00"
    ]
    assert local(*lines, zone=utc, before=zone_named("Customized", "-0500")) == [
        "11-24 14:00/11-24 15:00"
    ]
    assert local(*lines, zone=utc) == ["11-24 09:00/11-24 10:00"]


def test_what_its_owner_declined_leaves_free() -> None:
    lines = (
        "DTSTART:20261124T140000Z",
        "DTEND:20261124T150000Z",
        "ATTENDEE;PARTSTAT=DECLINED:mailto:Lee@example.com",
        "ATTENDEE;PARTSTAT=ACCEPTED:mailto:gomez@example.com",
    )
    assert local(*lines, owner="lee@example.com") == []
    assert local(*lines, owner="gomez@example.com") == AN_HOUR
    assert local(*lines) == AN_HOUR


def test_published_free_busy_times_block() -> None:
    """VFREEBUSY (section 3.6.4)."""
    text = (
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VFREEBUSY\r\nUID:1\r\n"
        "FREEBUSY;FBTYPE=BUSY:20261124T140000Z/PT1H,20261125T140000Z/20261125T150000Z\r\n"
        "FREEBUSY;FBTYPE=FREE:20261126T140000Z/PT1H\r\n"
        "END:VFREEBUSY\r\nEND:VCALENDAR\r\n"
    )
    reading = read(
        text,
        begins=datetime(2026, 11, 1, tzinfo=UTC),
        ends=datetime(2026, 12, 1, tzinfo=UTC),
        zone="UTC",
    )
    assert [begins.day for begins, _ in spans_of(reading)] == [24, 25]


def window(data: bytes | str) -> Reading:
    return read(
        data,
        begins=datetime(2026, 11, 1, tzinfo=UTC),
        ends=datetime(2027, 1, 1, tzinfo=UTC),
        zone="UTC",
    )


GOOD = "BEGIN:VEVENT\r\nUID:good\r\nDTSTART:20261124T140000Z\r\nDURATION:PT1H\r\nEND:VEVENT\r\n"


@pytest.mark.parametrize(
    "bad",
    [
        "BEGIN:VEVENT\r\nUID:bad\r\nDTSTART:yesterday\r\nEND:VEVENT\r\n",
        "BEGIN:VEVENT\r\nUID:bad\r\nEND:VEVENT\r\n",
        "BEGIN:VEVENT\r\nUID:bad\r\nDTSTART:20261124T140000Z\r\nRRULE:FREQ=NEVER\r\nEND:VEVENT\r\n",
        "BEGIN:VEVENT\r\nUID:bad\r\nDTSTART:20261124T140000Z\r\n",
    ],
    ids=["no-date", "no-start", "no-rule", "no-end"],
)
def test_a_bad_event_is_counted_and_loses_no_other(bad: str) -> None:
    for events in (GOOD + bad, bad + GOOD):
        reading = window(f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{events}END:VCALENDAR\r\n")
        assert reading.unreadable == 1
        assert datetime(2026, 11, 24, 14, tzinfo=UTC) in dict(spans_of(reading))


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=SECONDLY",
        "FREQ=MINUTELY",
        "FREQ=DAILY;BYHOUR=0,1,2,3,4,5,6,7,8,9,10,11;BYMINUTE=0,1,2,3,4,5,6,7,8,9,10,11",
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
    ],
)
def test_a_rule_without_measure_is_counted_and_not_spelt_out(rule: str) -> None:
    reading = window(
        calendar("UID:1", "DTSTART:20250101T000000Z", "DURATION:PT1S", f"RRULE:{rule}")
    )
    assert (reading.unreadable, spans_of(reading)) == (1, [])


def test_an_endless_rule_ends_with_the_window() -> None:
    reading = window(
        calendar("UID:1", "DTSTART:20000101T090000Z", "DURATION:PT1H", "RRULE:FREQ=DAILY")
    )
    assert len(spans_of(reading)) == 61


@pytest.mark.parametrize(
    ("state", "expected"), [("CONFIRMED", [datetime(2025, 3, 1, 9, tzinfo=UTC)]), ("CANCELLED", [])]
)
def test_an_entry_of_ours_has_its_time_outside_the_window_too(
    state: str, expected: list[datetime]
) -> None:
    reading = window(
        calendar(
            f"UID:{uid_of(UUID(int=1))}",
            "DTSTART:20250301T090000Z",
            "DURATION:PT1H",
            f"STATUS:{state}",
        )
    )
    assert [begins for begins, _ in spans_of(reading)] == expected


def test_several_calendars_in_one_file_and_a_byte_order_mark_are_read() -> None:
    one = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{GOOD}END:VCALENDAR\r\n"
    assert len(window(("\ufeff" + one + one).encode()).events) == 2


@pytest.mark.parametrize("data", [b"", b"<html>Sign in</html>", b"\xff\xfe\x00"])
def test_what_is_no_calendar_is_said_to_be_none(data: bytes) -> None:
    with pytest.raises(NotACalendar):
        window(data)
