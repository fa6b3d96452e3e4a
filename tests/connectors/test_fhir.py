"""A practice system: slots, appointments, whose chart, and what a business may name."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from connectors.fhir import check_access, enabled
from domain.calendars.port import (
    CalendarAway,
    CalendarRefused,
    Entry,
    OutsideCalendar,
    Patient,
    SignInNeeded,
)
from domain.errors import Invalid, Refused
from domain.seam import PinnedSeam
from sandbox.calendars import fhir
from tests.connectors.vendors import FhirVendor, Seen, entry, hour, vendor_of


@pytest.fixture
async def vendor(seam: PinnedSeam, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[FhirVendor]:
    async with vendor_of("fhir", seam, monkeypatch) as made:
        assert isinstance(made, FhirVendor)
        yield made


@pytest.fixture
async def calendar(vendor: FhirVendor) -> AsyncIterator[OutsideCalendar]:
    opened = await vendor.connect()
    yield opened
    await opened.aclose()


def resources(vendor: FhirVendor, kind: str) -> list[dict[str, Any]]:
    return [
        thing.body for thing in vendor.account.store.living() if thing.id.startswith(f"{kind}/")
    ]


def put_appointment(vendor: FhirVendor, *, status: str = "booked", **more: Any) -> str:
    """Somebody else's, on the second day at 15:00 UTC."""
    begins, ends = hour(1, 15)
    return fhir.put_resource(
        vendor.account,
        {
            "resourceType": "Appointment",
            "status": status,
            "start": begins.isoformat(),
            "end": ends.isoformat(),
            "participant": [{"actor": {"reference": "Practitioner/chen"}, "status": "accepted"}],
            **more,
        },
    )


def put_patient(vendor: FhirVendor, **more: Any) -> str:
    return fhir.put_resource(
        vendor.account,
        {
            "resourceType": "Patient",
            "name": [{"family": "Quagmire", "given": ["Zebulon", "X"]}],
            "birthDate": "1980-02-29",
            **more,
        },
    )


def patient_of(vendor: FhirVendor, of: Entry) -> str:
    (booked,) = [
        one
        for one in resources(vendor, "Appointment")
        if str(of.appointment_id) in str(one["identifier"])
    ]
    (found,) = [
        part["actor"]["reference"]
        for part in booked["participant"]
        if part["actor"]["reference"].startswith("Patient/")
    ]
    return str(found)


@pytest.mark.parametrize(
    ("status", "busy"),
    [
        ("busy", True),
        ("busy-unavailable", True),
        ("busy-tentative", True),
        ("free", False),
        ("entered-in-error", False),
    ],
)
async def test_which_slots_block(
    vendor: FhirVendor, calendar: OutsideCalendar, status: str, busy: bool
) -> None:
    seen = Seen()
    await seen.read(calendar)
    vendor.put_slot(hour(1, 15), status=status)
    await seen.read(calendar)
    assert seen.busy == ([hour(1, 15)] if busy else [])
    seen.cursor = None
    await seen.read(calendar)
    assert seen.busy == ([hour(1, 15)] if busy else [])


@pytest.mark.parametrize(
    ("status", "busy"),
    [
        ("booked", True),
        ("pending", True),
        ("arrived", True),
        ("checked-in", True),
        ("proposed", False),
        ("waitlist", False),
        ("cancelled", False),
        ("noshow", False),
        ("entered-in-error", False),
    ],
)
async def test_which_appointments_block(
    vendor: FhirVendor, calendar: OutsideCalendar, status: str, busy: bool
) -> None:
    put_appointment(vendor, status=status)
    seen = Seen()
    await seen.read(calendar)
    assert seen.busy == ([hour(1, 15)] if busy else [])


async def test_another_s_schedule_does_not_block(
    vendor: FhirVendor, calendar: OutsideCalendar
) -> None:
    vendor.put_slot(hour(1, 15), status="busy", schedule={"reference": "Schedule/other"})
    other = [{"actor": {"reference": "Practitioner/other"}, "status": "accepted"}]
    put_appointment(vendor, participant=other)
    seen = Seen()
    await seen.read(calendar)
    assert seen.busy == []


