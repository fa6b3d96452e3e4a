"""A business's settings over time: the version in force, the change, the history."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError
from sqlalchemy import select

from domain.businesses import operations as businesses
from domain.businesses.models import Business, SettingsVersion
from domain.businesses.settings import BusinessSettings, Provider
from domain.database import Scope
from domain.errors import Conflict, Invalid, NotFound, Refused
from domain.paging import check_limit


async def current_settings(scope: Scope) -> tuple[BusinessSettings, int]:
    """The settings in force and their version. Raises NotFound."""
    row = await scope.session.scalar(
        select(SettingsVersion)
        .join(Business, Business.id == SettingsVersion.business_id)
        .where(SettingsVersion.version == Business.settings_version)
    )
    if row is None:
        raise NotFound("business")
    return BusinessSettings.model_validate(row.document), row.version


async def change_settings(
    scope: Scope, *, document: dict[str, Any], expected_version: int | None = None
) -> SettingsVersion:
    """Put a whole new document in force from the next call on; the old version stays in history.

    Raises Invalid naming the dotted field, Conflict when `expected_version` is no longer the one in
    force, Refused when anybody but an operator points calls at another endpoint or key, NotFound.
    """
    settings = parse_settings(document)
    business = await businesses.get(scope, lock=True)
    if expected_version is not None and expected_version != business.settings_version:
        raise Conflict(
            f"the settings are at version {business.settings_version}, not {expected_version}"
        )
    businesses.check_holidays(business.country, settings)
    before, _ = await current_settings(scope)
    if _endpoints(settings) - _endpoints(before) and scope.actor.kind not in ("operator", "system"):
        # An owner who could choose an address would be sent the installation's vendor keys and
        # could reach its inner network.
        raise Refused("only an operator may set base_url or api_key_variable of a provider")
    version = SettingsVersion(
        business_id=scope.business_id,
        version=business.settings_version + 1,
        document=settings.model_dump(mode="json"),
        created_at=scope.seam.now(),
        created_by=f"{scope.actor.kind}:{scope.actor.id}".rstrip(":"),
    )
    scope.session.add(version)
    business.settings_version = version.version
    await scope.session.flush()
    return version


def parse_settings(document: dict[str, Any]) -> BusinessSettings:
    """Raises Invalid naming the first wrong field by its dotted path."""
    try:
        # As JSON and strictly: "60" is not a number of minutes, and a list is a tuple.
        return BusinessSettings.model_validate_json(json.dumps(document), strict=True)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        field = ".".join(str(part) for part in first["loc"]) or "settings"
        raise Invalid(field, first["msg"]) from None


def _endpoints(settings: BusinessSettings) -> set[tuple[str, str, str]]:
    chains: tuple[Sequence[Provider], ...] = (
        settings.providers.hearing,
        settings.providers.model,
        settings.providers.speech,
    )
    return {
        (provider.vendor, provider.base_url, provider.api_key_variable)
        for chain in chains
        for provider in chain
        if provider.base_url or provider.api_key_variable
    }


async def list_versions(
    scope: Scope, *, limit: int = 50, before: int | None = None
) -> Sequence[SettingsVersion]:
    """The history, newest first; `before` is the version at which the last page ended."""
    query = select(SettingsVersion).order_by(SettingsVersion.version.desc())
    if before is not None:
        query = query.where(SettingsVersion.version < before)
    return (await scope.session.scalars(query.limit(check_limit(limit)))).all()


async def get_version(scope: Scope, *, version: int) -> SettingsVersion:
    """One version of the history. Raises NotFound."""
    row = await scope.session.scalar(
        select(SettingsVersion).where(SettingsVersion.version == version)
    )
    if row is None:
        raise NotFound("settings version")
    return row
