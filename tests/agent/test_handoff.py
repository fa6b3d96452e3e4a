"""Each way a handoff ends, and what it leaves: the floor, the events, the telephones."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from livekit import rtc
from livekit.agents.llm import ChatContext

from agent.handoff import conversation
from agent.handoff.exchange import FoundLeg
from agent.handoff.phone import Gone, Heard, Key, Machine, Words
from agent.phrases import phrase
from domain.calls.control import Transfer
from domain.calls.events import (
    BriefingSaid,
    FloorChanged,
    PersonRung,
    RingEnded,
    RingOutcome,
    TransferEnded,
    TransferStarted,
)
from domain.handoffs.plan import HandoffPlan, Round, Telephone
from domain.seam import SystemSeam
from tests.agent.fakes import TRANSFER_NUMBER, Scene
from tests.agent.handoff_fakes import FakePhone
from tools.context import HandedOver, HandOver

OTHER_NUMBER = "+12025550191"


class Handing(Scene):
    """A call of a business whose telephones can be rung."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**({"transfer_number": TRANSFER_NUMBER} | settings))
        self.exchange.trunk_id = "ST_1"
        session: Any = self.session
        session.llm = None
        session.history = ChatContext.empty()
        session.userdata = SimpleNamespace(contact_name="Ann Hill")

    async def started(self) -> Handing:
        await self.begin()
        await self.settle()
        return self

    async def hand_over(self, *rounds: tuple[str, ...], **more: Any) -> HandedOver:
        each = tuple(
            Round(telephones=tuple(Telephone(number=one) for one in numbers), ring_seconds=20)
            for numbers in rounds or ((TRANSFER_NUMBER,),)
        )
        plan = HandoffPlan(rounds=each)
        answer = await self.call.hand_over(HandOver(reason="a broken tooth", plan=plan, **more))
        await self.settle()
        return answer

    async def phone(self, number: int = 1) -> FakePhone:
        await self.until(lambda: len(self.exchange.phones) >= number)
        return self.exchange.phones[number - 1]

    async def until(self, seen: Any) -> None:
        async with asyncio.timeout(5):
            while not seen():  # noqa: ASYNC110 - nothing tells of it
                await asyncio.sleep(0)

    def of(self, kind: type[Any]) -> list[Any]:
        return [event for event in self.journal.events if isinstance(event, kind)]

    @property
    def rings(self) -> list[RingOutcome]:
        return [event.outcome for event in self.of(RingEnded)]

    @property
    def floors_after(self) -> list[str]:
        return [event.after for event in self.of(FloorChanged)]


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conversation, "ANSWER_SECONDS", 0.05)


async def test_a_person_who_takes_the_call_has_the_caller_alone() -> None:
    scene = await Handing().started()
    assert (await scene.hand_over()).outcome == "ringing"
    phone = await scene.phone()
    await scene.until(scene.exchange.track.music.is_set)
    assert scene.call.voice.silent
    phone.pick_up()
    await scene.until(lambda: "staff_question" in phone.said)
    assert "Ann Hill" in phone.told[0] and "broken tooth" in phone.told[0]
    assert not phone.joined
    phone.inbox.put_nowait(Key("1"))
    await scene.until(lambda: scene.call.floor.now == "person")
    await scene.until(lambda: scene.exchange.released == 1)
    assert phone.joined and not phone.hung_up
    assert scene.exchange.marked == [phone.identity]
    assert scene.exchange.shown == ["+12025550100"]
    assert not scene.exchange.track.music.is_set()
    assert scene.rings == ["accepted"]
    assert scene.of(TransferEnded) == [TransferEnded(outcome="connected")]
    assert scene.of(TransferStarted) == [TransferStarted(reason="a broken tooth", kind="warm")]
    assert scene.floors_after == ["assistant", "briefing", "person"]


