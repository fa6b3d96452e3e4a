"""Every error as a problem detail (RFC 9457), with nothing private in it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any, Literal, cast

import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException
from litestar.openapi.datastructures import ResponseSpec
from pydantic import BaseModel, Field
from sqlalchemy.exc import (
    DBAPIError,
    InterfaceError,
    OperationalError,
    TimeoutError as PoolTimeoutError,
)

from admin.livekit import LiveKitAway
from domain.errors import Conflict, DomainError, Invalid, NotFound, Refused
from domain.logs import describe

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_SECONDS = 5

Place = Literal["body", "query", "path", "header", "cookie"]

logger = structlog.get_logger(__name__)


class FieldError(BaseModel):
    """One wrong value of a request."""

    field: str = Field(description="Where it is: a dotted path, a parameter, a header.")
    place: Place | None = Field(None, description="Which part of the request it is in.")
    message: str


class Problem(BaseModel):
    """What went wrong, as RFC 9457 has it."""

    type: str = Field(
        description="`about:blank`: the status says it all.",
        examples=["urn:problem-type:reception:invalid"],
    )
    title: str = Field(examples=["A value is not acceptable"])
    status: int = Field(examples=[422])
    detail: str = Field(examples=["time_zone: is not an IANA time zone, such as America/New_York"])
    request_id: str = Field(description="Name it when you report the problem.")
    errors: list[FieldError] = Field(
        default_factory=list, description="The wrong values, where there are any."
    )


_MISSING = re.compile(r"Missing required (\w+) parameter '([^']+)'")

_OUTSIDE_NAMES = {
    "data": "body",
    "if_match": "If-Match",
    "in_state": "state",
    "x_business": "X-Business",
}
"""Names of parameters outside, where Python's or Litestar's own words stand in the way."""

_DESCRIPTIONS = {
    400: "The request does not fit this description; `errors` name what is wrong.",
    401: "No API key and no session, or not one that is valid.",
    403: "The role does not allow it, a rule of the business forbids it, or another site's page asks.",
    404: "There is no such thing in this business.",
    409: "It clashes with what is there already.",
    412: "The resource has changed since the version in `If-Match`.",
    413: "The body is larger than 1 MiB.",
    422: "A well-formed value is not acceptable; `errors` name it.",
    429: "Too many tries; try again after `Retry-After` seconds.",
    503: "The database or LiveKit is away; try again after `Retry-After` seconds.",
}


def _documented(*statuses: int) -> dict[int, ResponseSpec]:
    return {
        status: ResponseSpec(
            Problem,
            description=_DESCRIPTIONS[status],
            media_type=cast(Any, MEDIA_TYPE),
            generate_examples=False,
        )
        for status in statuses
    }


READS = _documented(400, 401, 403, 404, 422, 503)
"""The errors of an endpoint that changes nothing, for its OpenAPI description."""
WRITES = _documented(400, 401, 403, 404, 409, 413, 422, 503)
LIMITED_WRITES = WRITES | _documented(429)
VERSIONED_WRITES = WRITES | _documented(412)


class PreconditionFailed(DomainError):
    """`If-Match` names another version than the one in force."""


class BadRequest(Exception):
    """A parameter is malformed in a way that OpenAPI can't say (a cursor, an ETag)."""

    def __init__(self, field: str, place: Place, message: str) -> None:
        super().__init__(message)
        self.error = FieldError(field=field, place=place, message=message)


def problem(
    request: Request[Any, Any, Any],
    *,
    status: int,
    detail: str,
    slug: str = "",
    title: str = "",
    errors: Iterable[FieldError] = (),
    headers: Mapping[str, str] | None = None,
) -> Response[Problem]:
    """A problem response. Without `slug` its type is `about:blank` and its title the status's."""
    return Response(
        Problem(
            type=f"urn:problem-type:reception:{slug}" if slug else "about:blank",
            title=title or HTTPStatus(status).phrase,
            status=status,
            detail=detail,
            request_id=str(request.scope.get("state", {}).get("request_id", "")),
            errors=list(errors),
        ),
        status_code=status,
        media_type=MEDIA_TYPE,
        headers=dict(headers or {}),
    )


