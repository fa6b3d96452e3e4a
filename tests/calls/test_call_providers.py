"""Whole calls while a provider fails: each fault of each provider at each moment. The long run writes its table
beside this file; the chains alone are in tests/agent/test_provider_chains.py."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Final

import pytest

from domain.businesses.settings import Kind, Provider, Providers
from domain.calls.events import MessageTaken, ProviderFailed
from domain.messages.models import Message
from domain.providers import operations as providers
from domain.tables import INSTALLATION
from reception.caller.webrtc import WebRtcCaller
from tests.calls.conftest import CALLER, Line, database_of
from tests.calls.events import of_type, until
from tests.calls.providers import (
    ADDRESSES,
    ANSWER,
    FAULTS,
    HEAD,
    KINDS,
    MOMENTS,
    PATIENCE,
    SENSIBLE_SECONDS,
    VENDOR,
    Cell,
    Failing,
    ask,
    business,
    doubled,
    second_stand,
    until_heard,
)
from tests.calls.proxy import DatabaseProxy
from tests.calls.stack import Stack

pytestmark = [pytest.mark.call, pytest.mark.timeout(300)]

TWO, ONE = "+12025550181", "+12025550182"
TABLE: Final = Path(__file__).with_name("last_provider_matrix.md")
CEILING: Final = 3 * SENSIBLE_SECONDS
"""The machine that runs tests is busy; the table has the figures."""
Plan = Sequence[tuple[str, Kind, str]]
"""Moment, provider, fault."""
ROUNDS: Final[tuple[Plan, ...]] = (
    (
        ("before the greeting", "speech", "500"),
        ("greeting", "hearing", "cut in the middle"),
        ("turn", "model", "hang in the middle"),
        ("mid-answer", "speech", "cut in the middle"),
        ("tool", "model", "dropped"),
    ),
    (
        ("before the greeting", "model", "hang"),
        ("greeting", "speech", "hang"),
        ("turn", "hearing", "hang in the middle"),
        ("mid-answer", "model", "429"),
        ("tool", "speech", "garbage"),
    ),
    (
        ("before the greeting", "hearing", "401"),
        ("greeting", "model", "garbage"),
        ("turn", "speech", "ten times slower"),
        ("mid-answer", "hearing", "dropped"),
        ("tool", "hearing", "hang"),
    ),
)
"""Together each provider at each moment, in three calls."""


def _number(kind: Kind, address: str, *, alone: bool) -> str:
    at = (KINDS.index(kind) * len(ADDRESSES) + ADDRESSES.index(address)) * 2 + alone
    return f"+120255502{at:02d}"


@pytest.fixture(scope="module")
async def failing(stack: Stack, proxy: DatabaseProxy) -> AsyncIterator[Failing]:
    """Two stand-ins, a business with chains over both, and one with the first alone."""
    from tests.calls.providers import Stand

    database = database_of(stack, proxy.behind)
    first, second = Stand(stack.sandbox_port), second_stand(stack)
    stack.wait(lambda: _answers(second))
    await business(database, number=TWO, name="Two Voices", providers=doubled(first, second))
    await business(database, number=ONE, name="One Voice", providers=Providers())
    where = {
        "refused": "http://127.0.0.1:9/v1",
        "no such name": "http://nowhere.invalid/v1",
        "no TLS": first.url.replace("http://", "https://"),
    }
    for kind in KINDS:
        for address in ADDRESSES:
            for alone in (False, True):
                chain = [Provider(vendor=VENDOR[kind], base_url=where[address])]
                chain += [] if alone else [Provider(vendor=VENDOR[kind])]
                await business(
                    database,
                    number=_number(kind, address, alone=alone),
                    name="No Address",
                    providers=Providers.model_validate({kind: tuple(chain)}),
                )
    made = Failing(Line(stack, database), first, second)
    yield made
    print("\n" + "\n".join([HEAD, *(cell.row for cell in made.cells)]))
    await database.aclose()
    part = stack.parts.pop()
    part.stop()


def _answers(stand: object) -> bool:
    try:
        stand.control("GET", "delays")  # type: ignore[attr-defined]
    except OSError:
        return False
    return True


@pytest.fixture(autouse=True)
async def forgotten(failing: Failing) -> AsyncIterator[None]:
    await failing.forget()
    failing.well()
    yield
    for stand in (failing.first, failing.second):
        stand.control("POST", "reset")


async def _call(failing: Failing, plan: Plan, *, dialled: str, chain: str) -> list[Cell]:
    """One call through the moments of `plan`, in their order; each fault is gone when its moment is over."""
    cells: list[Cell] = []
    steps = {moment: (kind, fault) for moment, kind, fault in plan}

    def begin(moment: str, **more: int) -> None:
        if moment in steps:
            kind, fault = steps[moment]
            failing.break_in_use(kind, FAULTS[fault], **more)

    def end(moment: str, seconds: float | None, heard: list[str], *, ok: bool) -> None:
        if moment in steps:
            kind, fault = steps[moment]
            went_on = "answered" if ok else "not answered"
            cells.append(Cell(kind, fault, moment, chain, seconds, heard, went_on))
        for stand in (failing.first, failing.second):
            stand.control("PUT", "faults", [])

    begin("before the greeting")
    async with failing.line.call(dialled) as caller:
        began = await until_heard(caller, since=0.0)
        if "before the greeting" in steps:
            greeting = await caller.hear()
            end(
                "before the greeting",
                began - caller.times.placed,
                [greeting.text],
                ok="help you" in greeting.text,
            )
            if "greeting" in steps:
                # The next call's greeting is whole: this one was over too soon.
                begin("greeting")
        else:
            begin("greeting")
            await caller.hear()
        for moment in ("greeting", "turn", "mid-answer", "tool"):
            if moment not in steps:
                continue
            if moment == "turn":
                begin(moment)
            elif moment == "tool":
                begin(moment, **({"after": 1} if steps[moment][0] == "model" else {}))
            elif moment == "mid-answer":
                await _in_the_middle(caller, lambda: begin("mid-answer"))
            seconds, heard = await ask(caller)
            end(moment, seconds, heard, ok=_answered(heard))
    call = await failing.line.ended(caller.room_name)
    for failed in of_type(await failing.line.events(call), ProviderFailed):
        print(f"failed: {failed.kind} {failed.provider} {failed.error}")
    return cells


async def _in_the_middle(caller: WebRtcCaller, begin: object) -> None:
    since = asyncio.get_running_loop().time()
    async with asyncio.TaskGroup() as group:
        group.create_task(ask(caller))
        await until_heard(caller, since=since + 0.5)
        begin()  # type: ignore[operator]


def _answered(heard: list[str]) -> bool:
    return any(ANSWER in text.lower() for text in heard)


def _said_once(heard: list[str]) -> bool:
    text = " ".join(heard).lower()
    return text.count(ANSWER) <= 1


@pytest.mark.parametrize("plan", ROUNDS)
async def test_a_fault_at_each_moment_is_survived_in_one_call(plan: Plan, failing: Failing) -> None:
    cells = await _call(failing, plan, dialled=TWO, chain="two")
    failing.cells += cells
    for cell in cells:
        assert cell.went_on == "answered", cell.row
        assert cell.seconds is not None and cell.seconds < CEILING, cell.row
        assert _said_once(cell.heard), cell.row


def test_each_provider_fails_at_each_moment() -> None:
    pairs = [(kind, moment) for plan in ROUNDS for moment, kind, _ in plan]
    assert sorted(pairs) == sorted((kind, moment) for kind in KINDS for moment in MOMENTS)


@pytest.mark.long
async def test_with_every_provider_down_the_keys_work_and_the_number_is_kept(
    failing: Failing,
) -> None:
    for kind in KINDS:
        failing.first.control(
            "POST", "faults", {"vendor": VENDOR[kind], "kind": "status", "status": 500}
        )
    line = failing.line
    async with line.call(ONE) as caller:
        heard = [(await caller.hear()).text]
        while "press 1" not in heard[-1].lower():
            heard.append((await caller.hear(timeout=30)).text)
        await caller.press("1")
        heard.append((await caller.hear()).text)
        await caller.wait_for_end(timeout=30)
    assert "call you back" in heard[-1], heard
    call = await line.ended(caller.room_name)
    events = await line.events(call)
    assert {one.kind for one in of_type(events, ProviderFailed)} >= {"hearing"}
    (taken,) = of_type(events, MessageTaken)
    assert taken.caller_phone == CALLER
    async with line.database.scope(business_id=call.business_id) as scope:
        assert await scope.session.get(Message, taken.message_id) is not None

    async def opened() -> bool:
        async with line.database.scope(business_id=INSTALLATION) as scope:
            found = {one.kind: one for one in await providers.reports(scope, used=None)}
        return found["hearing"].state == "open" and found["hearing"].failures >= 5

    # Other calls ask it last from now on.
    await until(opened, timeout=30)


@pytest.mark.long
@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("kind", KINDS)
async def test_with_a_backup_the_call_goes_on_at_every_moment(
    kind: Kind, fault: str, failing: Failing
) -> None:
    cells = await _call(
        failing, [(moment, kind, fault) for moment in MOMENTS], dialled=TWO, chain="two"
    )
    failing.cells += cells
    _write(failing)
    for cell in cells:
        assert cell.went_on == "answered", cell.row
        assert cell.seconds is not None and cell.seconds < CEILING, cell.row
        assert _said_once(cell.heard), cell.row


@pytest.mark.long
@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("kind", KINDS)
async def test_with_a_backup_an_address_that_is_none_is_not_noticed(
    kind: Kind, address: str, failing: Failing
) -> None:
    async with failing.line.call(_number(kind, address, alone=False)) as caller:
        await caller.hear()
        seconds, heard = await ask(caller)
    ok = _answered(heard)
    cell = Cell(kind, address, "whole call", "two", seconds, heard, "answered" if ok else "no")
    failing.cells.append(cell)
    _write(failing)
    assert ok, cell.row
    assert seconds is not None and seconds < CEILING, cell.row


@pytest.mark.long
@pytest.mark.parametrize("fault", [*ADDRESSES, *FAULTS])
@pytest.mark.parametrize("kind", KINDS)
async def test_alone_the_caller_hears_something_sensible_and_is_kept(
    kind: Kind, fault: str, failing: Failing
) -> None:
    dialled = ONE
    if fault in ADDRESSES:
        dialled = _number(kind, fault, alone=True)
    else:
        failing.first.control("POST", "faults", {"vendor": VENDOR[kind], **FAULTS[fault]})
    async with failing.line.call(dialled) as caller:
        # With the recogniser down the keys are offered with the first words.
        heard = [(await caller.hear()).text]
        seconds, more = await ask(caller)
        heard += more
        if not _answered(heard):
            _, more = await ask(caller)
            heard += more
        went_on = "answered" if _answered(heard[1:2]) else _kept(heard)
    cell = Cell(kind, fault, "whole call", "one", seconds, heard, went_on)
    failing.cells.append(cell)
    _write(failing)
    assert went_on != "nothing", cell.row
    # Who was offered a call back before they spoke may speak to the end of the call.
    assert went_on == "call back" or (seconds is not None and seconds < CEILING), cell.row


def _kept(heard: list[str]) -> str:
    """What a caller without an answer is given in the end."""
    text = " ".join(heard).lower()
    if ANSWER in text:
        return "answered the second time"
    if "tell me your name" in text:
        return "message"
    if "call you back" in text:
        return "call back"
    if "say it again" in text:
        return "asked again"
    return "patience" if PATIENCE in text else "nothing"


def _write(failing: Failing) -> None:
    """Put what was seen into the table; what was not run again stays."""
    rows = {}
    if TABLE.exists():
        found = [one for one in TABLE.read_text().splitlines() if one.startswith("| ")][1:]
        rows = {_key(one): one for one in found}
    rows |= {_key(cell.row): cell.row for cell in failing.cells}
    late = [one for one in rows.values() if _seconds(one) > SENSIBLE_SECONDS]
    lines = [
        "# Providers that fail: the last long run",
        "",
        "Written by `pytest -m long tests/calls/test_call_providers.py`. A chain of two has a sound provider behind",
        "the faulty one. The greeting's seconds count from the dialling, the others from the end of what was said.",
        "",
        f"{len(rows)} cells, {len(late)} of them first heard after more than {SENSIBLE_SECONDS:g} s.",
        "",
        HEAD,
        *(rows[key] for key in sorted(rows)),
    ]
    TABLE.write_text("\n".join(lines) + "\n")


def _key(row: str) -> tuple[str, ...]:
    return tuple(row.split(" | ")[:4])


def _seconds(row: str) -> float:
    value = row.split(" | ")[4].strip()
    return float("inf") if value == "—" else float(value)
