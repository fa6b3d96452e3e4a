"""Google Calendar."""

from __future__ import annotations

from connectors.google.calendar import connect

__all__ = ["connect"]
