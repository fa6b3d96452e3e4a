"""Making, reading and changing businesses."""

from __future__ import annotations

from zoneinfo import available_timezones

import phonenumbers
from sqlalchemy import select

from domain.businesses.models import Business, SettingsVersion
from domain.businesses.settings import BusinessSettings
from domain.database import Scope
from domain.errors import Conflict, Invalid, NotFound
from domain.holidays.calendar import check_subdivision
from domain.text import clean_line

_LONGEST_NAME = 120
_ZONES = frozenset(available_timezones())


async def create(
    scope: Scope, *, name: str, time_zone: str, country: str, settings: BusinessSettings
) -> Business:
    """Make the business of `scope`, a scope opened with a new id; `settings` become version 1.

    Raises Invalid naming the field, Conflict when the scope's business exists.
    """
    name = clean_line(name, field="name", longest=_LONGEST_NAME)
    time_zone, country = check_time_zone(time_zone), check_country(country)
    check_holidays(country, settings)
    if await scope.session.get(Business, scope.business_id) is not None:
        raise Conflict("this business exists already")
    now = scope.seam.now()
    business = Business(
        id=scope.business_id,
        name=name,
        time_zone=time_zone,
        country=country,
        settings_version=1,
        created_at=now,
    )
    scope.session.add(business)
    # The settings' foreign key needs the business's row first.
    await scope.session.flush()
    scope.session.add(
        SettingsVersion(
            business_id=business.id,
            version=1,
            document=settings.model_dump(mode="json"),
            created_at=now,
            created_by=f"{scope.actor.kind}:{scope.actor.id}".rstrip(":"),
        )
    )
    await scope.session.flush()
    return business


async def get(scope: Scope, *, lock: bool = False) -> Business:
    """The business of `scope`, with its row locked until the transaction's end if `lock`.

    Raises NotFound.
    """
    query = select(Business).where(Business.id == scope.business_id)
    business = await scope.session.scalar(query.with_for_update() if lock else query)
    if business is None:
        raise NotFound("business")
    return business


async def update(
    scope: Scope,
    *,
    name: str | None = None,
    time_zone: str | None = None,
    country: str | None = None,
) -> Business:
    """Change what is given. Raises Invalid as `create` does (on `country` too when the settings' part
    of the country is none of the new one), and NotFound."""
    business = await get(scope, lock=True)
    checked_name = business.name
    if name is not None:
        checked_name = clean_line(name, field="name", longest=_LONGEST_NAME)
    checked_zone = business.time_zone if time_zone is None else check_time_zone(time_zone)
    if country is not None and country != business.country:
        await _check_move_to(scope, check_country(country))
        business.country = country
    business.name, business.time_zone = checked_name, checked_zone
    await scope.session.flush()
    return business


def check_holidays(country: str, settings: BusinessSettings) -> None:
    """Raises Invalid when the settings name a part of the country that it does not have."""
    subdivision = settings.public_holidays.subdivision
    check_subdivision(country, subdivision, field="public_holidays.subdivision")


async def _check_move_to(scope: Scope, country: str) -> None:
    subdivision = await scope.session.scalar(
        select(SettingsVersion.document["public_holidays"]["subdivision"].as_string())
        .join(Business, Business.id == SettingsVersion.business_id)
        .where(SettingsVersion.version == Business.settings_version)
    )
    try:
        check_subdivision(country, subdivision or "")
    except Invalid:
        raise Invalid(
            "country", f"has no part {subdivision}, which the settings name for public holidays"
        ) from None


def check_time_zone(name: str) -> str:
    """`name` if the IANA database has it. Raises Invalid on `time_zone`."""
    if name not in _ZONES:
        raise Invalid("time_zone", "is not an IANA time zone, such as America/New_York")
    return name


def check_country(code: str) -> str:
    """`code` if it is a country (ISO 3166-1 alpha-2) with telephone numbers. Raises Invalid."""
    if code not in phonenumbers.SUPPORTED_REGIONS:
        raise Invalid("country", "is not an ISO 3166-1 alpha-2 country code, such as US")
    return code