async def test_whatever_breaks_the_caller_is_not_left_on_hold() -> None:
    scene = await Handing().started()
    await scene.hand_over()
    phone = await scene.phone()
    scene.exchange.track.broken = True
    phone.fail("busy", "SIP 486")
    await scene.until(lambda: scene.session.instructed)
    assert scene.floors_after == ["assistant", "briefing", "assistant"]
    assert not scene.call.voice.silent
    await scene.until(lambda: scene.exchange.released == 1)


@pytest.mark.parametrize("outcome", ["busy", "no_answer", "declined", "failed"])
async def test_a_telephone_that_nobody_takes_gives_the_assistant_back(outcome: RingOutcome) -> None:
    scene = await Handing().started()
    await scene.hand_over()
    (await scene.phone()).fail(outcome, "SIP 486")
    await scene.until(lambda: scene.session.instructed)
    assert scene.rings == [outcome]
    assert scene.of(RingEnded)[0].detail == "SIP 486"
    assert scene.of(TransferEnded) == [TransferEnded(outcome="failed", detail=outcome)]
    assert scene.floors_after == ["assistant", "briefing", "assistant"]
    assert phrase("connecting_failed", "en-US") in [
        event.text for event in scene.journal.events if event.type == "assistant_said"
    ]
    assert "message" in scene.session.instructed[-1]
    assert scene.exchange.released == 1
    assert not scene.call.voice.silent


@pytest.mark.parametrize(
    ("heard", "outcome"),
    [
        ([Key("2")], "declined"),
        ([Machine()], "voicemail"),
        ([Gone()], "hung_up"),
        ([Key("7"), Key("8")], "unclear"),
        ([], "unclear"),
        ([Words("please leave a message after the tone", SystemSeam().now())], "voicemail"),
    ],
)
async def test_what_who_answered_does_decides(heard: list[Heard], outcome: RingOutcome) -> None:
    scene = await Handing().started()
    await scene.hand_over()
    phone = await scene.phone()
    phone.pick_up()
    for number, one in enumerate(heard, 1):
        await scene.until(lambda number=number: len(phone.said) >= number)
        phone.inbox.put_nowait(one)
    await scene.until(lambda: scene.session.instructed)
    assert scene.rings == [outcome]
    assert phone.hung_up == 1
    assert len(scene.of(BriefingSaid)) == 1


async def test_a_yes_before_the_question_is_a_way_to_answer_the_telephone() -> None:
    scene = await Handing().started()
    await scene.hand_over()
    phone = await scene.phone()
    phone.speaks_at_once = False
    phone.pick_up()
    await scene.until(lambda: phone.told)
    phone.inbox.put_nowait(Words("yes?", SystemSeam().now()))
    await scene.settle()
    assert scene.call.floor.now == "briefing"


async def test_a_yes_after_the_question_takes_the_call() -> None:
    scene = await Handing().started()
    await scene.hand_over()
    phone = await scene.phone()
    phone.pick_up()
    await scene.until(lambda: phone.said)
    phone.inbox.put_nowait(Words("Yes, please.", SystemSeam().now()))
    await scene.until(lambda: scene.call.floor.now == "person")
    assert scene.rings == ["accepted"]


async def test_rounds_follow_each_other_and_attempts_are_counted() -> None:
    scene = await Handing().started()
    await scene.hand_over((TRANSFER_NUMBER,), (OTHER_NUMBER,))
    (await scene.phone(1)).fail("busy")
    (await scene.phone(2)).fail("no_answer")
    await scene.until(lambda: scene.session.instructed)
    assert scene.rings == ["busy", "no_answer"]
    assert [event.attempt for event in scene.of(PersonRung)] == [1, 2]
    assert [one.telephone.number for one in scene.exchange.phones] == [
        TRANSFER_NUMBER,
        OTHER_NUMBER,
    ]


