"""Reading what the model passes on from the caller, and saying it back."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from domain.contacts.operations import EARLIEST_BIRTH
from domain.errors import Invalid
from domain.phone import parse_phone, spoken_phone, zones_of_phone
from domain.scheduling.speech import spoken_clock, spoken_day, spoken_time, spoken_zone
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


def said_time(call: CallContext, at: datetime, zone: ZoneInfo | None = None) -> str:
    """`tomorrow, Tuesday the 24th of November, at 2 p.m.` of the clock in `zone`, by default the
    business's. Where that clock may be taken for another the city is named too: `… New York time`."""
    zone, language = zone or zone_of(call), call.profile.settings.language
    today = call.database.seam.now().astimezone(zone).date()
    said = spoken_time(at, zone, today=today, language=language)
    if _may_be_mistaken(call, at, zone):
        return f"{said} {spoken_zone(zone, language=language)}"
    return said


def _may_be_mistaken(call: CallContext, at: datetime, zone: ZoneInfo) -> bool:
    """Whether the clock differs at that instant from the business's, or from the caller's as far as
    their number tells: all the zones it may belong to must agree."""
    told = at.astimezone(zone).utcoffset()
    if told != at.astimezone(zone_of(call)).utcoffset():
        return True
    theirs = {
        at.astimezone(ZoneInfo(name)).utcoffset() for name in zones_of_phone(call.caller_phone)
    }
    return len(theirs) == 1 and told not in theirs


def said_day(call: CallContext, day: date) -> str:
    """`Tuesday the 24th of November`."""
    return spoken_day(day, today=today_of(call), language=call.profile.settings.language)


def said_clock(call: CallContext, at: datetime) -> str:
    """`2 p.m.` of the business's clock."""
    return spoken_clock(
        at.astimezone(zone_of(call)).time(), language=call.profile.settings.language
    )


def read_name(text: str) -> str:
    """The caller's name. Raises ToolError for what stands in a name's place but is none."""
    name = given_name(text)
    if name is None:
        raise refusal("The caller's name is not known", "Ask the caller for their name first.")
    return name


def given_name(text: str | None) -> str | None:
    """The name on one line; None for nothing, and for what stands in a name's place but is none."""
    name = " ".join((text or "").split())
    return None if name.casefold() in _NO_NAMES else name


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


def read_birth(call: CallContext, text: str) -> date:
    """A date of birth. Raises ToolError for what can be none."""
    try:
        born = date.fromisoformat(text.strip())
    except ValueError:
        born = None
    if born is None or not EARLIEST_BIRTH <= born <= today_of(call):
        raise refusal(
            "date_of_birth is not a date on which somebody living was born, written YYYY-MM-DD",
            "Ask the caller to say the date of birth again: day, month and year.",
        )
    return born


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
