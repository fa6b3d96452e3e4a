"""Windows' names of time zones, which Microsoft Graph speaks.

Source: Unicode CLDR's windowsZones.xml, as the icalendar package carries it.
"""

from __future__ import annotations

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

_WINDOWS = {olson: windows for windows, olson in reversed(WINDOWS_TO_OLSON.items())}


def zone_of(name: str) -> ZoneInfo | None:
    """The zone of a Windows or IANA name; None for one that neither list knows (`tzone://…/Custom`)."""
    if name in ("UTC", "tzone://Microsoft/Utc"):
        return ZoneInfo("UTC")
    try:
        return ZoneInfo(WINDOWS_TO_OLSON.get(name, name))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def windows_name(zone: str) -> str | None:
    """The Windows name of an IANA zone, where it stands for one."""
    return _WINDOWS.get(zone)
