"""Every endpoint of the API with the least role that may use it, for table-driven tests."""

from __future__ import annotations

from typing import Any
from uuid import UUID

ANY_ID = UUID("01a20959-a680-7000-8000-ffffffffffff")
"""The id of nothing."""

SETTINGS = {"greeting": "Good morning."}
SERVICE = {"name": "Cleaning", "duration_minutes": 30}
APPOINTMENT = {
    "service_id": str(ANY_ID),
    "person_id": str(ANY_ID),
    "starts_at": "2026-11-24T15:00:00Z",
}
WAITING = {
    "contact_id": str(ANY_ID),
    "service_id": str(ANY_ID),
    "first_day": "2026-11-24",
    "last_day": "2026-11-27",
}
WEEK = {"hours": [{"weekday": 0, "opens": "09:00", "closes": "17:00"}]}
SPAN = {"opens": "09:00", "closes": "12:00"}
SHIFT = {
    "department_id": str(ANY_ID),
    "person_id": str(ANY_ID),
    "day": "2026-11-23",
    "begins": "18:00",
    "ends": "08:00",
}
KNOWLEDGE = {"question": "Where can I park?", "answer": "Behind the building."}
USER = {
    "name": "Ann",
    "email": "not an address",
    "role": "staff",
    "password": "four quiet herons",
}
CALENDAR_SERVER = {"url": "ftp://calendars.example.com", "user": "ann", "password": "secret"}
CALENDAR = {
    "person_id": str(ANY_ID),
    "kind": "ics",
    "name": "Holidays",
    "direction": "in",
    "access": {"url": "https://calendars.example.com/holidays.ics"},
}

