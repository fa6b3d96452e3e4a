"""Reading what the model passes on from the caller, and saying it back."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from domain.errors import Invalid
from domain.phone import parse_phone, spoken_phone
from domain.scheduling.speech import spoken_time
from tools.answer import refusal
from tools.context import CallContext

_NO_NAMES: Final = frozenset(
    {"", "unknown", "caller", "the caller", "anonymous", "none", "null", "n/a", "user", "customer"}
)


def today_of(call: CallContext) -> date:
    """The day it is at the business."""
    return call.database.seam.now().astimezone(zone_of(call)).date()


def zone_of(call: CallContext) -> ZoneInfo:
    return ZoneInfo(call.profile.time_zone)


def said_time(call: CallContext, at: datetime) -> str:
    """`tomorrow, Tuesday the 24th of November, at 2 p.m.`"""
    return spoken_time(
        at, zone_of(call), today=today_of(call), language=call.profile.settings.language
    )


def read_name(text: str) -> str:
    """The caller's name. Raises ToolError for what stands in a name's place but is none."""
    name = " ".join(text.split())
    if name.casefold() in _NO_NAMES:
        raise refusal("The caller's name is not known", "Ask the caller for their name first.")
    return name


def read_phone(call: CallContext, text: str | None) -> str:
    """The number (E.164) the caller wants to be reached at; without `text` the one they call from.

    Raises ToolError when there is none, or it can't be a telephone number.
    """
    said = (text or "").strip() or call.caller_phone
    if not said:
        raise refusal(
            "The caller's number is withheld", "Ask the caller for a telephone number first."
        )
    try:
        return parse_phone(said, region=call.profile.country, field="caller_phone")
    except Invalid as error:
        raise refusal(
            f"The number {error.reason}",
            "Ask the caller to say the telephone number again, digit by digit, with the area code.",
        ) from None


def said_phone(call: CallContext, phone: str) -> str:
    """Digits in groups; the caller's own number is named as such."""
    if phone == call.caller_phone:
        return f"the number they call from, {spoken_phone(phone)}"
    return f"number {spoken_phone(phone)}"


def read_days(
    call: CallContext, first_date: str | None, last_date: str | None, *, longest: int
) -> tuple[date, date]:
    """The days asked for. Neither: the next two weeks; one alone: that day.

    Raises ToolError naming what is wrong and which day it is.
    """
    first = _read_day(call, "first_date", first_date)
    last = _read_day(call, "last_date", last_date)
    if first is None:
        first = last or today_of(call)
        last = last or first + timedelta(days=13)
    last = last or first
    if last < first:
        raise refusal("last_date is before first_date", _which_day(call))
    if (last - first).days >= longest:
        raise refusal(
            f"That is more than {longest} days",
            "Ask the caller for a week or a month, and search that.",
        )
    return first, last


def _read_day(call: CallContext, field: str, text: str | None) -> date | None:
    if not (text or "").strip():
        return None
    try:
        return date.fromisoformat((text or "").strip())
    except ValueError:
        raise refusal(
            f"{field} is not a date that exists, written YYYY-MM-DD", _which_day(call)
        ) from None


def _which_day(call: CallContext) -> str:
    today = today_of(call)
    return f"Today is {today:%A} {today.isoformat()}: work out the dates from that and try again."


def read_appointment_id(text: str) -> UUID:
    """Raises ToolError for what no tool can have given."""
    try:
        return UUID(text.strip())
    except ValueError:
        raise refusal(
            "That is not the id of an appointment",
            "Call find_appointments first and use the id in brackets that it gives.",
        ) from None
