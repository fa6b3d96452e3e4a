"""Pages of lists: `{items, next}`, where `next` is an opaque cursor."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Annotated, Any, Generic, TypeVar
from uuid import UUID

import msgspec
from litestar.params import QueryParameter
from pydantic import BaseModel, Field

from admin.problems import BadRequest
from domain.paging import LARGEST_PAGE, Position

Limit = Annotated[
    int,
    QueryParameter(ge=1, le=LARGEST_PAGE, description=f"Items a page, from 1 to {LARGEST_PAGE}."),
]
Cursor = Annotated[
    str | None,
    QueryParameter(
        max_length=300,
        description="`next` of the page before; nothing begins at the start.",
    ),
]

Item = TypeVar("Item")
Row = TypeVar("Row")


class Page(BaseModel, Generic[Item]):
    """A part of a list. `next` is null on the last page."""

    items: list[Item]
    next: str | None = Field(None, description="The cursor of the next page.")


class _ById(msgspec.Struct, tag="id", array_like=True, forbid_unknown_fields=True):
    of: str
    id: UUID


class _ByPosition(msgspec.Struct, tag="at", array_like=True, forbid_unknown_fields=True):
    of: str
    at: datetime
    id: UUID


class _ByNumbers(msgspec.Struct, tag="n", array_like=True, forbid_unknown_fields=True):
    of: str
    numbers: tuple[int, ...]


_Key = TypeVar("_Key", _ById, _ByPosition, _ByNumbers)


def page(
    rows: Sequence[Row], limit: int, *, view: Callable[[Row], Item], cursor: Callable[[Row], str]
) -> Page[Item]:
    """The first `limit` of `rows`, which the list was asked for one more than."""
    more = len(rows) > limit
    shown = rows[:limit]
    return Page(items=[view(row) for row in shown], next=cursor(shown[-1]) if more else None)


def id_cursor(of: str, row_id: UUID) -> str:
    return _encode(_ById(of=of, id=row_id))


def position_cursor(of: str, at: datetime, row_id: UUID) -> str:
    return _encode(_ByPosition(of=of, at=at, id=row_id))


def numbers_cursor(of: str, *numbers: int) -> str:
    return _encode(_ByNumbers(of=of, numbers=numbers))


def read_id(of: str, cursor: str | None) -> UUID | None:
    """The id at which the last page of the list `of` ended. Raises BadRequest."""
    key = _decode(of, cursor, _ById)
    return None if key is None else key.id


def read_position(of: str, cursor: str | None) -> Position | None:
    """Raises BadRequest."""
    key = _decode(of, cursor, _ByPosition)
    if key is not None and key.at.tzinfo is None:
        raise _refused()
    return None if key is None else Position(at=key.at, id=key.id)


def read_numbers(of: str, cursor: str | None, *, count: int) -> tuple[int, ...] | None:
    """Raises BadRequest."""
    key = _decode(of, cursor, _ByNumbers)
    if key is not None and (
        len(key.numbers) != count or not all(0 <= number < 2**31 for number in key.numbers)
    ):
        raise _refused()
    return None if key is None else key.numbers


def read_date(of: str, cursor: str | None) -> date | None:
    """The date at which the last page ended, whose cursor is its ordinal. Raises BadRequest."""
    numbers = read_numbers(of, cursor, count=1)
    try:
        return None if numbers is None else date.fromordinal(numbers[0])
    except (ValueError, OverflowError):
        raise _refused() from None


def _encode(key: Any) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(key)).rstrip(b"=").decode()


def _decode(of: str, cursor: str | None, kind: type[_Key]) -> _Key | None:
    # Not signed: rows of other businesses stay hidden whatever a cursor says.
    if cursor is None:
        return None
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        key = msgspec.json.decode(raw, type=kind)
    except (ValueError, binascii.Error, msgspec.DecodeError):
        raise _refused() from None
    if key.of != of:
        raise _refused()
    return key


def _refused() -> BadRequest:
    return BadRequest("cursor", "query", "is not a cursor of this list")
