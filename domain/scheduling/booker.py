"""Whom an appointment or a message is kept under."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from domain.contacts import operations as contacts
from domain.contacts.models import Contact
from domain.database import Scope


@dataclass(frozen=True, kw_only=True)
class Booker:
    """The contact, and who the appointment is for if that is somebody else of the same number."""

    contact: Contact
    attendee: str | None = None


async def booker_for(scope: Scope, *, phone: str, name: str) -> Booker:
    """The contact of this number (E.164), new or known.

    A household shares a number: somebody of another name is named beside the contact, never written
    over it, whose other appointments would change hands. Raises Invalid on `name`.
    """
    known = await contacts.find_by_phone(scope, phone=phone)
    if known is None or not known.name:
        return Booker(contact=await contacts.save(scope, phone=phone, name=name))
    said, kept = name_parts(name), name_parts(known.name)
    if kept < said:
        return Booker(contact=await contacts.save(scope, phone=phone, name=name))
    return Booker(contact=known, attendee=None if said <= kept else " ".join(name.split()))


def name_parts(name: str) -> set[str]:
    """The words of a name as names are compared: without case, order or punctuation."""
    return set(re.findall(r"\w+", unicodedata.normalize("NFKC", name).casefold()))


def is_named(kept: str | None, said: str) -> bool:
    """Whether somebody kept as `kept` can be meant by `said`: every part said is kept, and there are
    two of them at least or all there are."""
    parts, all_parts = name_parts(said), name_parts(kept or "")
    return bool(parts) and parts <= all_parts and (len(parts) >= 2 or parts == all_parts)
