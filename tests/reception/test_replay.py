"""`reception replay`: a call told again from its events, for people, for machines, and as a test."""

from __future__ import annotations

import ast
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from cryptography.fernet import Fernet
from typer.testing import CliRunner, Result

from domain.calls.closing import close_open
from domain.calls.events import (
    AppointmentBooked,
    AssistantSaid,
    CallAnswered,
    CallEnded,
    CallerSaid,
    CallStarted,
    DigitPressed,
    Event,
    FloorChanged,
    JournalEntry,
    MessageTaken,
    ProviderFailed,
    ToolCalled,
    TurnLatency,
)
from domain.calls.record import append
from domain.contacts import operations as contacts
from domain.database import Database
from domain.encryption import Keyring, use_keyring
from reception import cli
from reception.replay.masking import NAME, NUMBER, Mask
from tests.conftest import NOON
from tests.factories import make_business
from tests.postgres import DatabaseAddress

CALLER = "+12025550188"
LATENCY = TurnLatency(end_of_turn=0.3, model=0.2, speech=0.15, total=0.71)
FIRST: Sequence[Event] = (
    CallAnswered(setup_seconds=0.4, greeting_ready=True),
    AssistantSaid(text="Riverside Dental, good day.", kind="greeting"),
    CallerSaid(text="I would like to book a cleaning.", confidence=0.97),
    ToolCalled(
        name="find_times",
        arguments={"service": "Cleaning", "person": None},
        result="Free: Monday 9 a.m. | Offer it",
        outcome="done",
        seconds=0.04,
    ),
    AssistantSaid(text="Monday at nine?", latency=LATENCY),
    ProviderFailed(kind="speech", provider="elevenlabs", error="APIStatusError 500"),
)
SECOND: Sequence[Event] = (
    AssistantSaid(text="Sorry, I lost you.", kind="notice"),
    CallerSaid(text="Yes please,"),
    CallerSaid(text="my name is Ann Lee, and my number is nine zero two five five five zero one"),
    ToolCalled(
        name="book_appointment",
        arguments={"offer_id": "abc", "caller_name": "Ann Lee", "caller_phone": CALLER},
        result=f"Booked for Ann Lee, {CALLER} | Read it back",
        outcome="done",
        seconds=0.1,
    ),
    AppointmentBooked(
        appointment_id=uuid4(), service_id=uuid4(), person_id=uuid4(), starts_at=NOON
    ),
    AssistantSaid(text="Booked, Ann. Is there anything else?", latency=LATENCY),
    DigitPressed(digit="1"),
    DigitPressed(digit="2"),
    MessageTaken(
        message_id=uuid4(), urgency="normal", caller_name="Ann Lee", text="Call Ann.", spooled=True
    ),
    FloorChanged(before="assistant", after="ended", reason="caller_hung_up"),
    CallEnded(reason="caller_hung_up"),
)


@dataclass
class Told:
    """A call that two jobs served, in an installation with its own keys."""

    call_id: UUID
    closed_id: UUID
    """Of another, whose job was given up."""
    business_id: UUID

    def replay(self, *arguments: str) -> Result:
        return CliRunner().invoke(cli.app, ["replay", str(self.call_id), *arguments])


