"""FHIR R4 resources in the words of the port, and our entries as Appointments.

Sources: https://hl7.org/fhir/R4/slot.html, /appointment.html, /valueset-slotstatus.html,
/valueset-appointmentstatus.html, /valueset-issue-type.html.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from connectors.fingerprint import fingerprint
from domain.calendars.port import Entry, OutsideBusy, OutsideEvent

APPOINTMENT_SYSTEM: Final = "urn:reception:appointment"
CONTACT_SYSTEM: Final = "urn:reception:contact"
_WRITTEN_SYSTEM: Final = "urn:reception:written"

BUSY_SLOTS: Final = ("busy", "busy-unavailable", "busy-tentative")
_BUSY_APPOINTMENTS: Final = frozenset({"pending", "booked", "arrived", "checked-in", "fulfilled"})
"""proposed and waitlist have no time yet; cancelled, noshow and entered-in-error have none any more."""

# fmt: off
ISSUES: Final = frozenset((
    "invalid", "structure", "required", "value", "invariant", "security", "login", "unknown",
    "expired", "forbidden", "suppressed", "processing", "not-supported", "duplicate",
    "multiple-matches", "not-found", "deleted", "too-long", "code-invalid", "extension",
    "too-costly", "business-rule", "conflict", "transient", "lock-error", "no-store",
    "exception", "timeout", "incomplete", "throttled", "informational",
))
# fmt: on
"""The codes of OperationOutcome.issue.code: all of an error that is repeated to staff. `diagnostics` and
`details` may quote the patient."""


def reference(resource: dict[str, Any]) -> str:
    return f"{resource['resourceType']}/{resource['id']}"


def short(text: str) -> str:
    """A reference without the server's address and the version."""
    parts = text.split("/_history/")[0].rstrip("/").split("/")
    return "/".join(parts[-2:])


def etag(resource: dict[str, Any], header: str | None = None) -> str | None:
    """The weak ETag of a version (https://hl7.org/fhir/R4/http.html#versioning)."""
    version = (resource.get("meta") or {}).get("versionId")
    return f'W/"{version}"' if version else header


def instant(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("an instant without an offset")
    return moment.astimezone(UTC)


def slot_event(slot: dict[str, Any], *, ours: UUID | None) -> OutsideEvent:
    """A Slot; one that our own appointment fills does not make its person busy once more. Raises
    ValueError, KeyError or TypeError when it can't be understood."""
    free = slot.get("status") not in BUSY_SLOTS or ours is not None
    return OutsideEvent(event_id=reference(slot), etag=etag(slot), busy=() if free else _span(slot))


def appointment_event(appointment: dict[str, Any]) -> OutsideEvent:
    """Raises ValueError, KeyError or TypeError when it can't be understood."""
    blocks = appointment.get("status") in _BUSY_APPOINTMENTS
    return OutsideEvent(
        event_id=reference(appointment),
        etag=etag(appointment),
        busy=_span(appointment) if blocks else (),
        ours=appointment_of(appointment),
    )


def _span(resource: dict[str, Any]) -> tuple[OutsideBusy, ...]:
    begins_at, ends_at = instant(resource["start"]), instant(resource["end"])
    if begins_at >= ends_at:
        return ()
    return (OutsideBusy(begins_at=begins_at, ends_at=ends_at),)


def _identifiers(resource: dict[str, Any], system: str) -> list[str]:
    return [
        str(held.get("value"))
        for held in resource.get("identifier") or ()
        if held.get("system") == system
    ]


def appointment_of(appointment: dict[str, Any]) -> UUID | None:
    """Whose entry an Appointment is."""
    try:
        return UUID((_identifiers(appointment, APPOINTMENT_SYSTEM) or [""])[0])
    except ValueError:
        return None


def written(entry: Entry) -> str:
    digest = fingerprint(starts_at=entry.starts_at, ends_at=entry.ends_at, title=entry.title)
    return f"booked-{digest}"


def shown(appointment: dict[str, Any]) -> str:
    """How an Appointment stands; empty when it is not understood. pending and booked are one: some systems
    turn the one into the other themselves."""
    status = appointment.get("status")
    if status == "cancelled":
        return "cancelled"
    try:
        digest = fingerprint(
            starts_at=instant(appointment["start"]),
            ends_at=instant(appointment["end"]),
            title=str(appointment.get("description") or ""),
        )
    except (KeyError, TypeError, ValueError):
        return ""
    return f"{'booked' if status in ('pending', 'booked') else status}-{digest}"


def untouched(appointment: dict[str, Any]) -> bool:
    """Whether an Appointment stands as we last wrote it."""
    return shown(appointment) in _identifiers(appointment, _WRITTEN_SYSTEM)


def body(
    entry: Entry,
    *,
    over: dict[str, Any] | None,
    actors: list[str],
    patient: str | None,
    slots: list[str],
) -> dict[str, Any]:
    """An entry as an Appointment. An update replaces the whole resource, so what the system holds beside
    ours (`over`) is sent back as it came."""
    before = over or {"resourceType": "Appointment"}
    wanted = [*actors, *([patient] if patient else [])]
    present = [
        part
        for part in before.get("participant") or ()
        if short(str((part.get("actor") or {}).get("reference", ""))) not in wanted
    ]
    participants = [
        *({"actor": {"reference": actor}, "status": "accepted"} for actor in wanted),
        *present,
    ]
    appointment = {
        **before,
        "identifier": _marked(before, entry.appointment_id, written(entry)),
        "status": "booked",
        "start": entry.starts_at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "end": entry.ends_at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "minutesDuration": int((entry.ends_at - entry.starts_at).total_seconds() // 60),
        "description": entry.title,
        "comment": entry.note,
        "participant": participants,
        "slot": [{"reference": slot} for slot in slots],
    }
    appointment.pop("cancelationReason", None)
    # FHIR forbids empty texts and lists (https://hl7.org/fhir/R4/json.html).
    return {name: value for name, value in appointment.items() if value not in ("", [], None)}


def cancelled(appointment: dict[str, Any], appointment_id: UUID) -> dict[str, Any]:
    """An Appointment of ours, cancelled. The system of record keeps it: it is not deleted."""
    return {
        **appointment,
        "identifier": _marked(appointment, appointment_id, "cancelled"),
        "status": "cancelled",
    }


def _marked(before: dict[str, Any], appointment_id: UUID, digest: str) -> list[dict[str, Any]]:
    others = [
        held
        for held in before.get("identifier") or ()
        if held.get("system") not in (APPOINTMENT_SYSTEM, _WRITTEN_SYSTEM)
    ]
    return [
        {"system": APPOINTMENT_SYSTEM, "value": str(appointment_id)},
        {"system": _WRITTEN_SYSTEM, "value": digest},
        *others,
    ]
