"""Finding contacts by part of a name or of a number."""

from __future__ import annotations

import re
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from domain.contacts.models import Contact
from domain.database import Scope
from domain.errors import Invalid
from domain.paging import check_limit
from domain.text import clean_line, plain_words

LONGEST_SEARCH = 120
_AT_ONCE = 500
_LEAST_DIGITS = 3


async def search_contacts(
    scope: Scope, *, search: str, limit: int = 50, after: UUID | None = None
) -> Sequence[Contact]:
    """Contacts whose name has words that begin as those of `search` do, case and accents aside, or
    whose number holds its digits (three or more); the newest first. `after` is the id at which the
    last page ended. Raises Invalid on `search`.

    Names and numbers are stored encrypted and a blind index finds whole values only, so all of them are
    deciphered until enough are found.
    """
    check_limit(limit)
    wanted = clean_line(search, field="search", longest=LONGEST_SEARCH)
    words = _words(wanted)
    digits = re.sub(r"\D", "", wanted)
    if not words and len(digits) < _LEAST_DIGITS:
        raise Invalid("search", f"needs a word or {_LEAST_DIGITS} digits")
    found: list[UUID] = []
    while len(found) < limit:
        query = select(Contact.id, Contact.name, Contact.phone).order_by(Contact.id.desc())
        if after is not None:
            query = query.where(Contact.id < after)
        rows = (await scope.session.execute(query.limit(_AT_ONCE))).all()
        found += [row.id for row in rows if _matches(row.name, row.phone, words, digits)]
        if len(rows) < _AT_ONCE:
            break
        after = rows[-1].id
    kept = found[:limit]
    query_kept = select(Contact).where(Contact.id.in_(kept)).order_by(Contact.id.desc())
    return (await scope.session.scalars(query_kept)).all()


def _matches(name: str | None, phone: str | None, words: Sequence[str], digits: str) -> bool:
    if len(digits) >= _LEAST_DIGITS and phone and digits in re.sub(r"\D", "", phone):
        return True
    parts = _words(name or "")
    return bool(words) and all(any(part.startswith(word) for part in parts) for word in words)


def _words(given: str) -> list[str]:
    return [word for word in plain_words(given) if not word.isdigit()]