ENDPOINTS: list[tuple[str, str, str, Any]] = [
    ("GET", "/businesses", "viewer", None),
    (
        "POST",
        "/businesses",
        "operator",
        {"name": "New", "time_zone": "UTC", "country": "US", "settings": SETTINGS},
    ),
    ("GET", "/businesses/{business}", "viewer", None),
    ("PATCH", "/businesses/{business}", "owner", {"name": "New name"}),
    ("GET", "/businesses/{business}/settings", "viewer", None),
    ("PUT", "/businesses/{business}/settings", "manager", SETTINGS),
    ("GET", "/businesses/{business}/settings/versions", "viewer", None),
    ("GET", "/businesses/{business}/settings/versions/1", "viewer", None),
    ("GET", "/numbers", "viewer", None),
    ("POST", "/numbers", "manager", {"e164": "+12025550177"}),
    ("DELETE", "/numbers/{any}", "manager", None),
    ("GET", "/services", "viewer", None),
    ("POST", "/services", "manager", SERVICE),
    ("GET", "/services/{any}", "viewer", None),
    ("PATCH", "/services/{any}", "manager", {"active": False}),
    ("GET", "/people", "viewer", None),
    ("POST", "/people", "manager", {"name": "Ann"}),
    ("GET", "/people/{any}", "viewer", None),
    ("PATCH", "/people/{any}", "manager", {"title": "dentist"}),
    ("GET", "/departments", "viewer", None),
    ("POST", "/departments", "manager", {"name": "Front desk"}),
    ("GET", "/departments/{any}", "viewer", None),
    ("PATCH", "/departments/{any}", "manager", {"active": False}),
    ("DELETE", "/departments/{any}", "manager", None),
    ("GET", "/rota", "viewer", None),
    ("POST", "/rota", "manager", SHIFT),
    ("GET", "/rota/occurrences?first_day=2026-11-23&last_day=2026-11-29", "viewer", None),
    ("GET", "/rota/{any}", "viewer", None),
    ("PATCH", "/rota/{any}", "manager", {"ends": "09:00"}),
    ("DELETE", "/rota/{any}", "manager", None),
    ("GET", "/switches", "viewer", None),
    ("PUT", "/switches", "manager", {"mode": "on"}),
    ("GET", "/places", "viewer", None),
    ("POST", "/places", "manager", {"name": "Uptown"}),
    ("GET", "/places/{any}", "viewer", None),
    ("PATCH", "/places/{any}", "manager", {"active": False}),
    ("DELETE", "/places/{any}", "manager", None),
    ("GET", "/resources", "viewer", None),
    ("POST", "/resources", "manager", {"name": "Chair"}),
    ("GET", "/resources/{any}", "viewer", None),
    ("PATCH", "/resources/{any}", "manager", {"seats": 2}),
    ("DELETE", "/resources/{any}", "manager", None),
    ("GET", "/hours", "viewer", None),
    ("PUT", "/hours", "manager", WEEK),
    ("GET", "/hours/dates", "viewer", None),
    ("PUT", "/hours/dates/2026-12-24", "manager", {"hours": [SPAN]}),
    ("DELETE", "/hours/dates/2026-12-24", "manager", None),
    ("GET", "/holidays", "viewer", None),
    ("PUT", "/holidays/christmas-day", "manager", {"closed": True}),
    ("GET", "/closures", "viewer", None),
    ("POST", "/closures", "manager", {"first_day": "2026-12-24"}),
    ("DELETE", "/closures/{any}", "manager", None),
    ("GET", "/availability?service_id={any}&first_day=2026-11-24", "viewer", None),
    ("GET", "/day-plan?first_day=2026-11-24", "viewer", None),
    ("GET", "/appointments", "viewer", None),
    ("POST", "/appointments", "staff", APPOINTMENT),
    ("GET", "/appointments/{any}", "viewer", None),
    ("PATCH", "/appointments/{any}", "staff", {"starts_at": "2026-11-24T15:00:00Z"}),
    ("POST", "/appointments/series", "staff", APPOINTMENT | {"every_weeks": 2, "count": 3}),
    ("GET", "/appointments/outside-hours", "viewer", None),
    ("GET", "/appointments/{any}/events", "viewer", None),
    ("POST", "/appointments/{any}/confirm", "staff", None),
    ("POST", "/appointments/{any}/cancel", "staff", None),
    ("GET", "/waiting-list", "viewer", None),
    ("POST", "/waiting-list", "staff", WAITING),
    ("GET", "/waiting-list/{any}", "viewer", None),
    ("DELETE", "/waiting-list/{any}", "staff", None),
    ("POST", "/waiting-list/{any}/accept", "staff", None),
    ("GET", "/calendars", "viewer", None),
    ("POST", "/calendars", "manager", CALENDAR),
    ("GET", "/calendars/conflicts", "viewer", None),
    ("POST", "/calendars/discover", "manager", CALENDAR_SERVER),
    ("POST", "/calendars/oauth/start", "manager", {"calendar_id": str(ANY_ID)}),
    ("GET", "/calendars/{any}", "viewer", None),
    ("PATCH", "/calendars/{any}", "manager", {"name": "Practice"}),
    ("POST", "/calendars/{any}/sync", "staff", None),
    ("DELETE", "/calendars/{any}", "manager", None),
    ("GET", "/people/{any}/feed", "viewer", None),
    ("POST", "/people/{any}/feed", "manager", {"show_names": False}),
    ("DELETE", "/people/{any}/feed", "manager", None),
    ("GET", "/contacts", "viewer", None),
    ("POST", "/contacts", "staff", {"name": "Jane"}),
    ("GET", "/contacts/{any}", "viewer", None),
    ("PATCH", "/contacts/{any}", "staff", {"name": "Jane"}),
    ("GET", "/messages", "viewer", None),
    ("POST", "/messages", "staff", {"text": "Please call back."}),
    ("GET", "/messages/{any}", "viewer", None),
    ("PATCH", "/messages/{any}", "staff", {"state": "read"}),
    ("GET", "/knowledge", "viewer", None),
    ("GET", "/knowledge/search?question=parking", "viewer", None),
    ("POST", "/knowledge", "manager", KNOWLEDGE),
    ("POST", "/knowledge/ask", "manager", {"question": "Where can I park?"}),
    # A blank text is refused before a vendor is asked.
    ("POST", "/speech", "manager", {"text": " "}),
    ("GET", "/knowledge/{any}", "viewer", None),
    ("PATCH", "/knowledge/{any}", "manager", {"active": False}),
    ("DELETE", "/knowledge/{any}", "manager", None),
    ("GET", "/calls", "viewer", None),
    ("GET", "/calls/{any}", "viewer", None),
    ("GET", "/calls/{any}/events", "viewer", None),
    ("GET", "/calls/{any}/transcript", "viewer", None),
    ("GET", "/calls/{any}/latency", "viewer", None),
    ("POST", "/calls/{any}/token", "staff", {"mode": "listen"}),
    ("POST", "/calls/{any}/whisper", "staff", {"text": "Offer nine o'clock."}),
    ("POST", "/calls/{any}/floor", "staff", {"to": "assistant"}),
    ("POST", "/calls/{any}/transfer", "staff", {}),
    ("POST", "/calls/{any}/hangup", "staff", None),
    ("POST", "/test-calls", "manager", None),
    # Without an end it would go on for ever.
    ("GET", "/live?seconds=0", "viewer", None),
    ("GET", "/users", "manager", None),
    ("GET", "/users/names", "viewer", None),
    ("POST", "/users", "manager", USER),
    ("GET", "/users/{any}", "manager", None),
    ("PATCH", "/users/{any}", "manager", {"name": "Ann"}),
    ("DELETE", "/users/{any}", "manager", None),
    # Everybody may set their own; whose else is a rule of the domain.
    ("POST", "/users/{any}/password", "viewer", {"password": "four quiet herons"}),
    ("GET", "/sessions", "viewer", None),
    ("DELETE", "/sessions/{any}", "viewer", None),
    ("GET", "/sessions/current", "viewer", None),
    ("DELETE", "/sessions/current", "viewer", None),
    ("GET", "/api-keys", "owner", None),
    ("POST", "/api-keys", "owner", {"name": "desk", "role": "staff"}),
    ("DELETE", "/api-keys/{any}", "owner", None),
    ("GET", "/alerts", "viewer", None),
    ("POST", "/alerts/{any}/acknowledge", "staff", None),
    ("GET", "/providers", "manager", None),
    ("PUT", "/providers/model/openai/override", "operator", {"state": None}),
    ("GET", "/dead-letters", "manager", None),
    ("POST", "/dead-letters/1/retry", "manager", None),
    ("DELETE", "/dead-letters/1", "manager", None),
]


def path_of(template: str, business_id: UUID, any_id: UUID = ANY_ID) -> str:
    return "/api/v1" + template.replace("{business}", str(business_id)).replace(
        "{any}", str(any_id)
    )
