"""Businesses whose providers fail: two stand-ins, chains over both, and what a caller then hears."""

from __future__ import annotations

import json
import urllib.request
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from sqlalchemy import delete

from domain.businesses import numbers, operations as businesses
from domain.businesses.directory import business_ids
from domain.businesses.settings import BusinessSettings, Kind, Provider, Providers
from domain.database import Database
from domain.knowledge import operations as knowledge
from domain.providers.models import ProviderBreaker, ProviderTally
from domain.tables import INSTALLATION
from reception.caller.caller import CallEnded, NothingHeard
from reception.caller.webrtc import WebRtcCaller
from tests.calls.conftest import Line
from tests.calls.events import until
from tests.calls.stack import Stack, free_port

VENDOR: Final[dict[Kind, Any]] = {"hearing": "deepgram", "model": "openai", "speech": "elevenlabs"}
KINDS: Final[tuple[Kind, ...]] = ("hearing", "model", "speech")
FAULTS: Final[dict[str, dict[str, Any]]] = {
    "401": {"kind": "status", "status": 401},
    "429": {"kind": "status", "status": 429, "retry_after": 30},
    "500": {"kind": "status", "status": 500},
    "dropped": {"kind": "refuse"},
    "hang": {"kind": "hang"},
    "hang in the middle": {"kind": "hang_mid"},
    "cut in the middle": {"kind": "cut"},
    "garbage": {"kind": "garbage"},
    "ten times slower": {"kind": "slow"},
}
ADDRESSES: Final = ("refused", "no such name", "no TLS")
MOMENTS: Final = ("before the greeting", "greeting", "turn", "mid-answer", "tool")
QUESTION: Final = "is there parking nearby"
ANSWER: Final = "canal lane"
"""In the answer to it, near its end."""
PATIENCE: Final = "one moment"
SENSIBLE_SECONDS: Final = 3.0
"""What a caller is promised."""


@dataclass
class Stand:
    """One sandbox."""

    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    def control(self, method: str, path: str, body: Any = None) -> Any:
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/control/{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=10) as reply:
            text = reply.read()
        return json.loads(text) if text else None

    def last_asked(self, kind: Kind) -> int:
        """When (monotonic nanoseconds) a call last asked it."""
        found = self.control("GET", "requests")[VENDOR[kind]]["requests"]
        # A plain request for speech is the worker's, which makes recordings ahead.
        asked = (one for one in found if (kind, one["kind"]) != ("speech", "request"))
        return max((int(one["arrived_ns"]) for one in asked), default=0)


@dataclass
class Cell:
    """What the caller heard."""

    kind: Kind
    fault: str
    moment: str
    chain: str
    seconds: float | None
    """From the end of what the caller said (before the greeting: from the dialling) to the first sound."""
    heard: list[str]
    went_on: str

    @property
    def row(self) -> str:
        seconds = "    —" if self.seconds is None else f"{self.seconds:5.1f}"
        words = " / ".join(text if len(text) < 60 else f"{text[:57]}…" for text in self.heard)
        return (
            f"| {self.kind} | {self.fault} | {self.moment} | {self.chain} | {seconds} | {words} |"
            f" {self.went_on} |"
        )


HEAD: Final = (
    "| provider | fault | moment | chain | first heard after (s) | what was heard | how it went on |\n"
    "|---|---|---|---|---|---|---|"
)


@dataclass
class Failing:
    """The two stand-ins and the businesses on them."""

    line: Line
    first: Stand
    second: Stand
    cells: list[Cell] = field(default_factory=list)

    def well(self) -> None:
        """No fault anywhere, and every stream hears the question."""
        script = {"lines": [{"text": QUESTION}], "streams": 0, "repeat": True}
        for stand in (self.first, self.second):
            stand.control("PUT", "faults", [])
            stand.control("PUT", "scripts", [script])

    def break_in_use(self, kind: Kind, fault: dict[str, Any], **more: Any) -> None:
        """The fault, at the stand-in that the call uses now."""
        stands = sorted((self.first, self.second), key=lambda one: one.last_asked(kind))
        used = stands[-1] if stands[-1].last_asked(kind) else self.first
        used.control("POST", "faults", {"vendor": VENDOR[kind], **fault, **more})

    async def forget(self) -> None:
        """The breakers of earlier calls, which would have the faulty one asked last."""
        database = self.line.database
        for owner in (INSTALLATION, *await business_ids(database)):
            async with database.scope(business_id=owner) as scope:
                for table in (ProviderTally, ProviderBreaker):
                    await scope.session.execute(
                        delete(table).where(table.business_id == scope.business_id)
                    )


async def business(database: Database, *, number: str, name: str, providers: Providers) -> UUID:
    """A business with a number and one thing that it knows."""
    business_id = database.seam.new_id()
    async with database.scope(business_id=business_id) as scope:
        await businesses.create(
            scope,
            name=name,
            time_zone="America/New_York",
            country="US",
            settings=BusinessSettings(
                greeting=f"Thank you for calling {name}. How can I help you today?",
                providers=providers,
            ),
        )
        await numbers.add(scope, e164=number)
        await knowledge.create(
            scope,
            question="Where can I park? Is there parking nearby?",
            answer="There is free parking for patients behind the building, reached from Canal Lane.",
        )
    return business_id


def second_stand(stack: Stack) -> Stand:
    """Another sandbox beside the stack's."""
    port = free_port()
    stack.start_part("sandbox", ["-m", "sandbox", "--port", str(port)])
    return Stand(port)


def doubled(first: Stand, second: Stand) -> Providers:
    """Chains of two: the installation's providers, and the second stand-in."""
    chains = {
        kind: (Provider(vendor=VENDOR[kind]), Provider(vendor=VENDOR[kind], base_url=second.url))
        for kind in KINDS
    }
    return Providers.model_validate(chains)


async def ask(caller: WebRtcCaller) -> tuple[float | None, list[str]]:
    """Ask the question, and hear until it is answered or nothing comes any more: the seconds to the first
    sound, and the utterances."""
    seconds: float | None = None
    heard: list[str] = []
    try:
        await caller.speak(QUESTION)
    except CallEnded:
        return seconds, heard
    while True:
        try:
            one = await caller.hear(timeout=8.0 if heard else 20.0)
        except (NothingHeard, CallEnded):
            return seconds, heard
        if seconds is None:
            seconds = one.latency
        heard.append(one.text)
        if ANSWER in one.text.lower() or "?" in one.text:
            return seconds, heard


async def until_heard(caller: WebRtcCaller, *, since: float) -> float:
    """When the assistant is first heard after `since`."""

    async def begun() -> float | None:
        bursts = caller.ear.since(since)
        return bursts[0].started if bursts else None

    return await until(begun, timeout=20)
