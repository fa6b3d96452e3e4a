"""Finding, keeping and changing contacts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import select, text

from domain.businesses import operations as businesses
from domain.contacts.models import Contact
from domain.database import Scope
from domain.email import parse_email
from domain.errors import Conflict, Invalid, NotFound
from domain.paging import check_limit
from domain.phone import parse_phone
from domain.text import clean_line, clean_text

EARLIEST_BIRTH = date(1900, 1, 1)


@dataclass(frozen=True, kw_only=True)
class _Values:
    """What was given, checked and normalised; None leaves the stored value alone."""

    phone: str | None
    name: str | None
    email: str | None
    notes: str | None
    date_of_birth: str | None


async def find_by_phone(scope: Scope, *, phone: str) -> Contact | None:
    """The contact with this number (E.164); the first one made, where staff entered several.

    Never refuses: whatever a carrier sends as a caller's number may be looked up.
    """
    return await _first(scope, phone=phone)


async def find_by_birth(scope: Scope, *, date_of_birth: date) -> Sequence[Contact]:
    """Everybody who was born on that day."""
    index = _index(scope, "date_of_birth", date_of_birth.isoformat())
    query = select(Contact).where(Contact.birth_index == index).order_by(Contact.id)
    return (await scope.session.scalars(query)).all()


async def save(
    scope: Scope,
    *,
    phone: str | None = None,
    name: str | None = None,
    email: str | None = None,
    notes: str | None = None,
    date_of_birth: date | str | None = None,
) -> Contact:
    """Keep what is known of a caller: on the contact with that number, or on a new one.

    Without a number the address decides. What is not given stays as it was. Raises Invalid on the
    field that is wrong, or on `phone` when nothing is given that could tell people apart.
    """
    values = await _check(
        scope, phone=phone, name=name, email=email, notes=notes, date_of_birth=date_of_birth
    )
    if values.phone is None and values.name is None and values.email is None:
        raise Invalid("phone", "a number, a name or an e-mail address is needed")
    await _lock(scope, values)
    if values.phone is not None:
        contact = await _first(scope, phone=values.phone)
    elif values.email is not None:
        contact = await _first(scope, email=values.email)
    else:
        contact = None
    return await _write(scope, contact or _new(scope), values)


async def create(
    scope: Scope,
    *,
    phone: str | None = None,
    name: str | None = None,
    email: str | None = None,
    notes: str | None = None,
    date_of_birth: date | str | None = None,
) -> Contact:
    """A new contact. Raises Invalid as `save` does, and Conflict when the number has a contact."""
    values = await _check(
        scope, phone=phone, name=name, email=email, notes=notes, date_of_birth=date_of_birth
    )
    if values.phone is None and values.name is None and values.email is None:
        raise Invalid("phone", "a number, a name or an e-mail address is needed")
    await _lock(scope, values)
    if values.phone is not None and await _first(scope, phone=values.phone) is not None:
        raise Conflict("there is a contact with this number already")
    return await _write(scope, _new(scope), values)


async def update(
    scope: Scope,
    *,
    contact_id: UUID,
    phone: str | None = None,
    name: str | None = None,
    email: str | None = None,
    notes: str | None = None,
    date_of_birth: date | str | None = None,
) -> Contact:
    """Change what is given; an empty string removes a value.

    Raises Invalid, NotFound, and Conflict when the number is another contact's.
    """
    contact = await get(scope, contact_id=contact_id)
    values = await _check(
        scope, phone=phone, name=name, email=email, notes=notes, date_of_birth=date_of_birth
    )
    await _lock(scope, values)
    if values.phone:
        holder = await _first(scope, phone=values.phone)
        if holder is not None and holder.id != contact.id:
            raise Conflict("there is another contact with this number already")
    return await _write(scope, contact, values)


async def get(scope: Scope, *, contact_id: UUID) -> Contact:
    """Raises NotFound."""
    contact = await scope.session.scalar(select(Contact).where(Contact.id == contact_id))
    if contact is None:
        raise NotFound("contact")
    return contact


async def list_contacts(
    scope: Scope, *, limit: int = 50, after: UUID | None = None, phone: str | None = None
) -> Sequence[Contact]:
    """Contacts, the newest first; `after` is the id at which the last page ended, `phone` (E.164)
    keeps those with that number."""
    query = select(Contact).order_by(Contact.id.desc())
    if after is not None:
        query = query.where(Contact.id < after)
    if phone is not None:
        query = query.where(Contact.phone_index == _index(scope, "phone", phone))
    return (await scope.session.scalars(query.limit(check_limit(limit)))).all()


async def names(scope: Scope, *, contact_ids: set[UUID]) -> dict[UUID, str]:
    """The names of those of `contact_ids` that have one."""
    if not contact_ids:
        return {}
    rows = await scope.session.execute(
        select(Contact.id, Contact.name).where(Contact.id.in_(contact_ids))
    )
    return {contact_id: name for contact_id, name in rows if name}


async def _check(
    scope: Scope,
    *,
    phone: str | None,
    name: str | None,
    email: str | None,
    notes: str | None,
    date_of_birth: date | str | None,
) -> _Values:
    if phone:
        country = (await businesses.get(scope)).country
        phone = parse_phone(phone, region=country)
    if name is not None:
        name = clean_line(name, field="name", longest=120, required=False)
    if email:
        email = parse_email(email)
    if notes is not None:
        notes = clean_text(notes, field="notes", longest=4000, required=False)
    return _Values(
        phone=phone,
        name=name,
        email=email,
        notes=notes,
        date_of_birth=_check_birth(scope, date_of_birth),
    )


def _check_birth(scope: Scope, given: date | str | None) -> str | None:
    """ISO 8601; None and the empty string as they came."""
    if not given and not isinstance(given, date):
        return given
    try:
        born = given if isinstance(given, date) else date.fromisoformat(given)
    except ValueError:
        raise Invalid("date_of_birth", "is not a date, such as 1984-03-27") from None
    # Of all zones the furthest ahead: nobody is told that today has not come yet.
    if born > (scope.seam.now() + timedelta(hours=14)).date():
        raise Invalid("date_of_birth", "is in the future")
    if born < EARLIEST_BIRTH:
        raise Invalid("date_of_birth", f"is before {EARLIEST_BIRTH.year}")
    return born.isoformat()


async def _lock(scope: Scope, values: _Values) -> None:
    """Until the transaction's end nobody else may make a contact with this number or address: a
    row lock cannot hold what is not there yet."""
    for kind, value in (("phone", values.phone), ("email", values.email)):
        if value:
            key = int.from_bytes(_index(scope, kind, value)[:8], signed=True)
            await scope.session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": key})


async def _first(
    scope: Scope, *, phone: str | None = None, email: str | None = None
) -> Contact | None:
    query = select(Contact).order_by(Contact.id).limit(1)
    if phone is not None:
        query = query.where(Contact.phone_index == _index(scope, "phone", phone))
    if email is not None:
        query = query.where(Contact.email_index == _index(scope, "email", email))
    contact: Contact | None = await scope.session.scalar(query)
    return contact


def _index(scope: Scope, kind: str, value: str) -> bytes:
    # The part of an address before the @ is compared without regard to case, as mail hosts do.
    return scope.blind_index(kind, value.lower() if kind == "email" else value)


def _new(scope: Scope) -> Contact:
    now = scope.seam.now()
    contact = Contact(
        id=scope.seam.new_id(), business_id=scope.business_id, created_at=now, updated_at=now
    )
    scope.session.add(contact)
    return contact


async def _write(scope: Scope, contact: Contact, values: _Values) -> Contact:
    if values.phone is not None:
        contact.phone = values.phone or None
        contact.phone_index = _index(scope, "phone", values.phone) if values.phone else None
    if values.email is not None:
        contact.email = values.email or None
        contact.email_index = _index(scope, "email", values.email) if values.email else None
    if values.name is not None:
        contact.name = values.name or None
    if values.notes is not None:
        contact.notes = values.notes or None
    if values.date_of_birth is not None:
        born = values.date_of_birth
        contact.date_of_birth = born or None
        contact.birth_index = _index(scope, "date_of_birth", born) if born else None
    contact.updated_at = scope.seam.now()
    await scope.session.flush()
    return contact
