"""Whose chart an appointment belongs to: found where it is certain, made where nobody is known.

Source: https://hl7.org/fhir/R4/patient.html.
"""

from __future__ import annotations

from typing import Any

from connectors.fhir import resources
from connectors.fhir.service import Service
from domain.calendars.port import Patient

_DIGITS = 9
"""Last digits by which two spellings of a telephone number are one: without prefixes of country or area."""


async def find_or_create(service: Service, patient: Patient) -> str:
    """The reference of the patient. Raises CalendarError.

    Somebody we have linked before is found by our identifier. Else one match by name and, whichever are
    known, birth date and telephone number is taken; with none, or several, a new patient is made: a
    second chart can be merged by staff, an appointment in a stranger's chart tells him about another.
    """
    identifier = f"{resources.CONTACT_SYSTEM}|{patient.contact_id}"
    linked, _ = await service.search("Patient", {"identifier": identifier})
    if linked:
        return resources.reference(linked[0])
    matches = await _matching(service, patient)
    if len(matches) == 1:
        return resources.reference(matches[0])
    made = await service.create(_resource(patient), unless=f"identifier={identifier}")
    return resources.reference(made)


async def _matching(service: Service, patient: Patient) -> list[dict[str, Any]]:
    given, family = _names(patient.name)
    if not family or not (patient.date_of_birth or patient.phone):
        return []
    query = {"family": _escaped(family), "given": _escaped(given)}
    if patient.date_of_birth:
        query["birthdate"] = patient.date_of_birth
    found, _ = await service.search("Patient", {k: v for k, v in query.items() if v})
    # Servers search names by their beginning and may not know a parameter: each match is looked at.
    return [resource for resource in found if _is(resource, patient, given, family)]


def _is(resource: dict[str, Any], patient: Patient, given: str, family: str) -> bool:
    if resource.get("active") is False or resource.get("deceasedBoolean"):
        return False
    if not any(
        str(name.get("family", "")).casefold() == family.casefold()
        and (not given or given.casefold() in [str(g).casefold() for g in name.get("given") or ()])
        for name in resource.get("name") or ()
    ):
        return False
    if patient.date_of_birth and resource.get("birthDate") != patient.date_of_birth:
        return False
    numbers = {
        _digits(str(point.get("value", "")))
        for point in resource.get("telecom") or ()
        if point.get("system") in ("phone", "sms")
    }
    # A birth date and a whole name are enough; a number that differs then is a new telephone.
    return bool(patient.date_of_birth) or _digits(patient.phone) in numbers


def _digits(number: str) -> str:
    return "".join(character for character in number if character.isdigit())[-_DIGITS:]


def _names(name: str) -> tuple[str, str]:
    given, _, family = name.strip().rpartition(" ")
    return given.split(" ")[0], family


def _escaped(value: str) -> str:
    """https://hl7.org/fhir/R4/search.html#escaping."""
    for character in "\\$,|":
        value = value.replace(character, f"\\{character}")
    return value


def _resource(patient: Patient) -> dict[str, Any]:
    given, family = _names(patient.name)
    name: dict[str, Any] = {"use": "usual", "text": patient.name}
    if family:
        name["family"] = family
    if given:
        name["given"] = patient.name.split()[:-1]
    made: dict[str, Any] = {
        "resourceType": "Patient",
        "identifier": [
            {"system": resources.CONTACT_SYSTEM, "value": str(patient.contact_id)},
        ],
        "name": [name],
    }
    if patient.phone:
        made["telecom"] = [{"system": "phone", "value": patient.phone, "use": "mobile"}]
    if patient.date_of_birth:
        made["birthDate"] = patient.date_of_birth
    return made