@pytest.fixture
async def told(
    database_address: DatabaseAddress,
    keyring: Keyring,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[Told]:
    key = Fernet.generate_key().decode()
    environment = {
        "RECEPTION_ENV": "production",
        "RECEPTION_HOME": str(tmp_path / "home"),
        "DATABASE_URL": database_address.app,
        "RECEPTION_ENCRYPTION_KEYS": key,
        "RECEPTION_INDEX_KEY": "index" * 8,
        "RECEPTION_JWT_SECRET": "j" * 40,
        "LIVEKIT_URL": "ws://127.0.0.1:1",
        "LIVEKIT_API_KEY": "devkey",
        "LIVEKIT_API_SECRET": "s" * 40,
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    ring = Keyring(encryption_keys=[key], index_key="index" * 8)
    database = Database(database_address.app, keyring=ring)
    await make_business(database, name="Another")
    business_id = await make_business(database, name="Riverside Dental")
    call_id = uuid4()
    async with database.scope(business_id=business_id) as scope:
        contact = await contacts.save(scope, phone=CALLER, name="Ann Lee")
        started = CallStarted(
            room="call-1",
            channel="sip",
            dialled="+12025550100",
            caller=CALLER,
            contact_id=contact.id,
            settings_version=3,
        )
        await append(scope, list(_entries(call_id, 1, [started, *FIRST], after=0)))
        await append(scope, list(_entries(call_id, 2, [started, *SECOND], after=30)))
    closed_id = uuid4()
    silent = CallStarted(room="call-2", channel="webrtc", dialled="+12025550100")
    async with database.scope(business_id=business_id) as scope:
        await append(scope, list(_entries(closed_id, 1, [silent], after=0)))
    async with database.scope(business_id=business_id) as scope:
        await close_open(scope, call_id=closed_id, reason="worker_lost")
    yield Told(call_id, closed_id, business_id)
    await database.aclose()
    use_keyring(keyring)


def _entries(
    call_id: UUID, epoch: int, events: Sequence[Event], *, after: float
) -> Sequence[JournalEntry]:
    return [
        JournalEntry(
            call_id=call_id,
            epoch=epoch,
            seq=seq,
            at=NOON + timedelta(seconds=after + seq),
            event=event,
        )
        for seq, event in enumerate(events, start=1)
    ]


def test_the_call_is_told_with_who_what_and_how_long(told: Told) -> None:
    result = told.replay()
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    text = result.stdout
    assert f"business Riverside Dental ({told.business_id})" in lines
    assert "sip, from +12025550188 to +12025550100" in lines
    assert "began 2026-11-23 17:00:01 UTC, lasted 41.0 s, ended by caller_hung_up" in lines
    assert "outcome: booked; jobs: 2" in lines
    told_lines = [
        "    3.00  caller       I would like to book a cleaning.  [heard at 97%]",
        "    4.00  tool         find_times(service='Cleaning') done in 0.04 s",
        "                       = Free: Monday 9 a.m.",
        "    5.00  assistant    Monday at nine?",
        "                       answered in 0.71 s (end of turn 0.30, model 0.20, speech 0.15)",
        "    6.00  failure      speech at elevenlabs: APIStatusError 500",
        "   30.00  --           24.0 s after the last of job 1: job 2",
        "   37.00  caller       pressed 1",
        "   41.00  ended        caller_hung_up",
        "2 answers: median 0.71 s, slowest 0.71 s",
        "no job for 24.0 s, between job 1 and job 2",
    ]
    for line in told_lines:
        assert line in lines, text
    assert "deed         appointment booked: " in text
    assert "says something else" not in text
    assert result.stderr.count("--masked") == 1


def test_masked_it_tells_the_same_of_nobody(told: Told) -> None:
    for arguments in ((), ("--json",), ("--as-test",)):
        result = told.replay("--masked", *arguments)
        assert result.exit_code == 0, result.output
        assert result.stderr == ""
        for secret in ("Ann", "Lee", "5550188", "nine zero two"):
            assert secret not in result.stdout, result.stdout
    assert "from XXX-XXX-0188" in told.replay("--masked").stdout


def test_machines_get_every_event(told: Told) -> None:
    body = json.loads(told.replay("--json").stdout)
    assert body["row_agrees"] is True
    assert [one["event"]["type"] for one in body["events"]][:3] == [
        "call_started",
        "call_answered",
        "assistant_said",
    ]
    assert len(body["events"]) == len(FIRST) + len(SECOND) + 2
    assert body["gaps"] == [{"after_epoch": 1, "epoch": 2, "seconds": 24.0}]
    assert [one["total"] for one in body["answers"]] == [0.71, 0.71]
    assert (body["record"]["outcome"], body["record"]["epoch"]) == ("booked", 2)


def test_a_test_is_made_of_it(told: Told, tmp_path: Path) -> None:
    result = told.replay("--as-test", "--folder", str(tmp_path))
    assert result.exit_code == 0, result.output
    path = Path(result.stdout.strip())
    assert path.parent == tmp_path
    found = {
        node.targets[0].id: ast.unparse(node.value)
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }
    assert found["CALLER_TURNS"] == (
        "(Say('I would like to book a cleaning.'), "
        "Say('Yes please, my name is Ann Lee, and my number is nine zero two five five five zero one'), "
        "Press('12'))"
    )
    assert found["TOOLS"] == "(('find_times', 'done'), ('book_appointment', 'done'))"
    assert found["DEEDS"] == "('appointment_booked', 'message_taken')"
    assert found["CALLER_NAME"] == "'Ann Lee'"
    again = told.replay("--as-test", "--folder", str(tmp_path))
    assert again.exit_code == 1
    assert "is there already" in again.stderr


def test_a_call_that_was_closed_for_its_job_says_so(told: Told) -> None:
    result = CliRunner().invoke(cli.app, ["replay", str(told.closed_id)])
    assert "ended by worker_lost" in result.stdout
    assert "after the last of job 1: somebody else" in result.stdout
    assert "no job for" not in result.stdout
    nothing_said = CliRunner().invoke(cli.app, ["replay", str(told.closed_id), "--as-test"])
    assert (nothing_said.exit_code, "neither said" in nothing_said.stderr) == (1, True)


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (["nonsense"], "CALL_ID: is no id"),
        ([str(uuid4())], "CALL_ID: there is no call"),
        ([str(uuid4()), "--json", "--as-test"], "--json: cannot go with --as-test"),
        ([str(uuid4()), "--folder", "/nowhere"], "--folder: must be a folder"),
    ],
)
def test_what_cannot_be_told_is_said(told: Told, arguments: list[str], error: str) -> None:
    result = CliRunner().invoke(cli.app, ["replay", *arguments])
    assert result.exit_code == 1
    assert error in result.stderr


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("call me on +1 202 555-0123 please", "call me on XXX-XXX-0123 please"),
        ("two zero two, five five five oh one", f"{NUMBER}"),
        ("at two or three", "at two or three"),
        ("Hello, I am Ann Lee", f"Hello, I am {NAME}"),
        ("my name is david hill and", f"my name is {NAME} and"),
        ("ann@example.com", "[e-mail]"),
        ("on 2026-11-23 at 10 a.m.", "on 2026-11-23 at 10 a.m."),
        ("Leeds is not Lee", f"Leeds is not {NAME}"),
    ],
)
def test_names_and_numbers_are_covered(text: str, masked: str) -> None:
    assert Mask(("Ann Lee",)).text(text) == masked
    assert Mask(("Ann Lee",), on=False).text(text) == text