async def test_the_slots_that_our_appointment_fills_do_not_block_it(
    vendor: FhirVendor, calendar: OutsideCalendar
) -> None:
    begins, _ = hour(1, 15)
    quarters = [
        (begins + timedelta(minutes=15 * at), begins + timedelta(minutes=15 * at + 15))
        for at in range(-1, 5)
    ]
    for quarter in quarters:
        vendor.put_slot(quarter, status="free")
    seen = Seen()
    await seen.read(calendar)
    made = entry(1, hour(1, 15))
    written = await calendar.write(made, known=None)
    assert [slot["status"] for slot in resources(vendor, "Slot")].count("busy") == 4
    await seen.read(calendar)
    assert seen.busy == [] and len(seen.ours(made)) == 1
    # Touched again on its own, long after the appointment, and read as part of the whole.
    booked = vendor.account.store.things[written.remote_id]
    booked.changed_at -= timedelta(days=1)
    taken = next(slot for slot in resources(vendor, "Slot") if slot["status"] == "busy")
    fhir.put_resource(vendor.account, taken)
    touched = await seen.read(calendar)
    assert seen.busy == []
    assert f"Slot/{taken['id']}" in {event.event_id for event in touched.events}
    assert written.remote_id not in {event.event_id for event in touched.events}
    seen.cursor = None
    await seen.read(calendar)
    assert seen.busy == []
    await calendar.remove(made.appointment_id, known=written)
    assert {slot["status"] for slot in resources(vendor, "Slot")} == {"free"}


async def test_slots_that_do_not_hold_the_whole_appointment_are_left_alone(
    vendor: FhirVendor, calendar: OutsideCalendar
) -> None:
    begins, ends = hour(1, 15)
    half = begins + timedelta(minutes=30)
    vendor.put_slot((begins, half), status="free")
    vendor.put_slot((half, ends), status="busy-unavailable")
    await calendar.write(entry(1, hour(1, 15)), known=None)
    assert sorted(slot["status"] for slot in resources(vendor, "Slot")) == [
        "busy-unavailable",
        "free",
    ]


async def test_what_the_practice_adds_to_our_appointment_stays(
    vendor: FhirVendor, calendar: OutsideCalendar
) -> None:
    made = entry(1, hour(1, 15))
    written = await calendar.write(made, known=None)
    stored = vendor.account.store.things[written.remote_id].body
    nurse = {"actor": {"reference": "Practitioner/nurse"}, "status": "accepted"}
    practice_s = {
        "serviceType": [{"text": "Endodontics"}],
        "participant": [*stored["participant"], nurse],
        "identifier": [*stored["identifier"], {"system": "urn:practice", "value": "A-77"}],
    }
    fhir.put_resource(vendor.account, {**stored, **practice_s})
    await calendar.write(entry(1, hour(2, 15), version=2), known=written)
    now = vendor.account.store.things[written.remote_id].body
    assert vendor.standing(made) == [hour(2, 15)]
    assert now["serviceType"] == practice_s["serviceType"]
    assert nurse in now["participant"]
    assert {"system": "urn:practice", "value": "A-77"} in now["identifier"]
    assert len(now["participant"]) == len(stored["participant"]) + 1


async def test_it_is_cancelled_and_not_deleted(
    vendor: FhirVendor, calendar: OutsideCalendar
) -> None:
    made = entry(1, hour(1, 15))
    written = await calendar.write(made, known=None)
    await calendar.remove(made.appointment_id, known=written)
    assert [one["status"] for one in resources(vendor, "Appointment")] == ["cancelled"]
    seen = Seen()
    await seen.read(calendar)
    assert [event.busy for event in seen.ours(made)] == [()]


async def test_one_chart_for_one_caller(vendor: FhirVendor, calendar: OutsideCalendar) -> None:
    caller = entry(1, hour(1, 15)).patient
    for number in (1, 2, 3):
        await calendar.write(replace(entry(number, hour(number, 15)), patient=caller), known=None)
    (made,) = resources(vendor, "Patient")
    assert made["name"] == [
        {
            "use": "usual",
            "text": "Zebulon Quagmire",
            "family": "Quagmire",
            "given": ["Zebulon"],
        }
    ]
    assert made["birthDate"] == "1980-02-29"


