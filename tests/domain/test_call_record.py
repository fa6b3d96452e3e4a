"""The call's row and words, as its events make them."""

from __future__ import annotations

from uuid import UUID

from domain.calls import log
from domain.calls.events import (
    AssistantSaid,
    CallEnded,
    CallerSaid,
    CallFlag,
    CallFlagged,
    CallStarted,
    Event,
    FloorChanged,
    JournalEntry,
    StaffSaid,
    TransferEnded,
)
from domain.calls.record import append
from domain.database import Database
from domain.seam import PinnedSeam
from tests.factories import make_business, make_call


def _floor(after: str) -> FloorChanged:
    return FloorChanged.model_validate({"before": "assistant", "after": after})


async def test_late_news_of_the_floor_changes_nothing(database: Database, seam: PinnedSeam) -> None:
    business_id = await make_business(database)
    call_id = await make_call(database, business_id=business_id, end=None)

    async def state_after(epoch: int, seq: int, event: Event) -> str:
        entry = JournalEntry(call_id=call_id, epoch=epoch, seq=seq, at=seam.now(), event=event)
        async with database.scope(business_id=business_id) as scope:
            assert await append(scope, [entry]) == 1
        async with database.scope(business_id=business_id) as scope:
            return (await log.get(scope, call_id=call_id)).state

    assert await state_after(1, 11, _floor("assistant")) == "assistant"
    started = CallStarted(room=f"call-{call_id}", channel="sip", dialled="+12025550100")
    assert await state_after(2, 1, started) == "assistant"
    assert await state_after(2, 2, _floor("person")) == "person"
    assert await state_after(1, 12, _floor("briefing")) == "person", "of the job before"
    assert await state_after(2, 3, CallEnded(reason="caller_hung_up")) == "ended"
    assert await state_after(2, 4, _floor("assistant")) == "ended", "the call is over"
    assert await state_after(3, 1, _floor("assistant")) == "ended"


async def test_a_call_is_flagged_once_for_each_thing(database: Database, seam: PinnedSeam) -> None:
    business_id = await make_business(database)
    call_id = await make_call(database, business_id=business_id, end=None)
    flags: tuple[CallFlag, ...] = ("emergency", "abuse", "emergency")
    entries = [
        JournalEntry(
            call_id=call_id, epoch=1, seq=20 + place, at=seam.now(), event=CallFlagged(flag=flag)
        )
        for place, flag in enumerate(flags)
    ]
    async with database.scope(business_id=business_id) as scope:
        await append(scope, entries)
    async with database.scope(business_id=business_id) as scope:
        assert (await log.get(scope, call_id=call_id)).flags == ["emergency", "abuse"]


async def test_staff_stand_in_the_transcript(database: Database, seam: PinnedSeam) -> None:
    business_id = await make_business(database)
    user_id, person_id = seam.new_id(), seam.new_id()
    call_id = await make_call(
        database,
        business_id=business_id,
        events=[
            CallerSaid(text="A person, please."),
            AssistantSaid(text="One moment."),
            StaffSaid(text="Maria here.", user_id=user_id, started_at=seam.now()),
            StaffSaid(text="And Ann.", person_id=person_id),
            TransferEnded(outcome="connected"),
        ],
    )
    async with database.scope(business_id=business_id) as scope:
        lines = await log.transcript(scope, call_id=call_id)
        call = await log.get(scope, call_id=call_id)
    said: list[tuple[str, str, UUID | None, UUID | None]] = [
        (line.who, line.text, line.user_id, line.person_id) for line in lines
    ]
    assert said == [
        ("caller", "A person, please.", None, None),
        ("assistant", "One moment.", None, None),
        ("staff", "Maria here.", user_id, None),
        ("staff", "And Ann.", None, person_id),
    ]
    assert call.outcome == "transferred"
