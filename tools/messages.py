"""Taking a message for the staff, even when the database is away."""

from __future__ import annotations

from typing import Final, Literal

from livekit.agents import RunContext, ToolError

from domain.calls.events import ContactSaved, MessageTaken
from domain.errors import DomainError
from domain.messages import operations as messages
from domain.phone import parse_phone
from domain.scheduling.booker import booker_for
from domain.text import clean_text
from tools.answer import Answer, refusal
from tools.context import CallContext
from tools.database import AWAY, deed
from tools.running import tool
from tools.understood import read_name, read_phone, said_phone

_NO_NUMBER: Final = frozenset({"none", "no", "no number", "withheld"})

Urgency = Literal["low", "normal", "urgent"]


@tool
async def take_message(
    context: RunContext[CallContext],
    caller_name: str,
    text: str,
    caller_phone: str | None = None,
    urgency: Literal["low", "normal", "urgent"] = "normal",
) -> Answer:
    """Take a message for the staff, once you know who calls and what it is about.

    Args:
        caller_name: The caller's name.
        text: The whole message in the caller's own words.
        caller_phone: Number to call back, as the caller said it; null for the number they call from; "none" if they want no call back.
        urgency: urgent only if it can't wait until tomorrow.
    """
    call = context.userdata
    name, phone = read_name(caller_name), _call_back_number(call, caller_phone)
    text = clean_text(text, field="text", longest=messages.LONGEST_MESSAGE)
    request = f"{name} {phone} {text}".casefold()
    if request not in call.memory.messages:
        try:
            await _keep(context, name=name, phone=phone, text=text, urgency=urgency)
        except AWAY:
            _spool(call, name=name, phone=phone, text=text, urgency=urgency)
        call.memory.messages.add(request)
    number = f"call back on {said_phone(call, phone)}" if _is_number(phone) else "no number to call"
    return Answer(
        fact=f"Message taken from {name}, {number}: {text}",
        then="Read back the name and the number, say that the message will be passed on, and ask "
        "whether there is anything else. Promise no time by which somebody calls.",
    )


async def _keep(
    context: RunContext[CallContext], *, name: str, phone: str, text: str, urgency: Urgency
) -> None:
    call = context.userdata
    async with deed(context) as opened:
        contact_id = call.contact_id
        if _is_number(phone):
            contact_id = (await booker_for(opened.scope, phone=phone, name=name)).contact.id
            await opened.record(ContactSaved(contact_id=contact_id))
        message = await messages.take(
            opened.scope,
            call_id=call.call_id,
            contact_id=contact_id,
            caller_name=name,
            caller_phone=phone or None,
            text=text,
            urgency=urgency,
        )
        await opened.record(MessageTaken(message_id=message.id, urgency=urgency))


def _spool(call: CallContext, *, name: str, phone: str, text: str, urgency: Urgency) -> None:
    """With the database away the message travels in its event, which the journal keeps on disk."""
    call.journal.record(
        MessageTaken(
            message_id=call.database.seam.new_id(),
            urgency=urgency,
            caller_name=name,
            caller_phone=phone,
            text=text,
            spooled=True,
        )
    )


def _call_back_number(call: CallContext, said: str | None) -> str:
    """E.164, or empty where the caller wants none. A number that can't be one is asked for once
    more and then kept as it was said: the message matters more."""
    said = (said or "").strip()
    if said.casefold() in _NO_NUMBER:
        return ""
    try:
        return read_phone(call, said)
    except ToolError:
        if not said and call.caller_phone:
            return call.caller_phone
        if said and said in call.memory.doubted_numbers:
            return said[:40]
        call.memory.doubted_numbers.add(said)
        if not said:
            raise refusal(
                "The caller's number is withheld",
                'Ask for a number to call back; if they want none, give "none" for it.',
            ) from None
        raise


def _is_number(phone: str) -> bool:
    try:
        return bool(phone) and parse_phone(phone, region="ZZ") == phone
    except DomainError:
        return False
