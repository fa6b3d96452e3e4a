"""Whom an appointment or a message is kept under."""

from __future__ import annotations

import re
from dataclasses import dataclass

from domain.contacts import operations as contacts
from domain.contacts.models import Contact
from domain.database import Scope


@dataclass(frozen=True, kw_only=True)
class Booker:
    """The contact, and for whom it is if that is somebody else of the same number (else empty)."""

    contact: Contact
    on_behalf_of: str = ""

    def noted(self, note: str | None) -> str | None:
        """`note` with the name of the person it is for, where the contact has another."""
        named = f"For {self.on_behalf_of}." if self.on_behalf_of else ""
        return " ".join(part for part in (named, (note or "").strip()) if part) or None


async def booker_for(scope: Scope, *, phone: str, name: str) -> Booker:
    """The contact of this number (E.164), new or known.

    A household shares a number: somebody of another name is noted, never written over the contact,
    whose other appointments would change hands. Raises Invalid on `name`.
    """
    known = await contacts.find_by_phone(scope, phone=phone)
    if known is None or not known.name:
        return Booker(contact=await contacts.save(scope, phone=phone, name=name))
    said, kept = _parts(name), _parts(known.name)
    if kept < said:
        return Booker(contact=await contacts.save(scope, phone=phone, name=name))
    return Booker(contact=known, on_behalf_of="" if said <= kept else " ".join(name.split()))


def _parts(name: str) -> set[str]:
    return set(re.findall(r"\w+", name.casefold()))
