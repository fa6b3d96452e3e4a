"""Finding calls by what was said: each word is kept as a keyed index, which tells nothing to who reads the table."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.dialects.postgresql import insert

from domain.calls.events import EVENT, AssistantSaid, CallerSaid, Event, StaffSaid
from domain.calls.models import Call, CallEvent, CallLexeme
from domain.database import Scope
from domain.errors import Invalid
from domain.paging import check_limit
from domain.text import plain_words

MOST_WORDS: Final = 10
"""Of one search."""
_MOST_OF_EVENT: Final = 200
"""Different words; a turn that has more is no speech."""
_LONGEST_WORD: Final = 40
_BYTES: Final = 16
_ROWS: Final = 5_000
"""Of one statement, whose parameters PostgreSQL counts with 16 bits."""
_APOSTROPHES = str.maketrans("", "", "'\u2019\u02bc")
_UNSAID: Final = frozenset({"greeting", "filler"})
"""Kinds that are the same on every call: whoever finds all calls has found none."""


def words_of(text: str) -> list[str]:
    """The words of `text`, each once, as they are compared: without case, accents and plural.

    Plurals are those of English and Spanish, roughly: a final s goes, then a final e (boxes, box; doctores,
    doctor; times, time), and y is i (parties, party). What is written alike then is found alike.
    """
    words = plain_words(text.translate(_APOSTROPHES))
    found = dict.fromkeys(_singular(word) for word in words)
    return [word for word in found if len(word) <= _LONGEST_WORD]


async def index_said(scope: Scope, *, call_id: UUID, event: Event) -> None:
    """Make the call findable by the words of `event`, if any were said. Again changes nothing."""
    await index_all(scope, [(call_id, event)])


async def index_all(scope: Scope, told: Sequence[tuple[UUID, Event]]) -> None:
    """As `index_said`, for the events of several moments or calls at once."""
    found = {
        (_lexeme(scope, word), call_id)
        for call_id, event in told
        for word in words_of(_said(event))[:_MOST_OF_EVENT]
    }
    rows = [
        {"business_id": scope.business_id, "lexeme": lexeme, "call_id": call_id}
        # In one order, so that two who index the same call wait for one another at most.
        for lexeme, call_id in sorted(found)
    ]
    for start in range(0, len(rows), _ROWS):
        part = rows[start : start + _ROWS]
        await scope.session.execute(insert(CallLexeme).values(part).on_conflict_do_nothing())


def _said(event: Event) -> str:
    """Its words, as far as calls are found by them."""
    if isinstance(event, AssistantSaid):
        return "" if event.kind in _UNSAID else event.text
    return event.text if isinstance(event, CallerSaid | StaffSaid) else ""


def said_on(scope: Scope, text: str) -> list[ColumnElement[bool]]:
    """Conditions on a call that hold where every word of `text` was said.

    Raises Invalid on `search` when there is no word in it, or too many.
    """
    words = words_of(text)
    if not words:
        raise Invalid("search", "needs a word to look for")
    if len(words) > MOST_WORDS:
        raise Invalid("search", f"must have at most {MOST_WORDS} words")
    return [
        exists(
            select(CallLexeme.call_id).where(
                CallLexeme.lexeme == _lexeme(scope, word), CallLexeme.call_id == Call.id
            )
        )
        for word in words
    ]


async def reindex(scope: Scope, *, limit: int = 100, after: UUID | None = None) -> UUID | None:
    """Index what was said on the next calls of the business in the order of their ids: for calls from before
    there was a search. Returns where it ended, to go on from; None when there are no more."""
    query = select(Call.id).order_by(Call.id).limit(check_limit(limit))
    if after is not None:
        query = query.where(Call.id > after)
    call_ids = (await scope.session.scalars(query)).all()
    if not call_ids:
        return None
    await _index_all(scope, call_ids)
    return call_ids[-1]


async def _index_all(scope: Scope, call_ids: Sequence[UUID]) -> None:
    rows = await scope.session.scalars(
        select(CallEvent).where(CallEvent.call_id.in_(call_ids), CallEvent.type.in_(_SAID))
    )
    for row in rows:
        await index_said(scope, call_id=row.call_id, event=EVENT.validate_python(row.body))


_SAID: Collection[str] = tuple(
    kind.model_fields["type"].default for kind in (CallerSaid, AssistantSaid, StaffSaid)
)


def _lexeme(scope: Scope, word: str) -> bytes:
    return scope.blind_index("lexeme", word)[:_BYTES]


def _singular(word: str) -> str:
    for ending in ("s", "e"):
        if len(word) > 3 and word.endswith(ending) and not word.endswith("ss"):
            word = word[:-1]
    return word[:-1] + "i" if len(word) > 2 and word.endswith("y") else word