async def test_the_first_of_several_to_accept_wins_and_the_others_are_told() -> None:
    scene = await Handing().started()
    await scene.hand_over((TRANSFER_NUMBER, OTHER_NUMBER, "+12025550192"))
    first, second, ringing = [await scene.phone(number) for number in (1, 2, 3)]
    first.pick_up()
    second.pick_up()
    await scene.until(lambda: first.said and second.said)
    first.inbox.put_nowait(Key("1"))
    await scene.until(lambda: scene.call.floor.now == "person")
    await scene.until(lambda: ringing.hung_up and second.hung_up)
    assert first.joined and not first.hung_up
    assert second.said[-1] == "staff_taken"
    assert not ringing.said
    assert sorted(scene.rings) == ["accepted", "cancelled", "cancelled"]


async def test_a_joining_that_fails_leaves_the_caller_with_the_assistant() -> None:
    scene = await Handing().started()
    await scene.hand_over()
    phone = await scene.phone()
    phone.join_fails = True
    phone.pick_up()
    await scene.until(lambda: phone.said)
    phone.inbox.put_nowait(Key("1"))
    await scene.until(lambda: scene.session.instructed)
    assert scene.rings == ["failed"]
    assert phone.hung_up == 1


@pytest.mark.parametrize("answered", [False, True])
async def test_a_caller_who_hangs_up_ends_the_ringing(answered: bool) -> None:
    scene = await Handing().started()
    await scene.hand_over()
    phone = await scene.phone()
    if answered:
        phone.pick_up()
        await scene.until(lambda: phone.said)
    scene.line.caller_leaves()
    assert await scene.over() == "caller_hung_up"
    assert scene.rings == ["caller_gone"]
    assert phone.hung_up == 1
    assert phone.said[-1:] == (["staff_caller_gone"] if answered else [])
    assert scene.of(TransferEnded) == [TransferEnded(outcome="failed", detail="caller_gone")]


async def test_a_takeover_from_the_console_ends_the_ringing() -> None:
    scene = await Handing().started()
    await scene.hand_over()
    phone = await scene.phone()
    assert scene.call.changeover.to_person(reason="takeover", by="user", identity="staff-web")
    await scene.until(lambda: scene.exchange.released == 1)
    assert scene.rings == ["cancelled"]
    assert phone.hung_up == 1
    assert scene.call.floor.now == "person"
    assert not scene.session.instructed


@pytest.mark.parametrize("after", ["end", "assistant"])
async def test_what_follows_when_the_person_hangs_up(after: str) -> None:
    scene = await Handing(handoff={"after_person": after}).started()
    await scene.hand_over()
    phone = await scene.phone()
    phone.pick_up()
    await scene.until(lambda: phone.said)
    phone.inbox.put_nowait(Key("1"))
    await scene.until(lambda: scene.call.floor.now == "person")
    leaving: Any = SimpleNamespace(identity=phone.identity, attributes={})
    scene.line.room.emit("participant_disconnected", leaving)
    if after == "end":
        assert await scene.over() == "person_hung_up"
    else:
        await scene.until(lambda: scene.session.instructed)
        assert scene.floors_after[-1] == "assistant"
        assert "anything else" in scene.session.instructed[-1]


async def test_one_handoff_at_a_time() -> None:
    scene = await Handing().started()
    await scene.hand_over()
    assert (await scene.hand_over()).outcome == "failed"
    assert len(scene.exchange.phones) == 1


@pytest.mark.parametrize(
    ("channel", "kind", "trunk", "route"),
    [
        ("sip", "warm", "ST_1", "warm"),
        ("sip", "warm", "", "cold"),
        ("sip", "cold", "ST_1", "cold"),
        ("webrtc", "cold", "ST_1", "warm"),
        ("webrtc", "warm", "", None),
    ],
)
async def test_the_way_to_a_person(channel: str, kind: str, trunk: str, route: str | None) -> None:
    scene = await Handing(channel=channel, handoff={"kind": kind}).started()
    scene.exchange.trunk_id = trunk
    answer = await scene.hand_over()
    assert answer.outcome == ("ringing" if route else "failed")
    assert [event.kind for event in scene.of(TransferStarted)] == ([route] if route else [])
    assert bool(scene.line.referred) == (route == "cold")