@pytest.mark.parametrize(
    ("born", "chart"),
    [
        ("1980-02-29", {}),
        ("1980-02-29", {"telecom": [{"system": "phone", "value": "+1 000 000 0000"}]}),
        ("", {"telecom": [{"system": "phone", "value": "(202) 555-0177"}]}),
        ("", {"telecom": [{"system": "sms", "value": "+1 202 555 0177"}]}),
        ("1980-02-29", {"name": [{"family": "QUAGMIRE", "given": ["zebulon"]}]}),
    ],
)
async def test_a_known_patient_is_found(
    vendor: FhirVendor, calendar: OutsideCalendar, born: str, chart: dict[str, Any]
) -> None:
    known = put_patient(vendor, **chart)
    made = entry(1, hour(1, 15))
    assert made.patient is not None
    made = replace(made, patient=replace(made.patient, date_of_birth=born))
    await calendar.write(made, known=None)
    assert patient_of(vendor, made) == known
    assert len(resources(vendor, "Patient")) == 1


@pytest.mark.parametrize(
    ("born", "charts"),
    [
        ("1980-02-29", [{"birthDate": "1981-02-28"}]),
        ("1980-02-29", [{}, {}]),
        ("1980-02-29", [{"active": False}]),
        ("1980-02-29", [{"name": [{"family": "Quagmire", "given": ["Zebulonia"]}]}]),
        ("1980-02-29", [{"name": [{"family": "Quagmire-Smith", "given": ["Zebulon"]}]}]),
        ("", [{}]),
        ("", [{"telecom": [{"system": "phone", "value": "+1 202 555 0178"}]}]),
        ("", [{"telecom": [{"system": "email", "value": "+12025550177"}]}]),
    ],
)
async def test_no_stranger_s_chart_is_taken(
    vendor: FhirVendor, calendar: OutsideCalendar, born: str, charts: list[dict[str, Any]]
) -> None:
    strangers = {put_patient(vendor, **chart) for chart in charts}
    made = entry(1, hour(1, 15))
    assert made.patient is not None
    made = replace(made, patient=replace(made.patient, date_of_birth=born))
    await calendar.write(made, known=None)
    assert patient_of(vendor, made) not in strangers


async def test_an_appointment_without_a_patient_makes_no_chart(
    vendor: FhirVendor, calendar: OutsideCalendar
) -> None:
    await calendar.write(replace(entry(1, hour(1, 15)), patient=None), known=None)
    nobody = Patient(contact_id=UUID(int=1), name="Cher")
    await calendar.write(replace(entry(2, hour(2, 15)), patient=nobody), known=None)
    (made,) = resources(vendor, "Patient")
    assert made["name"] == [{"use": "usual", "text": "Cher", "family": "Cher"}]


async def test_a_system_that_answers_writes_with_a_place_alone(
    vendor: FhirVendor, calendar: OutsideCalendar
) -> None:
    vendor.account.terse = True
    made = entry(1, hour(1, 15))
    written = await calendar.write(made, known=None)
    moved = await calendar.write(entry(1, hour(2, 15), version=2), known=written)
    assert moved.remote_id == written.remote_id and moved.etag != written.etag
    await calendar.remove(made.appointment_id, known=moved)
    assert vendor.standing(made) == []


async def test_an_event_that_makes_no_sense_is_counted_and_hides_no_other(
    vendor: FhirVendor, calendar: OutsideCalendar
) -> None:
    vendor.add(hour(1, 15))
    broken = vendor.add(hour(2, 15))
    vendor.account.store.things[broken].body["end"] = "half past nine"
    seen = Seen()
    assert (await seen.read(calendar)).unreadable == 1
    assert seen.busy == [hour(1, 15)]


