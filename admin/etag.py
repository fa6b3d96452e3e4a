"""`If-Match` against the version of a business's settings or of an appointment (RFC 9110 section 13.1.1)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

from litestar.params import HeaderParameter

from admin.problems import PreconditionFailed
from domain.errors import Conflict

IfMatch = Annotated[
    str | None,
    HeaderParameter(
        name="If-Match",
        description="The `ETag` that was read: refuses to overwrite a later change.",
        pattern=r'^([1-9][0-9]{0,8}|"[1-9][0-9]{0,8}"|\*)$',
    ),
]

IfVersion = Annotated[
    str | None,
    HeaderParameter(
        name="If-Match",
        description="The `version` that was read: refuses to overwrite a later change.",
        pattern=r'^([1-9][0-9]{0,8}|"[1-9][0-9]{0,8}"|\*)$',
    ),
]
"""Of things that carry their version in their body."""


def version_in(if_match: str | None) -> int | None:
    """The version that is expected; None if any will do, which `*` says too."""
    return int(if_match.strip('"')) if if_match and if_match != "*" else None


def etag_of(version: int) -> dict[str, str]:
    """The header of an answer."""
    return {"ETag": f'"{version}"'}


@contextmanager
def failing_precondition() -> Iterator[None]:
    """Another version than the expected one is a failed precondition, not a conflict."""
    try:
        yield
    except Conflict as error:
        raise PreconditionFailed(error.reason) from error
