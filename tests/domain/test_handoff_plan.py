"""Whom to ring for a caller who wants a person."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings, strategies as st

from domain.businesses.profile import (
    ProfileClosure,
    ProfileDateHours,
    ProfileDepartment,
    ProfileHours,
    ProfilePause,
    ProfilePerson,
    ProfileShift,
    Routing,
)
from domain.handoffs.plan import HandoffPlan, plan_handoff
from tests.domain.handoff_oracle import DAY, MINUTE, Oracle

DESK, BILLS = UUID(int=1), UUID(int=2)
MARIA, TOM, EVE = UUID(int=11), UUID(int=12), UUID(int=13)
ZONE = "America/New_York"
NOON = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)
"""A Monday, in New York."""
OFFICE = tuple(ProfileHours(weekday=day, opens=time(9), closes=time(17)) for day in range(5))


def _person(person_id: UUID, phone: str) -> ProfilePerson:
    return ProfilePerson(id=person_id, name="Somebody", title="", service_ids=(), phone=phone)


PEOPLE = (_person(MARIA, "+12025550141"), _person(TOM, "+12025550142"), _person(EVE, ""))


def _desk(**changes: object) -> ProfileDepartment:
    values = {"id": DESK, "name": "Front desk", "member_ids": (MARIA, TOM, EVE)}
    return ProfileDepartment.model_validate(values | changes)


def _routing(*departments: ProfileDepartment, **changes: object) -> Routing:
    values = {
        "time_zone": ZONE,
        "departments": departments or (_desk(),),
        "people": PEOPLE,
        "hours": OFFICE,
    }
    return Routing.model_validate(values | changes)


def _rung(plan: HandoffPlan) -> list[list[str]]:
    return [[one.number[-2:] for one in part.telephones] for part in plan.rounds]


def _local(day: int, hour: int, minute: int = 0, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=ZoneInfo(ZONE)).astimezone(UTC)


@pytest.mark.parametrize(
    ("changes", "rung"),
    [
        ({}, [["41"], ["42"]]),
        ({"tries": 2}, [["41"], ["42"], ["41"], ["42"]]),
        ({"phone": "+12025550140"}, [["40"], ["41"], ["42"]]),
        ({"ring": "all_at_once"}, [["41", "42"]]),
        (
            {"ring": "all_at_once", "phone": "+12025550140", "tries": 2},
            [["40"], ["41", "42"], ["40"], ["41", "42"]],
        ),
        ({"phone": "+12025550141"}, [["41"], ["42"]]),
        ({"member_ids": (TOM, MARIA)}, [["42"], ["41"]]),
    ],
    ids=["in order", "tries", "own telephone", "at once", "all", "no number twice", "their order"],
)
def test_telephones_are_rung_as_the_department_has_it(
    changes: dict[str, object], rung: list[list[str]]
) -> None:
    plan = plan_handoff(_routing(_desk(ring_seconds=25, **changes)), now=NOON)
    assert _rung(plan) == rung
    assert (plan.department_id, plan.department_name) == (DESK, "Front desk")
    assert {one.ring_seconds for one in plan.rounds} == {25}
    assert plan.why_nobody is None


@pytest.mark.parametrize(
    "said",
    ["Front desk", "front desk", "FRONT-DESK", "the front desk", "desk", "Front  desk department"],
)
def test_a_department_is_known_as_callers_name_it(said: str) -> None:
    routing = _routing(_desk(id=BILLS, name="Facturación"), _desk())
    assert plan_handoff(routing, now=NOON, department=said).department_id == DESK
    assert plan_handoff(routing, now=NOON, department="FACTURACION").department_id == BILLS
    assert plan_handoff(routing, now=NOON, department=DESK).department_id == DESK
    assert plan_handoff(routing, now=NOON).department_id == BILLS


def test_an_unknown_department_is_answered_with_those_there_are() -> None:
    routing = _routing(_desk(), _desk(id=BILLS, name="Bills"))
    for wanted in ("surgery", UUID(int=99)):
        plan = plan_handoff(routing, now=NOON, department=wanted)
        assert (plan.why_nobody, plan.known) == ("unknown_department", ("Front desk", "Bills"))
        assert plan.rounds == ()


def test_without_departments_the_last_resort_is_rung_whatever_is_asked_for() -> None:
    alone = Routing(time_zone=ZONE, last_resort="+12025550149")
    assert _rung(plan_handoff(alone, now=NOON)) == [["49"]]
    assert _rung(plan_handoff(alone, now=NOON, department="billing")) == [["49"]]
    nobody = plan_handoff(Routing(time_zone=ZONE), now=NOON)
    assert (nobody.rounds, nobody.why_nobody) == ((), "no_number")


def test_a_department_without_anybody_falls_back_on_the_last_resort() -> None:
    empty = _desk(member_ids=(EVE,), ring_seconds=30)
    plan = plan_handoff(_routing(empty, last_resort="+12025550149"), now=NOON)
    assert _rung(plan) == [["49"]] and plan.department_name == "Front desk"
    assert plan_handoff(_routing(empty), now=NOON).why_nobody == "no_number"
    assert plan_handoff(_routing(_desk(member_ids=())), now=NOON).why_nobody == "nobody_on_call"


def test_outside_its_hours_nobody_is_rung_not_even_the_last_resort() -> None:
    routing = _routing(last_resort="+12025550149")
    plan = plan_handoff(routing, now=_local(23, 17))
    assert (plan.rounds, plan.why_nobody) == ((), "outside_hours")
    assert plan.reachable_at == _local(24, 9)
    assert plan_handoff(routing, now=_local(23, 16, 59)).why_nobody is None


def test_closures_pauses_and_dates_with_hours_of_their_own_count() -> None:
    thanksgiving = date(2026, 11, 26)
    routing = _routing(
        closures=[ProfileClosure(first_day=thanksgiving, last_day=thanksgiving, reason="")],
        date_hours=[ProfileDateHours(day=date(2026, 11, 27), opens=time(11), closes=time(12))],
        pauses=[
            ProfilePause(
                first_day=date(2026, 11, 24),
                last_day=date(2026, 11, 24),
                from_time=time(12),
                until_time=time(13),
                reason="",
            )
        ],
    )
    paused = plan_handoff(routing, now=_local(24, 12, 30))
    assert (paused.why_nobody, paused.reachable_at) == ("outside_hours", _local(24, 13))
    closed = plan_handoff(routing, now=_local(26, 10))
    assert (closed.why_nobody, closed.reachable_at) == ("outside_hours", _local(27, 11))


def test_whoever_is_on_call_is_rung_instead_of_the_members() -> None:
    night = ProfileShift(
        department_id=DESK,
        person_id=TOM,
        day=date(2026, 11, 23),
        begins=time(18),
        ends=time(8),
        every_weeks=1,
    )
    routing = _routing(_desk(hours="always"), shifts=[night])
    assert _rung(plan_handoff(routing, now=_local(23, 17, 59))) == [["41"], ["42"]]
    assert _rung(plan_handoff(routing, now=_local(24, 7, 59))) == [["42"]]
    assert _rung(plan_handoff(routing, now=_local(30, 23))) == [["42"]]
    assert _rung(plan_handoff(routing, now=_local(24, 8))) == [["41"], ["42"]]


def test_a_department_of_shifts_alone_tells_when_the_next_one_begins() -> None:
    shift = ProfileShift(
        department_id=DESK, person_id=TOM, day=date(2026, 11, 28), begins=time(9), ends=time(12)
    )
    plan = plan_handoff(_routing(_desk(hours="always", member_ids=()), shifts=[shift]), now=NOON)
    assert (plan.why_nobody, plan.reachable_at) == ("nobody_on_call", _local(28, 9))


def test_a_person_asked_for_by_name_is_rung_at_any_hour() -> None:
    plan = plan_handoff(_routing(), now=_local(22, 3), person_id=TOM)
    assert _rung(plan) == [["42"]] and plan.rounds[0].telephones[0].person_id == TOM
    assert plan_handoff(_routing(), now=NOON, person_id=EVE).why_nobody == "no_number"


_TIMES = st.sampled_from([time(0), time(1), time(1, 30), time(2), time(2, 30), time(3), time(14)])
_HOURS = st.lists(
    st.builds(ProfileHours, weekday=st.integers(0, 6), opens=_TIMES, closes=_TIMES), max_size=6
)
_FIRSTS = {
    "America/New_York": (date(2026, 3, 3), date(2026, 10, 27), date(2026, 6, 2)),
    "Europe/Berlin": (date(2026, 3, 24), date(2026, 10, 20)),
    # Half an hour, at two in the morning.
    "Australia/Lord_Howe": (date(2026, 3, 31), date(2026, 9, 29)),
}


@st.composite
def _situations(draw: st.DrawFn) -> tuple[Routing, date, datetime]:
    """A business, a first day a few days before a change of its clock, and a minute near it."""
    zone = draw(st.sampled_from(sorted(_FIRSTS)))
    first = draw(st.sampled_from(_FIRSTS[zone]))
    days = st.integers(2, 14).map(lambda step: first + step * DAY)
    shift = st.builds(
        ProfileShift,
        department_id=st.just(DESK),
        person_id=st.sampled_from([MARIA, TOM, EVE]),
        day=st.sampled_from([step - weeks for step in range(2, 8) for weeks in (0, 7, 14)]).map(
            lambda step: first + step * DAY
        ),
        begins=_TIMES,
        ends=_TIMES,
        every_weeks=st.sampled_from([None, 1, 2]),
    )
    shifts = [
        one if one.every_weeks is None else one.model_copy(update={"until": until})
        for one in draw(st.lists(shift, max_size=3))
        for until in [draw(st.none() | days)]
    ]
    pauses = [
        ProfilePause(
            first_day=day, last_day=day, from_time=time(1, 30), until_time=time(2, 30), reason=""
        )
        for day in draw(st.lists(days, max_size=2))
    ]
    department = _desk(
        hours=draw(st.sampled_from(["opening", "own", "always"])),
        own_hours=draw(_HOURS),
        phone=draw(st.sampled_from(["", "", "+12025550140"])),
        member_ids=draw(st.sampled_from([(), (EVE,), (MARIA, TOM)])),
    )
    routing = _routing(
        department,
        time_zone=zone,
        # One span at least: a business without any hours is not shut for ever.
        hours=[ProfileHours(weekday=6, opens=time(1, 30), closes=time(3)), *draw(_HOURS)],
        date_hours=draw(
            st.lists(st.builds(ProfileDateHours, day=days, opens=_TIMES, closes=_TIMES), max_size=2)
        ),
        closures=[
            ProfileClosure(first_day=day, last_day=day, reason="")
            for day in draw(st.lists(days, max_size=2))
        ],
        pauses=pauses,
        shifts=shifts,
    )
    minutes = draw(st.integers(3 * 24 * 60, 6 * 24 * 60))
    return routing, first, datetime.combine(first, time(), tzinfo=UTC) + minutes * MINUTE


@given(_situations())
@settings(max_examples=150, deadline=None)
def test_the_plan_is_what_going_through_the_minutes_finds(
    situation: tuple[Routing, date, datetime],
) -> None:
    routing, first, now = situation
    department = routing.departments[0]
    oracle = Oracle(routing, first=first)
    for at in (now + step * 37 * MINUTE for step in range(60)):
        plan = plan_handoff(routing, now=at)
        numbers = {one.number for part in plan.rounds for one in part.telephones}
        if not oracle.is_open(department, at):
            assert (plan.why_nobody, numbers) == ("outside_hours", set()), at
        else:
            assert numbers == oracle.numbers(department, at), at
            assert (plan.why_nobody is None) == bool(numbers), at


@given(_situations())
@settings(max_examples=40, deadline=None)
def test_the_next_time_somebody_is_there_is_the_first_such_minute(
    situation: tuple[Routing, date, datetime],
) -> None:
    routing, first, now = situation
    plan = plan_handoff(routing, now=now)
    if plan.why_nobody is None:
        assert plan.reachable_at is None
        return
    department, oracle = routing.departments[0], Oracle(routing, first=first)

    def reachable(at: datetime) -> bool:
        return bool(oracle.numbers(department, at)) and oracle.is_open(department, at)

    # Every time in these situations is a multiple of fifteen minutes.
    begins = datetime.combine(now.date(), time(), tzinfo=UTC)
    quarters = (begins + step * 15 * MINUTE for step in range(15 * 24 * 4 + 1))
    expected = next((at for at in quarters if now < at <= now + 14 * DAY and reachable(at)), None)
    assert plan.reachable_at == expected
