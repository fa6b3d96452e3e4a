"""`Idempotency-Key`: a request that is sent again is answered again and carried out once
(draft-ietf-httpapi-idempotency-key-header-07)."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Annotated, Any, TypeVar, cast

import msgspec
from litestar import MediaType, Request, Response
from litestar.di import NamedDependency, Provide
from litestar.params import HeaderParameter, SkipValidation
from pydantic import BaseModel

from admin.authentication import Transaction
from admin.problems import BadRequest
from domain.database import Scope
from domain.idempotency import requests
from domain.idempotency.requests import Answer

LONGEST_KEY = 255
REPLAYED = "Idempotent-Replayed"

_KEY = re.compile(r'"[ !#-\[\]-~]{1,255}"|[A-Za-z0-9._~:+/=-]{1,255}')
"""A string of RFC 8941 section 3.3.3 without escapes; most clients leave its quotes out."""

IdempotencyKey = Annotated[
    str | None,
    HeaderParameter(
        name="Idempotency-Key",
        # Only described here and checked by us: a parameter that Litestar refuses once the transaction is
        # open would leave that open, until no connection is left.
        schema_extra={
            "minLength": 1,
            "maxLength": LONGEST_KEY + 2,
            "pattern": f"^({_KEY.pattern})$",
        },
        description="Chosen by the client, best a UUID, in quotes or without. The same request with "
        f"the same key is carried out once within 24 hours; its answer is sent again with `{REPLAYED}: "
        "true`. For another request the key is refused. Errors are not kept.",
    ),
]

View = TypeVar("View", bound=BaseModel)


class OncePerKey:
    """Carries out the deed of a request once for the key that it came with."""

    def __init__(
        self, transaction: Scope, request: Request[Any, Any, Any], key: str | None
    ) -> None:
        self._transaction = transaction
        self._request = request
        self._key = key

    async def __call__(
        self, deed: Callable[[], Awaitable[View]], *, status: int = 200
    ) -> Response[View]:
        """The answer of `deed`, or the one that was given to this request before. What `deed` raises is
        not kept: the transaction ends with it. Raises BadRequest for a malformed key."""
        if self._key is None:
            return Response(await deed(), status_code=status)
        if _KEY.fullmatch(self._key) is None:
            raise BadRequest("Idempotency-Key", "header", "is not a key of 1 to 255 characters")
        key = self._key.strip('"')
        fingerprint = await self._fingerprint()
        before = await requests.answer_of(self._transaction, key=key, fingerprint=fingerprint)
        if before is not None:
            return _response(before, headers={REPLAYED: "true"})
        answer = Answer(status=status, body=(await deed()).model_dump_json())
        await requests.keep_answer(
            self._transaction, key=key, fingerprint=fingerprint, answer=answer
        )
        return _response(answer, headers={})

    async def _fingerprint(self) -> bytes:
        body = await self._request.body()
        if body:
            # The order of a body's fields and its white space make no other request.
            body = msgspec.json.encode(msgspec.json.decode(body), order="sorted")
        url = self._request.url
        return requests.fingerprint_of(
            str(self._request.method), url.path, url.query, body.decode()
        )


def _response(answer: Answer, *, headers: dict[str, str]) -> Response[Any]:
    return Response(
        cast(Any, answer.body.encode()),
        status_code=answer.status,
        media_type=MediaType.JSON,
        headers=headers,
    )


async def _provide(
    request: Request[Any, Any, Any],
    transaction: Transaction,
    idempotency_key: IdempotencyKey = None,
) -> OncePerKey:
    return OncePerKey(transaction, request, idempotency_key)


Once = NamedDependency[SkipValidation[OncePerKey]]
PROVIDE = {"once": Provide(_provide)}
"""`dependencies` of a router whose handlers take `once: Once`."""
