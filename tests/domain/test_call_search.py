"""Calls are found by what was said on them, and the table that does it tells nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import delete, select, text

from domain.calls import log, search
from domain.calls.events import AssistantSaid, CallerSaid, Event, JournalEntry, StaffSaid
from domain.calls.log import CallFilter
from domain.calls.models import Call, CallLexeme
from domain.calls.record import append
from domain.calls.search import words_of
from domain.database import Database, Scope
from domain.errors import Invalid
from domain.paging import Position
from domain.seam import PinnedSeam
from tests.factories import make_business, make_call
from tests.postgres import DatabaseAddress


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("Root Canal", "root canal"),
        ("café", "CAFE\u0301"),
        ("STRASSE", "straße"),
        ("cleanings", "cleaning"),
        ("boxes", "box"),
        ("times", "time"),
        ("parties", "party"),
        ("citas", "cita"),
        ("doctores", "doctor"),
        ("mañana", "manana"),
        ("don't", "don\u2019t"),
        ("ﬁlling", "filling"),
        ("नमस्ते", "नमस्ते!"),
    ],
)
def test_words_that_mean_the_same_are_compared_alike(written: str, spoken: str) -> None:
    assert words_of(written) == words_of(spoken) != []


@pytest.mark.parametrize(
    ("one", "other"), [("pass", "pas"), ("bill", "bell"), ("दाँत", "दत"), ("10", "100")]
)
def test_other_words_stay_apart(one: str, other: str) -> None:
    assert words_of(one) != words_of(other)


def test_words_are_what_stands_between_signs() -> None:
    assert words_of("Mr. O'Neil: 9:30, 9 o'clock\tor\u00a0ten?") == [
        *("mr", "oneil", "9", "30", "oclock", "or", "ten")
    ]
    assert words_of("… — ?!\x00 'ʼ") == []
    assert words_of("a" * 41 + " b") == ["b"]


async def _found(database: Database, business_id: UUID, text: str, **more: object) -> list[UUID]:
    matching = CallFilter(search=text, **more)  # type: ignore[arg-type]
    async with database.scope(business_id=business_id) as scope:
        return [row.id for row in await log.list_calls(scope, matching=matching)]


async def test_a_call_is_found_by_all_the_words_said_on_it(
    database: Database, seam: PinnedSeam
) -> None:
    business_id = await make_business(database)
    other = await make_business(database, name="Other")
    greeting = AssistantSaid(text="Thank you for calling.", kind="greeting")
    said: list[list[Event]] = [
        [greeting, CallerSaid(text="I need a root canal."), AssistantSaid(text="Tuesday at nine?")],
        [greeting, CallerSaid(text="Two fillings on Tuesday."), StaffSaid(text="Maria here.")],
        [greeting, CallerSaid(text="Quiero una cita mañana.")],
    ]
    calls = []
    for events in said:
        seam.advance(timedelta(minutes=1))
        calls.append(await make_call(database, business_id=business_id, events=events))
    one, two, three = calls
    await make_call(database, business_id=other, events=said[0])
    for words, found in (
        ("root canal", [one]),
        ("canals ROOT", [one]),
        ("tuesday", [two, one]),
        ("tuesday root", [one]),
        ("tuesday root maria", []),
        ("maria", [two]),
        ("filling", [two]),
        ("manana", [three]),
        ("calling", []),
    ):
        assert await _found(database, business_id, words) == found, words
    assert await _found(database, business_id, "tuesday", started_from=seam.now()) == []
    assert await _found(database, business_id, "cita", outcome="none") == [three]
    async with database.scope(business_id=business_id) as scope:
        first = await log.get(scope, call_id=two)
        after = Position(at=first.started_at, id=first.id)
        rest = await log.list_calls(scope, matching=CallFilter(search="tuesday"), after=after)
    assert [row.id for row in rest] == [one]


@pytest.mark.parametrize("words", ["", " ", "?!", " ".join(f"w{n}" for n in range(11))])
async def test_a_search_needs_some_words(database: Database, words: str) -> None:
    business_id = await make_business(database)
    with pytest.raises(Invalid, match=r"^search:"):
        await _found(database, business_id, words)


async def test_the_table_holds_no_word_and_differs_between_businesses(database: Database) -> None:
    lexemes = []
    for name in ("one", "two"):
        business_id = await make_business(database, name=name)
        await make_call(database, business_id=business_id, events=[CallerSaid(text="toothache")])
        async with database.scope(business_id=business_id) as scope:
            rows = (await scope.session.scalars(select(CallLexeme.lexeme))).all()
        lexemes += [bytes(row) for row in rows]
    assert len(lexemes) == 2 and lexemes[0] != lexemes[1]
    assert all(len(lexeme) == 16 and b"tooth" not in lexeme for lexeme in lexemes)


async def test_words_said_again_and_told_again_are_kept_once(
    database: Database, seam: PinnedSeam
) -> None:
    business_id = await make_business(database)
    call_id = await make_call(
        database,
        business_id=business_id,
        events=[CallerSaid(text="pain pain"), CallerSaid(text="Pain!")],
    )
    entry = JournalEntry(
        call_id=call_id, epoch=1, seq=2, at=seam.now(), event=CallerSaid(text="pain pain")
    )
    async with database.scope(business_id=business_id) as scope:
        assert await append(scope, [entry]) == 0
        assert len((await scope.session.scalars(select(CallLexeme))).all()) == 1


async def test_calls_from_before_become_findable(database: Database) -> None:
    business_id = await make_business(database)
    calls = [
        await make_call(database, business_id=business_id, events=[CallerSaid(text="crown")])
        for _ in range(5)
    ]
    async with database.scope(business_id=business_id) as scope:
        await scope.session.execute(delete(CallLexeme))
    assert await _found(database, business_id, "crown") == []
    for _ in range(2):
        after: UUID | None = None
        while True:
            async with database.scope(business_id=business_id) as scope:
                after = await search.reindex(scope, limit=2, after=after)
            if after is None:
                break
        assert set(await _found(database, business_id, "crown")) == set(calls)


_MANY_CALLS = """
    INSERT INTO calls (id, business_id, room, channel, dialled, state, epoch, started_at, sandbox)
    SELECT gen_random_uuid(), :business_id, 'call-many-' || n, 'sip', '+12025550100', 'ended', 1,
        timestamptz '2026-01-01 00:00Z' + n * interval '1 minute', '[]'
    FROM generate_series(1, :calls) AS n
