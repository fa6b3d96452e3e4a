"""Hearing a text before callers do."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from litestar import MediaType, Request, Response, Router, post
from litestar.di import NamedDependency, Provide
from litestar.exceptions import HTTPException
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import JSONBody
from pydantic import Field

from admin.authentication import needs, provide_business_id
from admin.models import Body
from admin.problems import MEDIA_TYPE, WRITES, Problem
from connectors import speech
from connectors.chain import VendorsFailed
from domain.accounts.principal import Principal
from domain.businesses import versions
from domain.database import Database
from domain.errors import Refused
from domain.text import clean_text

_FAILED = {
    502: ResponseSpec(
        Problem,
        description="Not one of the business's speech vendors answered.",
        media_type=cast(Any, MEDIA_TYPE),
        generate_examples=False,
    )
}


class SpokenText(Body):
    """A text to hear."""

    text: str = Field(min_length=1, max_length=speech.LONGEST_TEXT, examples=["Good morning."])
    voice: str | None = Field(
        None,
        min_length=1,
        max_length=64,
        pattern=r"^[A-Za-z0-9_-]+$",
        description="Another voice of the vendor than that of the settings.",
    )


@post(
    "/",
    guards=[needs("manager")],
    responses=WRITES | _FAILED,
    status_code=200,
    media_type=speech.MEDIA_TYPE,
    dependencies={"business_id": Provide(provide_business_id)},
    summary="Hear a text",
)
async def speak(
    request: Request[Principal, Any, Any],
    business_id: NamedDependency[UUID],
    data: JSONBody[SpokenText],
) -> Response[bytes]:
    """The text as a WAV file, spoken by the business's speech vendors as on a call. The next of the
    chain is asked when one fails."""
    text = clean_text(data.text, field="text", longest=speech.LONGEST_TEXT)
    database: Database = request.app.state.database
    async with database.scope(business_id=business_id) as scope:
        settings, _ = await versions.current_settings(scope)
    # No transaction stays open while the vendor speaks.
    try:
        sound = await speech.speak(
            request.app.state.environment, settings, text=text, voice=data.voice
        )
    except VendorsFailed as error:
        raise HTTPException(status_code=502, detail=f"Nobody could speak it: {error}.") from None
    except Refused as error:
        raise HTTPException(status_code=503, detail=f"Nobody can speak it: {error}.") from None
    return Response(
        sound,
        media_type=cast(MediaType, speech.MEDIA_TYPE),
        headers={"Cache-Control": "no-store"},
    )


router = Router(path="/speech", tags=["businesses"], route_handlers=[speak])
