"""Handing the caller to a person."""

from __future__ import annotations

from datetime import timedelta

import pytest
from livekit.agents import ToolError

from domain.businesses.profile import ProfileDepartment
from domain.businesses.settings import BusinessSettings
from domain.businesses.versions import change_settings
from domain.database import Database
from domain.handoffs import departments
from domain.people import operations as people
from domain.seam import PinnedSeam
from tests.domain.practice import Practice
from tests.tools.fakes import Line, ring
from tools import find_times, transfer_to_person


@pytest.fixture
async def desk(database: Database, practice: Practice) -> Line:
    """A call of a practice with a front desk (Dr. Lee), and an emergency service that is never shut."""
    async with database.scope(business_id=practice.business_id) as scope:
        await people.update(scope, person_id=practice.lee_id, phone="+12025550141")
        await departments.create(scope, name="Front desk", member_ids=[practice.lee_id])
        await departments.create(
            scope, name="Emergencies", hours="always", phone="+12025550142", ring_seconds=30
        )
    return await ring(database, business_id=practice.business_id)


def _numbers(line: Line) -> list[str]:
    (request,) = line.call.handed_over
    return [one.number for part in request.plan.rounds for one in part.telephones]


async def test_the_departments_people_are_rung_and_the_model_says_nothing_more(desk: Line) -> None:
    result = await transfer_to_person(desk.run, reason="a complaint", department="front desk")
    assert result.reply_required is False
    assert _numbers(desk) == ["+12025550141"]
    request = desk.call.handed_over[0]
    assert (request.reason, request.plan.department_name) == ("a complaint", "Front desk")
    assert request.kind is None and request.by == ""


async def test_a_department_that_there_is_not_is_answered_with_those_there_are(desk: Line) -> None:
    told = await desk.use(transfer_to_person, reason="a bill", department="billing")
    assert told.startswith(
        "There is no department 'billing'; there are: Front desk, Emergencies | Ask which"
    )
    assert desk.call.handed_over == []
    assert desk.journal.tool_calls[-1].outcome == "refused"


async def test_outside_hours_the_caller_hears_when_somebody_is_there_again(
    desk: Line, seam: PinnedSeam
) -> None:
    seam.advance(timedelta(hours=6))
    told = await desk.use(transfer_to_person, reason="a bill")
    assert told.startswith(
        "Front desk can't be reached at this hour; somebody can be reached again tomorrow, Tuesday the"
        " 24th of November, at 9 a.m. | "
    )
    assert "called back" in told and desk.call.handed_over == []
    await desk.use(transfer_to_person, reason="a broken tooth", department="the emergency service")
    assert _numbers(desk) == ["+12025550142"]


async def test_with_the_database_away_people_are_rung_all_the_same(
    database: Database, practice: Practice, desk: Line, nowhere: Database
) -> None:
    line = await ring(database, business_id=practice.business_id, tools_database=nowhere)
    await line.use(transfer_to_person, reason="a complaint")
    assert _numbers(line) == ["+12025550141"]


async def test_without_departments_the_last_resort_is_rung(
    database: Database, practice: Practice, line: Line
) -> None:
    told = await line.use(transfer_to_person, reason="complaint")
    assert "can't be reached by telephone" in told and "offer to take a message" in told
    assert line.call.handed_over == []
    async with database.scope(business_id=practice.business_id) as scope:
        settings = BusinessSettings(greeting="Hello.", transfer_number="+12025550149")
        await change_settings(scope, document=settings.model_dump(mode="json"))
    served = await ring(database, business_id=practice.business_id)
    await served.use(transfer_to_person, reason="a complaint", department="billing")
    assert _numbers(served) == ["+12025550149"]
    assert served.call.handed_over[0].reason == "billing: a complaint"


async def test_when_no_telephone_can_be_rung_a_message_is_offered(desk: Line) -> None:
    desk.call.reachable = False
    told = await desk.use(transfer_to_person, reason="complaint")
    assert told.startswith("Nobody can be rung at the moment: no telephone can be rung | ")
    assert "offer to take a message" in told
    assert desk.journal.tool_calls[-1].outcome == "failed"


async def test_a_department_without_anybody_on_call_says_so(
    database: Database, practice: Practice, line: Line
) -> None:
    empty = ProfileDepartment(id=practice.lee_id, name="Night desk", hours="always")
    line.context.profile = line.context.profile.model_copy(update={"departments": (empty,)})
    told = await line.use(transfer_to_person, reason="complaint")
    assert told.startswith("Nobody of Night desk is on call now | ")


async def test_while_switched_to_messages_people_can_be_reached_and_nothing_is_booked(
    desk: Line,
) -> None:
    desk.call.messages_only = True
    with pytest.raises(ToolError, match="take messages only") as refused:
        await desk.use(find_times, service="cleaning")
    assert "take_message" in refused.value.message
    assert desk.journal.tool_calls[-1].outcome == "refused"
    await desk.use(transfer_to_person, reason="a complaint")
    assert _numbers(desk) == ["+12025550141"]
