"""The people who call."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from litestar import Router, get, patch, post
from litestar.params import FromPath, JSONBody, QueryParameter
from pydantic import Field

from admin.authentication import Transaction, needs
from admin.models import Body, Instant, Phone, View
from admin.pages import Cursor, Limit, Page, id_cursor, page, read_id
from admin.problems import READS, WRITES
from domain.businesses import operations as businesses
from domain.contacts import operations as contacts
from domain.contacts.search import LONGEST_SEARCH, search_contacts
from domain.errors import Invalid
from domain.phone import parse_phone


class Contact(View):
    """Somebody who has called or was entered by staff."""

    id: UUID
    name: str | None = Field(examples=["Jane Doe"])
    phone: str | None = Field(examples=["+12025550123"])
    email: str | None = Field(examples=["jane@example.com"])
    date_of_birth: date | None
    notes: str | None
    created_at: Instant
    updated_at: Instant


class NewContact(Body):
    """Somebody to enter; a number, a name or an address is needed."""

    name: str | None = Field(None, max_length=120, examples=["Jane Doe"])
    phone: Phone | None = None
    email: str | None = Field(None, max_length=254, examples=["jane@example.com"])
    date_of_birth: date | None = Field(None, examples=["1984-03-27"])
    notes: str | None = Field(None, max_length=4000)


class ContactChange(Body):
    """What to change; what is absent or null stays, an empty string removes."""

    name: str | None = Field(None, max_length=120)
    phone: str | None = Field(None, max_length=40, examples=["+12025550123"])
    email: str | None = Field(None, max_length=254)
    date_of_birth: str | None = Field(
        None, pattern=r"^([0-9]{4}-[0-9]{2}-[0-9]{2})?$", examples=["1984-03-27"]
    )
    notes: str | None = Field(None, max_length=4000)


@get("/", responses=READS, summary="List contacts")
async def list_contacts(
    transaction: Transaction,
    phone: Annotated[
        str | None, QueryParameter(max_length=40, description="Only with this number.")
    ] = None,
    search: Annotated[
        str | None,
        QueryParameter(
            min_length=1,
            max_length=LONGEST_SEARCH,
            description="Only those whose name has words that begin like these, or whose number holds "
            "these digits (three or more).",
        ),
    ] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[Contact]:
    """Contacts, the newest first."""
    after = read_id("contacts", cursor)
    if phone is not None:
        if search is not None:
            raise Invalid("search", "goes without phone")
        phone = parse_phone(phone, region=(await businesses.get(transaction)).country)
    if search is not None:
        rows = await search_contacts(transaction, search=search, limit=limit + 1, after=after)
    else:
        rows = await contacts.list_contacts(transaction, limit=limit + 1, after=after, phone=phone)
    return page(
        rows, limit, view=Contact.model_validate, cursor=lambda row: id_cursor("contacts", row.id)
    )


@post("/", guards=[needs("staff")], responses=WRITES, summary="Add a contact")
async def create_contact(transaction: Transaction, data: JSONBody[NewContact]) -> Contact:
    """Enter a contact. A number that another contact has is a conflict."""
    return Contact.model_validate(await contacts.create(transaction, **dict(data)))


@get("/{contact_id:uuid}", responses=READS, summary="Read a contact")
async def get_contact(transaction: Transaction, contact_id: FromPath[UUID]) -> Contact:
    """One contact."""
    return Contact.model_validate(await contacts.get(transaction, contact_id=contact_id))


@patch("/{contact_id:uuid}", guards=[needs("staff")], responses=WRITES, summary="Change a contact")
async def update_contact(
    transaction: Transaction, contact_id: FromPath[UUID], data: JSONBody[ContactChange]
) -> Contact:
    """Change a contact."""
    return Contact.model_validate(
        await contacts.update(transaction, contact_id=contact_id, **dict(data))
    )


router = Router(
    path="/contacts",
    tags=["contacts"],
    route_handlers=[list_contacts, create_contact, get_contact, update_contact],
)
