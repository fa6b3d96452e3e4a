"""Keeping what a caller tells about themselves."""

from __future__ import annotations

from livekit.agents import RunContext

from domain.calls.events import ContactSaved
from domain.contacts import operations as contacts
from domain.email import parse_email
from tools.answer import Answer, refusal
from tools.context import CallContext
from tools.database import deed
from tools.running import tool
from tools.understood import read_name, read_phone, said_phone


@tool
async def save_caller(
    context: RunContext[CallContext],
    name: str | None = None,
    phone: str | None = None,
    email: str | None = None,
) -> Answer:
    """Keep the caller's name, number or e-mail address when they tell or correct it. Booking and taking a
    message keep name and number by themselves.

    Args:
        name: First and last name; null if not told.
        phone: Another number than the one they call from, as the caller said it; otherwise null.
        email: E-mail address; null if not told.
    """
    call = context.userdata
    if not any((value or "").strip() for value in (name, phone, email)):
        raise refusal("There is nothing to keep", "Ask the caller what you should note.")
    name = read_name(name) if name and name.strip() else None
    email = parse_email(email) if email and email.strip() else None
    number = read_phone(call, phone)
    async with deed(context) as opened:
        known = await contacts.find_by_phone(opened.scope, phone=number)
        # Whoever names a number is not yet the one it belongs to: another contact's details are
        # changed only from their own telephone. What was said stays in this call's log.
        if known is None or number == call.caller_phone:
            known = await contacts.save(opened.scope, phone=number, name=name, email=email)
        await opened.record(ContactSaved(contact_id=known.id))
    if number == call.caller_phone:
        call.contact_id, call.contact_name = known.id, known.name or ""
    told = [part for part in (name, said_phone(call, number), email) if part]
    return Answer(
        fact=f"Noted: {', '.join(told)}",
        then="Read back what is new, letter by letter for an e-mail address, and go on.",
    )