async def test_a_refer_that_is_taken_ends_the_call_here() -> None:
    scene = await Handing(handoff={"kind": "cold"}).started()
    await scene.hand_over()
    # The leg leaves because the other side took it, before we are told so.
    scene.line.caller_leaves()
    scene.line.outcome.set_result(TransferEnded(outcome="connected"))
    assert await scene.over() == "transferred"
    assert scene.line.referred == [TRANSFER_NUMBER]


async def test_a_refer_that_is_refused_returns_to_the_assistant() -> None:
    scene = await Handing(handoff={"kind": "cold"}).started()
    scene.line.outcome.set_result(TransferEnded(outcome="failed", detail="SIP 486"))
    await scene.hand_over()
    await scene.until(lambda: scene.session.instructed)
    assert scene.floors_after == ["assistant", "briefing", "assistant"]
    assert scene.of(TransferEnded) == [TransferEnded(outcome="failed", detail="SIP 486")]


async def test_a_caller_who_gives_up_during_the_refer_has_hung_up() -> None:
    scene = await Handing(handoff={"kind": "cold"}).started()
    await scene.hand_over()
    scene.line.caller_leaves()
    scene.line.outcome.set_result(TransferEnded(outcome="failed", detail="SIP 487"))
    assert await scene.over() == "caller_hung_up"


def key(digit: str) -> rtc.SipDTMF:
    participant: Any = SimpleNamespace(identity="caller")
    return rtc.SipDTMF(code=0, digit=digit, participant=participant)


async def test_the_key_0_rings_a_person() -> None:
    scene = await Handing().started()
    scene.line.room.emit("sip_dtmf_received", key("0"))
    phone = await scene.phone()
    await scene.until(lambda: phone.seconds == 20)
    assert phone.telephone.number == TRANSFER_NUMBER


@pytest.mark.parametrize("setting", [{"transfer_number": ""}, {"channel": "webrtc"}])
async def test_the_key_0_without_a_way_to_a_person_offers_a_message(setting: Any) -> None:
    scene = await Handing(**setting).started()
    scene.exchange.trunk_id = ""
    scene.line.room.emit("sip_dtmf_received", key("0"))
    await scene.until(lambda: scene.session.instructed)
    assert not scene.line.referred
    assert "message" in scene.session.instructed[0]


async def test_staff_ask_for_a_transfer_to_a_number() -> None:
    scene = await Handing().started()
    user = UUID(int=7)
    scene.call.transfer_asked(Transfer(id=UUID(int=8), user_id=user, number=OTHER_NUMBER))
    phone = await scene.phone()
    assert phone.telephone.number == OTHER_NUMBER
    assert scene.of(TransferStarted)[0].by == str(user)


@pytest.mark.parametrize("taken", [True, False])
async def test_the_desk_rings_before_the_assistant_answers(taken: bool) -> None:
    scene = await Handing(handoff={"staff_first_seconds": 9}).started()
    phone = await scene.phone()
    await scene.until(lambda: phone.seconds == 9)
    assert scene.session.said == []
    if taken:
        phone.pick_up()
        await scene.until(lambda: phone.said)
        phone.inbox.put_nowait(Key("1"))
        await scene.until(lambda: scene.call.floor.now == "person")
        assert scene.session.said == []
    else:
        phone.fail("no_answer")
        await scene.until(lambda: scene.session.said)
        assert scene.session.said == ["Hello."]


async def test_a_job_that_takes_the_call_over_leaves_the_caller_with_the_person() -> None:
    scene = Handing()
    scene.exchange.found = [FoundLeg("staff-a", 1, True), FoundLeg("staff-b", 2, False)]
    await scene.started()
    assert scene.call.floor.now == "person"
    assert scene.exchange.removed == ["staff-b"]
    assert scene.session.said == []
