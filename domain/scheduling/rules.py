"""The rules of one business that every booking obeys, as they stand now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select

from domain.businesses.models import Business, SettingsVersion
from domain.businesses.settings import BookingRules
from domain.database import Scope
from domain.errors import NotFound


@dataclass(frozen=True, kw_only=True)
class Rules:
    """The business's zone and booking rules, and the moment at which they were read (UTC)."""

    zone: ZoneInfo
    booking: BookingRules
    now: datetime

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

    @property
    def step(self) -> timedelta:
        return timedelta(minutes=self.booking.slot_step_minutes)


async def read_rules(scope: Scope) -> Rules:
    """The rules in force. A business without settings has the model's defaults."""
    row = (
        await scope.session.execute(
            select(Business.time_zone, SettingsVersion.document)
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
    zone, document = row
    return Rules(
        zone=ZoneInfo(zone),
        booking=BookingRules.model_validate((document or {}).get("booking", {})),
        now=scope.seam.now(),
    )
