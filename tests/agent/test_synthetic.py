"""A synthetic call rings nobody, whatever the business has set."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest

from agent.synthetic import undisturbing
from domain.businesses.profile import (
    CallProfile,
    ProfileDepartment,
    ProfilePerson,
    ProfileShift,
    ProfileSwitch,
)
from domain.businesses.settings import BusinessSettings, Handoff
from domain.handoffs.plan import plan_handoff

PERSON, DEPARTMENT = UUID(int=1), UUID(int=2)
NOW = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)
BUSY = CallProfile(
    business_id=UUID(int=3),
    name="Riverside Dental",
    time_zone="America/New_York",
    country="US",
    settings=BusinessSettings(
        greeting="Hello.",
        transfer_number="+12025550122",
        handoff=Handoff(staff_first_seconds=20),
    ),
    settings_version=1,
    people=(ProfilePerson(id=PERSON, name="Ann", title="", service_ids=(), phone="+12025550123"),),
    departments=(
        ProfileDepartment(
            id=DEPARTMENT,
            name="Front desk",
            phone="+12025550124",
            hours="always",
            member_ids=(PERSON,),
        ),
    ),
    shifts=(
        ProfileShift(
            department_id=DEPARTMENT,
            person_id=PERSON,
            day=NOW.date(),
            begins=NOW.time().replace(hour=0),
            ends=NOW.time().replace(hour=23),
        ),
    ),
    switch=ProfileSwitch(mode="off", forward_to="+12025550125"),
)


@pytest.mark.parametrize("whom", [{}, {"department": "front desk"}, {"person_id": PERSON}])
def test_there_is_nobody_to_ring(whom: dict[str, UUID | str]) -> None:
    assert plan_handoff(BUSY.routing, now=NOW, **whom).rounds  # type: ignore[arg-type]
    quiet = undisturbing(BUSY)
    assert plan_handoff(quiet.routing, now=NOW, **whom).rounds == ()  # type: ignore[arg-type]


def test_the_assistant_itself_answers() -> None:
    quiet = undisturbing(BUSY)
    assert quiet.switch == ProfileSwitch()
    assert quiet.settings.handoff.staff_first_seconds == 0
    assert quiet.settings.greeting == BUSY.settings.greeting