async def test_a_page_at_another_host_is_not_followed(
    vendor: FhirVendor, calendar: OutsideCalendar, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundle = fhir._bundle

    def elsewhere(*arguments: Any) -> dict[str, Any]:
        made = bundle(*arguments)
        made["link"] = [{"relation": "next", "url": "https://elsewhere.example/fhir/Slot?_page=2"}]
        return made

    monkeypatch.setattr(fhir, "_bundle", elsewhere)
    with pytest.raises(CalendarAway, match="not its own"):
        await Seen().read(calendar)


@pytest.mark.parametrize(
    ("status", "code", "error", "says"),
    [
        (422, "business-rule", CalendarRefused, "business-rule"),
        (400, "Zebulon Quagmire", CalendarRefused, "HTTP 400"),
        (400, "throttled", CalendarAway, "throttled"),
        (409, "lock-error", CalendarAway, "lock-error"),
        (400, "login", SignInNeeded, "login"),
        (403, "forbidden", SignInNeeded, "HTTP 403"),
    ],
)
async def test_errors_by_their_code_and_never_by_their_text(
    vendor: FhirVendor,
    calendar: OutsideCalendar,
    status: int,
    code: str,
    error: type[Exception],
    says: str,
) -> None:
    vendor.fault("status", status=status, reason=code, only="search")
    with pytest.raises(error, match=says) as caught:
        await Seen().read(calendar)
    assert "Quagmire" not in str(caught.value)


async def test_a_typed_in_token_that_is_refused_needs_a_person(vendor: FhirVendor) -> None:
    token = vendor.account.authority.sign_in()["access_token"]
    calendar = await vendor.connect({**vendor.access, "token": token})
    await Seen().read(calendar)
    assert vendor.account.authority.renewals == 0
    vendor.account.authority.forget()
    with pytest.raises(SignInNeeded):
        await Seen().read(calendar)
    await calendar.aclose()


async def test_it_is_off_unless_the_operator_says_so(
    vendor: FhirVendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("RECEPTION_FHIR")
    assert not enabled()
    with pytest.raises(Refused, match="RECEPTION_FHIR"):
        check_access(vendor.access)
    with pytest.raises(CalendarAway, match="RECEPTION_FHIR"):
        await vendor.connect()


async def test_a_private_network_is_not_reached_without_leave(vendor: FhirVendor) -> None:
    base_url = vendor.access["base_url"].replace("http://", "https://")
    token_url = vendor.access["token_url"].replace("http://", "https://")
    given = {"private": False, "base_url": base_url, "token_url": token_url}
    calendar = await vendor.connect({**vendor.access, **given})
    with pytest.raises(CalendarRefused):
        await Seen().read(calendar)
    await calendar.aclose()


GOOD = {
    "base_url": "https://ehr.example/fhir",
    "schedule": "Schedule/1",
    "actor": "PractitionerRole/chen-1.a",
    "client_id": "us",
    "client_secret": "secret",
    "token_url": "https://ehr.example/token",
}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"base_url": None}, "base_url"),
        ({"base_url": "ftp://ehr.example"}, "base_url"),
        ({"base_url": "http://ehr.example/fhir"}, "base_url"),
        ({"base_url": "https://user:pass@ehr.example"}, "base_url"),
        ({"base_url": "https://ehr.example/fhir?x=1"}, "base_url"),
        ({"base_url": "https://ehr.example:99999/fhir"}, "base_url"),
        ({"base_url": 7}, "base_url"),
        ({"schedule": "1"}, "schedule"),
        ({"schedule": "Schedule/1/../../Patient"}, "schedule"),
        ({"actor": "Patient/1"}, "actor"),
        ({"location": "here"}, "location"),
        ({"client_id": ""}, "client_id"),
        ({"client_secret": None}, "client_secret"),
        ({"token_url": "http://ehr.example/token"}, "token_url"),
        ({"token": 7}, "token"),
    ],
)
def test_a_wrong_access_is_named(
    change: dict[str, Any], field: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RECEPTION_FHIR", "on")
    check_access(GOOD)
    with pytest.raises(Invalid) as caught:
        check_access({**GOOD, **change})
    assert caught.value.field == f"access.{field}"


def test_instants_without_an_offset_are_no_instants() -> None:
    from connectors.fhir import resources as made

    with pytest.raises(ValueError, match="offset"):
        made.instant("2026-03-02T15:00:00")
    assert made.instant("2026-03-02T15:00:00-05:00") == datetime(2026, 3, 2, 20, tzinfo=UTC)
    assert made.instant("2026-03-02T15:00:00Z").date() == date(2026, 3, 2)
