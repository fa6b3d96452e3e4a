"""The rules of one business that every booking obeys, as they stand now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from domain.businesses.models import Business, SettingsVersion
from domain.businesses.settings import BookingRules, PublicHolidays
from domain.database import Scope
from domain.errors import NotFound


@dataclass(frozen=True, kw_only=True)
class Rules:
    """The business's zone and booking rules, and the moment at which they were read (UTC)."""

    zone: ZoneInfo
    booking: BookingRules
    now: datetime
    public_holidays: PublicHolidays
    country: str
    """ISO 3166-1 alpha-2."""

    @property
    def today(self) -> date:
        """The day it is in the business's zone."""
        return self.now.astimezone(self.zone).date()

    @property
    def last_day(self) -> date:
        """The furthest day that may be booked."""
        return self.today + timedelta(days=self.booking.horizon_days)

    @property
    def notice(self) -> timedelta:
        return timedelta(minutes=self.booking.minimum_notice_minutes)


async def read_rules(scope: Scope) -> Rules:
    """The rules in force. A business without settings has the model's defaults."""
    row = (
        await scope.session.execute(
            select(
                Business.time_zone,
                Business.country,
                SettingsVersion.document["booking"],
                SettingsVersion.document["public_holidays"],
            )
            .outerjoin(
                SettingsVersion,
                (SettingsVersion.business_id == Business.id)
                & (SettingsVersion.version == Business.settings_version),
            )
            .where(Business.id == scope.business_id)
        )
    ).one_or_none()
    if row is None:
        raise NotFound("business")
    zone, country, booking, public_holidays = row
    return rules_from(
        zone=zone,
        country=country,
        booking=booking,
        public_holidays=public_holidays,
        now=scope.seam.now(),
    )


def rules_from(
    *,
    zone: str,
    country: str,
    booking: Mapping[str, Any] | None,
    public_holidays: Mapping[str, Any] | None,
    now: datetime,
) -> Rules:
    """The rules as the database keeps them: what a settings document leaves out has its default."""
    return Rules(
        zone=zone_named(zone),
        booking=BookingRules.model_validate(booking or {}),
        now=now,
        public_holidays=PublicHolidays.model_validate(public_holidays or {}),
        country=country,
    )


@lru_cache(maxsize=1 << 10)
def zone_named(name: str) -> ZoneInfo:
    """The zone of an IANA name, kept: the standard library forgets all but eight."""
    return ZoneInfo(name)