"""
_MANY_WORDS = """
    INSERT INTO call_lexemes (business_id, lexeme, call_id)
    SELECT :business_id, lexeme, c.id
    FROM calls c, LATERAL (
        SELECT DISTINCT substring(sha256(('w' || (10000 * random() ^ 3)::int)::bytea) FOR 16) AS lexeme
        FROM generate_series(1, :words) WHERE c.id IS NOT NULL
    ) said
    WHERE c.room LIKE 'call-many-%'
"""


@pytest.mark.parametrize(
    ("calls", "words"),
    [(3_000, 10), pytest.param(100_000, 20, marks=pytest.mark.long)],
)
@pytest.mark.own_database
async def test_a_search_is_served_by_indexes(
    database: Database, database_address: DatabaseAddress, calls: int, words: int
) -> None:
    """Under row-level security only leakproof comparisons reach an index."""
    business_id = await make_business(database)
    rare = await make_call(
        database, business_id=business_id, events=[CallerSaid(text="periodontist on Monday")]
    )
    async with database.scope(business_id=business_id) as scope:
        values = {"business_id": str(business_id), "calls": calls, "words": words}
        await scope.session.execute(text(_MANY_CALLS), values)
        await scope.session.execute(text(_MANY_WORDS), values)
        # A word of every call.
        (word,) = words_of("monday")
        common = search._lexeme(scope, word)
        await scope.session.execute(
            text(
                "INSERT INTO call_lexemes SELECT :business_id, :lexeme, id FROM calls "
                "ON CONFLICT DO NOTHING"
            ),
            {"business_id": str(business_id), "lexeme": common},
        )
    with psycopg.connect(database_address.owner, autocommit=True) as owner:
        owner.execute("ANALYZE calls, call_lexemes")
    for sought in ("periodontist", "monday", "periodontist monday", "monday nothing"):
        async with database.scope(business_id=business_id) as scope:
            plan = await _plan(scope, sought)
        assert not [scan for scan in _scans(plan["Plan"]) if scan[0] == "Seq Scan"], sought
    assert await _found(database, business_id, "periodontist mondays") == [rare]
    assert len(await _found(database, business_id, "monday")) == 50


async def _plan(scope: Scope, sought: str) -> dict[str, Any]:
    """How PostgreSQL finds the first page of a search, as the application's role."""
    query = log._narrowed(scope, CallFilter(search=sought))
    query = query.order_by(Call.started_at.desc(), Call.id.desc()).limit(50)
    connection = await scope.session.connection()
    compiled = query.compile(dialect=connection.dialect)
    explained = await connection.exec_driver_sql(
        f"EXPLAIN (ANALYZE, FORMAT JSON) {compiled}", compiled.params
    )
    plan: dict[str, Any] = explained.scalar_one()[0]
    return plan


def _scans(node: dict[str, Any]) -> list[tuple[str, str]]:
    """Every table that is read, and how."""
    found = [(node["Node Type"], node["Relation Name"])] if "Relation Name" in node else []
    return found + [scan for child in node.get("Plans", []) for scan in _scans(child)]
