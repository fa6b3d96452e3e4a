"""Businesses and their settings."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, Router, get, patch, post, put
from litestar.di import Provide
from litestar.params import JSONBody, PathParameter
from pydantic import Field

from admin.authentication import Transaction, actor_of, needs, provide_business_scope
from admin.etag import IfMatch, etag_of, failing_precondition, version_in
from admin.models import Body, Instant, View
from admin.outside_hours import WithOutsideHours, left_outside
from admin.pages import Cursor, Limit, Page, id_cursor, numbers_cursor, page, read_id, read_numbers
from admin.problems import READS, VERSIONED_WRITES, WRITES
from domain.accounts.principal import Principal
from domain.businesses import directory, operations as businesses, versions
from domain.businesses.models import Business as BusinessRow
from domain.businesses.settings import BusinessSettings
from domain.database import Database


class Business(View):
    """A business on this installation."""

    id: UUID
    name: str = Field(examples=["Riverside Dental"])
    time_zone: str = Field(description="IANA name.", examples=["America/New_York"])
    country: str = Field(description="ISO 3166-1 alpha-2.", examples=["US"])
    settings_version: int = Field(examples=[3])
    created_at: Instant


class NewBusiness(Body):
    """A business to make."""

    name: str = Field(min_length=1, max_length=120, examples=["Riverside Dental"])
    time_zone: str = Field(
        max_length=60,
        description="IANA name.",
        examples=["America/New_York"],
        json_schema_extra={"format": "time-zone"},
    )
    country: str = Field(
        pattern="^[A-Z]{2}$",
        description="ISO 3166-1 alpha-2; numbers without a country code are read in it.",
        examples=["US"],
    )
    settings: BusinessSettings


class ChangedBusiness(Business, WithOutsideHours):
    """A business after its change."""


class BusinessChange(Body):
    """What to change; what is absent or null stays."""

    name: str | None = Field(None, min_length=1, max_length=120)
    time_zone: str | None = Field(None, max_length=60, examples=["America/Chicago"])
    country: str | None = Field(None, pattern="^[A-Z]{2}$", examples=["US"])


class SettingsVersion(View):
    """The settings as they were set once. The version in force is the business's `settings_version`."""

    version: int = Field(examples=[3])
    created_at: Instant
    created_by: str = Field(description="The kind and id of who set them.", examples=["system"])
    document: BusinessSettings


class ChangedSettings(SettingsVersion, WithOutsideHours):
    """The settings that were put in force; public holidays among them can leave appointments outside."""


@get("/", responses=READS, summary="List businesses")
async def list_businesses(
    request: Request[Principal, Any, Any], limit: Limit = 50, cursor: Cursor = None
) -> Page[Business]:
    """Every business with an operator's key, the key's own with any other."""
    database: Database = request.app.state.database
    after = read_id("businesses", cursor)
    rows: list[BusinessRow] = []
    if request.user.business_id is None:
        rows = await directory.list_businesses(database, limit=limit + 1, after=after)
    elif after is None:
        async with database.scope(business_id=request.user.business_id) as scope:
            rows = [await businesses.get(scope)]
    return page(
        rows,
        limit,
        view=Business.model_validate,
        cursor=lambda row: id_cursor("businesses", row.id),
    )


@post("/", guards=[needs("operator")], responses=WRITES, summary="Make a business")
async def create_business(
    request: Request[Principal, Any, Any], data: JSONBody[NewBusiness]
) -> Business:
    """Make a business with its first settings. Add its numbers, services, people and hours next."""
    database: Database = request.app.state.database
    new_id = database.seam.new_id()
    async with database.scope(business_id=new_id, actor=actor_of(request.user)) as scope:
        row = await businesses.create(
            scope,
            name=data.name,
            time_zone=data.time_zone,
            country=data.country,
            settings=data.settings,
        )
    return Business.model_validate(row)


@get("/{business_id:uuid}", responses=READS, summary="Read a business")
async def get_business(transaction: Transaction) -> Business:
    """One business."""
    return Business.model_validate(await businesses.get(transaction))


@patch(
    "/{business_id:uuid}", guards=[needs("owner")], responses=WRITES, summary="Change a business"
)
async def update_business(
    transaction: Transaction, data: JSONBody[BusinessChange]
) -> ChangedBusiness:
    """Change its name, zone or country. Appointments keep their instants."""
    row = await businesses.update(
        transaction, name=data.name, time_zone=data.time_zone, country=data.country
    )
    outside = await left_outside(transaction)
    return ChangedBusiness(**dict(Business.model_validate(row)), outside_hours=outside)


@get("/{business_id:uuid}/settings", responses=READS, summary="Read the settings in force")
async def get_settings(transaction: Transaction) -> Response[SettingsVersion]:
    """The settings that the next call will be answered with. Their version is the `ETag`."""
    version = (await businesses.get(transaction)).settings_version
    return _with_etag(await versions.get_version(transaction, version=version))


@put(
    "/{business_id:uuid}/settings",
    guards=[needs("manager")],
    responses=VERSIONED_WRITES,
    summary="Change the settings",
)
async def change_settings(
    transaction: Transaction,
    data: JSONBody[BusinessSettings],
    if_match: IfMatch = None,
) -> Response[ChangedSettings]:
    """Replace the settings as a new version, in force from the next call on. Only an operator may set
    `base_url` and `api_key_variable` of providers."""
    with failing_precondition():
        row = await versions.change_settings(
            transaction,
            document=data.model_dump(mode="json"),
            expected_version=version_in(if_match),
        )
    answer = ChangedSettings(
        **dict(SettingsVersion.model_validate(row)), outside_hours=await left_outside(transaction)
    )
    return Response(answer, headers=etag_of(row.version))


@get("/{business_id:uuid}/settings/versions", responses=READS, summary="List earlier settings")
async def list_settings_versions(
    transaction: Transaction, limit: Limit = 50, cursor: Cursor = None
) -> Page[SettingsVersion]:
    """Every version of the settings, the newest first."""
    await businesses.get(transaction)
    before = read_numbers("settings", cursor, count=1)
    rows = await versions.list_versions(
        transaction, limit=limit + 1, before=before[0] if before else None
    )
    return page(
        rows,
        limit,
        view=SettingsVersion.model_validate,
        cursor=lambda row: numbers_cursor("settings", row.version),
    )


@get(
    "/{business_id:uuid}/settings/versions/{version:int}",
    responses=READS,
    summary="Read earlier settings",
)
async def get_settings_version(
    transaction: Transaction, version: Annotated[int, PathParameter(ge=1, le=2**31 - 1)]
) -> SettingsVersion:
    """One version of the settings."""
    return SettingsVersion.model_validate(await versions.get_version(transaction, version=version))


def _with_etag(row: Any) -> Response[SettingsVersion]:
    return Response(SettingsVersion.model_validate(row), headers=etag_of(row.version))


router = Router(
    path="/businesses",
    tags=["businesses"],
    route_handlers=[
        list_businesses,
        create_business,
        Router(
            path="/",
            dependencies={"transaction": Provide(provide_business_scope)},
            route_handlers=[
                get_business,
                update_business,
                get_settings,
                change_settings,
                list_settings_versions,
                get_settings_version,
            ],
        ),
    ],
)
