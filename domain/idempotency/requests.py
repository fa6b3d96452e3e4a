"""Carrying a request out once, however often it is sent (draft-ietf-httpapi-idempotency-key-header-07).

The deed and its stored answer are one transaction: there is no moment at which one is there without
the other.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, select, text

from domain.database import Scope
from domain.errors import Invalid
from domain.idempotency.models import IdempotentRequest

KEPT = timedelta(hours=24)
"""How long an answer is given again; after that the same key is a new request."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """The answer to a request: HTTP status and JSON body."""

    status: int
    body: str


def fingerprint_of(*parts: str) -> bytes:
    """What tells one request from another under the same key."""
    return hashlib.sha256("\x00".join(parts).encode()).digest()


async def answer_of(scope: Scope, *, key: str, fingerprint: bytes) -> Answer | None:
    """The answer that was given to this request before, or None: then nobody else carries out a request
    with this key until the transaction ends.

    While another transaction carries it out, this waits. Raises Invalid on `Idempotency-Key` if the
    key was another request's.
    """
    stored_key = _stored_key(scope, key)
    lock = int.from_bytes(bytes.fromhex(stored_key)[:8], signed=True)
    await scope.session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": lock})
    row = await scope.session.scalar(
        select(IdempotentRequest).where(
            IdempotentRequest.key == stored_key,
            IdempotentRequest.created_at > scope.seam.now() - KEPT,
        )
    )
    if row is None:
        return None
    if row.fingerprint != fingerprint:
        raise Invalid("Idempotency-Key", "was used for another request already")
    return Answer(status=row.status, body=row.body)


async def keep_answer(scope: Scope, *, key: str, fingerprint: bytes, answer: Answer) -> None:
    """Store the answer of the deed that this transaction does. After `answer_of` found none."""
    stored_key = _stored_key(scope, key)
    await scope.session.execute(
        delete(IdempotentRequest).where(IdempotentRequest.key == stored_key)  # one that is too old
    )
    scope.session.add(
        IdempotentRequest(
            business_id=scope.business_id,
            key=stored_key,
            fingerprint=fingerprint,
            status=answer.status,
            body=answer.body,
            created_at=scope.seam.now(),
        )
    )
    await scope.session.flush()


async def forget_old(scope: Scope) -> int:
    """Remove the answers of this business that are not given again any more; how many there were."""
    removed = await scope.session.scalars(
        delete(IdempotentRequest)
        .where(IdempotentRequest.created_at <= scope.seam.now() - KEPT)
        .returning(IdempotentRequest.key)
    )
    return len(removed.all())


def _stored_key(scope: Scope, key: str) -> str:
    return scope.blind_index("idempotency", f"{scope.actor.id}\x00{key}").hex()