def _on_domain_error(request: Request[Any, Any, Any], error: DomainError) -> Response[Problem]:
    detail = str(error)
    if isinstance(error, Invalid):
        return problem(
            request,
            status=422,
            slug="invalid",
            title="A value is not acceptable",
            detail=detail,
            errors=[FieldError(field=error.field, message=error.reason)],
        )
    if isinstance(error, NotFound):
        return problem(
            request, status=404, slug="not-found", title="There is no such thing", detail=detail
        )
    if isinstance(error, Conflict):
        return problem(
            request,
            status=409,
            slug="conflict",
            title="It clashes with what is there",
            detail=detail,
        )
    if isinstance(error, PreconditionFailed):
        return problem(request, status=412, slug="changed", title="It has changed", detail=detail)
    if isinstance(error, Refused):
        return problem(
            request, status=403, slug="refused", title="A rule forbids it", detail=detail
        )
    return _on_unexpected(request, error)


def _on_bad_request(request: Request[Any, Any, Any], error: BadRequest) -> Response[Problem]:
    return _malformed(request, [error.error])


def _malformed(request: Request[Any, Any, Any], errors: Iterable[FieldError]) -> Response[Problem]:
    errors = list(errors)
    return problem(
        request,
        status=400,
        slug="malformed",
        title="The request does not fit the API",
        detail="; ".join(f"{error.field}: {error.message}" for error in errors),
        errors=errors,
    )


def _on_validation(
    request: Request[Any, Any, Any], error: ValidationException
) -> Response[Problem]:
    # Litestar's own detail repeats the request's path and query, where numbers may stand.
    extra = error.extra if isinstance(error.extra, list) else []
    errors = [_field_error(item) for item in extra if isinstance(item, dict)]
    missing = _MISSING.match(error.detail)
    if missing is not None:
        errors.append(FieldError(field=missing[2], place=_place(missing[1]), message="is required"))
    if not errors:
        return problem(request, status=400, slug="malformed", detail="The request is malformed.")
    return _malformed(request, errors)


def _field_error(item: dict[str, Any]) -> FieldError:
    key = str(item.get("key", "data"))
    message = str(item.get("message", "is not valid"))
    return FieldError(
        field=_OUTSIDE_NAMES.get(key, key),
        place=_place(item.get("source")),
        # What Litestar says of a value that is not there.
        message="is required" if message in (repr(key), "") else message,
    )


def _place(source: object) -> Place | None:
    name = str(getattr(source, "value", source))
    return cast(Place, name) if name in ("body", "query", "path", "header", "cookie") else None


def _on_http_error(request: Request[Any, Any, Any], error: HTTPException) -> Response[Problem]:
    details = {
        404: "There is nothing at this address.",
        405: "This address does not take this method.",
        413: "The body is larger than 1 MiB.",
    }
    headers = dict(error.headers or {})
    if error.status_code == 401:
        headers.setdefault("WWW-Authenticate", 'Bearer realm="reception"')
    return problem(
        request,
        status=error.status_code,
        detail=details.get(error.status_code, error.detail),
        headers=headers,
    )


def _on_database_error(request: Request[Any, Any, Any], error: Exception) -> Response[Problem]:
    if isinstance(error, DBAPIError) and not _is_away(error):
        return _on_unexpected(request, error)
    logger.warning("database_away", **describe(error))
    return problem(
        request,
        status=503,
        slug="database-away",
        title="The database is away",
        detail="The database cannot be reached just now; nothing was changed.",
        headers={"Retry-After": str(RETRY_AFTER_SECONDS)},
    )


def _on_livekit_away(request: Request[Any, Any, Any], error: LiveKitAway) -> Response[Problem]:
    logger.warning("livekit_away", reason=str(error))
    return problem(
        request,
        status=503,
        slug="livekit-away",
        title="LiveKit is away",
        detail=f"{error}; nothing was changed.",
        headers={"Retry-After": str(RETRY_AFTER_SECONDS)},
    )


def _is_away(error: DBAPIError) -> bool:
    """Connection lost or refused; class 08, 53 and 57P of PostgreSQL's error codes (appendix A)."""
    if error.connection_invalidated or isinstance(error, InterfaceError):
        return True
    state = getattr(error.orig, "sqlstate", None)
    if state is None:
        return isinstance(error, OperationalError)
    return str(state).startswith(("08", "53", "57P"))


def _on_unexpected(request: Request[Any, Any, Any], error: Exception) -> Response[Problem]:
    logger.error("unexpected_error", **describe(error))
    return problem(
        request,
        status=500,
        detail="Something went wrong on our side; nothing was changed. It has been logged.",
    )


EXCEPTION_HANDLERS: dict[Any, Any] = {
    DomainError: _on_domain_error,
    LiveKitAway: _on_livekit_away,
    BadRequest: _on_bad_request,
    ValidationException: _on_validation,
    HTTPException: _on_http_error,
    DBAPIError: _on_database_error,
    PoolTimeoutError: _on_database_error,
    Exception: _on_unexpected,
}
