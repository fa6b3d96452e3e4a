"""Microsoft 365's calendar, over Microsoft Graph."""

from __future__ import annotations

from connectors.microsoft.calendar import connect

__all__ = ["connect"]
