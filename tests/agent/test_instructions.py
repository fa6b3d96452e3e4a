"""What the model is told: the same prefix for every call, this call at the end."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from uuid import UUID

import pytest

from agent.instructions import render
from domain.businesses.profile import (
    CallProfile,
    ProfileClosure,
    ProfileDateHours,
    ProfileDepartment,
    ProfileHours,
    ProfileKnowledge,
    ProfilePause,
    ProfilePerson,
    ProfilePlace,
    ProfileService,
)
from domain.businesses.settings import BusinessSettings

CLEANING = ProfileService(
    id=UUID(int=1), name="Cleaning", description="", duration_minutes=45, price="120 dollars"
)
PROFILE = CallProfile(
    business_id=UUID(int=9),
    name="Riverside Dental",
    time_zone="America/New_York",
    country="US",
    settings=BusinessSettings(greeting="Hello.", assistant_name="Robin", instructions="Be kind."),
    settings_version=1,
    services=(CLEANING,),
    people=(ProfilePerson(id=UUID(int=2), name="Dr. Chen", title="dentist", service_ids=(UUID(int=1),)),),
    hours=(
        ProfileHours(weekday=0, opens=time(13), closes=time(17, 30)),
        ProfileHours(weekday=0, opens=time(8), closes=time(12)),
    ),
    closures=(ProfileClosure(first_day=date(2026, 12, 24), last_day=date(2026, 12, 26), reason="Christmas"),),
    knowledge=(ProfileKnowledge(question="Is there parking?", answer="Behind the building."),),
    departments=(
        ProfileDepartment(id=UUID(int=3), name="Front desk", description="Bills and records"),
        ProfileDepartment(id=UUID(int=4), name="Emergencies"),
    ),
)  # fmt: skip
MORNING = datetime(2026, 11, 21, 14, 40, tzinfo=UTC)


def test_the_date_and_time_are_the_business_s_and_come_last() -> None:
    last = render(PROFILE, now=MORNING).splitlines()[-1]
    assert last == "Today is Saturday 21 November 2026, 9:40 a.m. in America/New_York."


def test_calls_of_a_business_share_their_beginning() -> None:
    one = render(PROFILE, now=MORNING, caller_phone="+12025550111")
    other = render(
        PROFILE,
        now=datetime(2027, 3, 1, 20, 5, tzinfo=UTC),
        contact_name="Jane Doe",
        degraded=True,
        messages_only=True,
    )
    assert "taking messages only" in other and "taking messages only" not in one
    shared = one.partition("# This call")[0]
    assert other.startswith(shared)
    assert len(shared) > 1000


def test_what_the_business_offers_is_told() -> None:
    text = render(PROFILE, now=MORNING)
    for line in (
        "Your name is Robin.",
        "Cleaning: 45 minutes, 120 dollars.",
        "Dr. Chen, dentist: Cleaning.",
        "Monday: 8:00 a.m. to 12:00 p.m. and 1:00 p.m. to 5:30 p.m.",
        "Tuesday: closed.",
        "Closed from Thursday 24 December 2026 to Saturday 26 December 2026: Christmas.",
        "Is there parking? Behind the building.",
        "connected with\nFront desk: Bills and records.\nEmergencies.",
        "Be kind.",
        "dial 9 1 1",
    ):
        assert line in text, line


def test_places_and_days_out_of_the_ordinary_are_told() -> None:
    profile = PROFILE.model_copy(
        update={
            "services": (
                CLEANING.model_copy(update={"channel": "phone", "new_contacts_only": True}),
            ),
            "places": (
                ProfilePlace(
                    id=UUID(int=3),
                    name="Ocean Beach",
                    address="1 Great Highway",
                    time_zone="America/Los_Angeles",
                ),
            ),
            "date_hours": (
                ProfileDateHours(day=date(2026, 12, 31), opens=time(8), closes=time(12)),
            ),
            "pauses": (
                ProfilePause(
                    first_day=date(2026, 12, 4),
                    last_day=date(2026, 12, 4),
                    from_time=time(13),
                    until_time=time(15),
                    reason="training",
                ),
            ),
        }
    )
    text = render(profile, now=MORNING)
    for line in (
        "Cleaning: 45 minutes, 120 dollars, by telephone: we call them, only for people who have not "
        "been here before.",
        "Ocean Beach, 1 Great Highway (clock of America/Los_Angeles).",
        "On Thursday 31 December 2026 instead: 8:00 a.m. to 12:00 p.m.",
        "Closed on Friday 4 December 2026, 1:00 p.m. to 3:00 p.m.: training.",
    ):
        assert line in text, line


def test_what_every_call_is_told_stays_short() -> None:
    """Instructions are paid for, and read, on every turn: about 900 tokens before the business's own."""
    bare = CallProfile(
        business_id=UUID(int=9),
        name="B",
        time_zone="America/New_York",
        country="US",
        settings=BusinessSettings(greeting="Hello."),
        settings_version=1,
    )
    assert len(render(bare, now=MORNING)) < 3600


@pytest.mark.parametrize(
    ("phone", "name", "degraded", "told"),
    [
        ("+12025550111", "Jane Doe", False, "belongs to Jane Doe"),
        ("+12025550111", "", False, "The caller's number is known to your tools"),
        ("", "", False, "withheld"),
        ("", "", True, "out of reach"),
    ],
)
def test_what_is_known_of_the_caller_is_told(
    phone: str, name: str, degraded: bool, told: str
) -> None:
    text = render(PROFILE, now=MORNING, caller_phone=phone, contact_name=name, degraded=degraded)
    assert told in text.partition("# This call")[2]
    assert "+12025550111" not in text
