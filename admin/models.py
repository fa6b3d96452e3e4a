"""How the API's models are read, written and described: strictly, and as OpenAPI says."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec
from litestar import Request
from litestar._signature.types import ExtendedMsgSpecValidationError
from litestar.exceptions import SerializationException
from litestar.plugins.pydantic import PydanticInitPlugin
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, ValidationError


class Body(BaseModel):
    """What a request carries: nothing that is not named here."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    def given(self) -> dict[str, Any]:
        """The fields that the request has, null or not; those that it leaves out are not there."""
        return {name: value for name, value in self if name in self.model_fields_set}


class View(BaseModel):
    """What a response carries, made from a row or a dataclass of the domain."""

    model_config = ConfigDict(from_attributes=True, frozen=True)


def _as_utc(at: datetime) -> datetime:
    try:
        return at.astimezone(UTC)
    except OverflowError:
        raise ValueError("is outside the calendar") from None


Instant = Annotated[
    AwareDatetime,
    AfterValidator(_as_utc),
    Field(
        description="An instant (RFC 3339), in UTC in answers.", examples=["2026-11-23T17:00:00Z"]
    ),
]

ClockTime = Annotated[
    str,
    Field(
        pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$",
        description="A time of day in the business's zone.",
        examples=["08:30"],
    ),
]

Phone = Annotated[
    str,
    Field(
        min_length=1,
        max_length=40,
        description="A telephone number; without a country code it is read in the business's country.",
        examples=["+12025550123"],
    ),
]


class JsonRequest(Request[Any, Any, Any]):
    """A request whose body may be any bytes: what is not UTF-8 is malformed JSON, not our failure."""

    async def json(self) -> Any:
        try:
            return await super().json()
        except UnicodeDecodeError:
            raise SerializationException("JSON is malformed: it is not UTF-8") from None


class StrictModels(PydanticInitPlugin):
    """Reads bodies as pydantic reads JSON in strict mode: `"60"` is no number, `1` no boolean."""

    @classmethod
    def decoders(cls, validate_strict: bool = False) -> list[Any]:
        return [(_is_model, _decode), *super().decoders(validate_strict)]


def _is_model(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _decode(model: type[BaseModel], value: Any) -> BaseModel:
    json = msgspec.json.encode(_normal(value, ("data",)))
    try:
        return model.model_validate_json(json, strict=True)
    except ValidationError as error:
        raise ExtendedMsgSpecValidationError(
            errors=[
                {"loc": ("data", *item["loc"]), "msg": item["msg"]}
                for item in error.errors(
                    include_url=False, include_input=False, include_context=False
                )
            ]
        ) from None


def _normal(value: Any, place: tuple[str | int, ...]) -> Any:
    """`value` with 60.0 as 60, which JSON Schema calls an integer and pydantic does not. Refuses NUL,
    the one character that PostgreSQL cannot store."""
    if isinstance(value, str) and "\x00" in value:
        raise ExtendedMsgSpecValidationError(
            errors=[{"loc": place, "msg": "must not hold the character NUL"}]
        )
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {name: _normal(part, (*place, name)) for name, part in value.items()}
    if isinstance(value, list):
        return [_normal(part, (*place, index)) for index, part in enumerate(value)]
    return value
