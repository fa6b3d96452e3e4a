"""Taking a message for the staff, even when the database is away."""

from __future__ import annotations

from dataclasses import dataclass
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


@dataclass(frozen=True, kw_only=True)
class _Taken:
    """A message as it is kept."""

    name: str
    phone: str
    """E.164, or as it was said, or empty."""
    text: str
    urgency: Urgency
    when: str
    """When they would like to be called back, as they said it; or empty."""


@tool
async def take_message(
    context: RunContext[CallContext],
    caller_name: str,
    text: str,
    caller_phone: str | None = None,
    urgency: Literal["low", "normal", "urgent"] = "normal",
    call_back_time: str | None = None,
) -> Answer:
    """Take a message for the staff, once you know who calls and what it is about.

    Args:
        caller_name: The caller's name.
        text: The whole message in the caller's own words.
        caller_phone: Number to call back, as the caller said it; null for the number they call from; "none" if they want no call back.
        urgency: urgent only if it can't wait until tomorrow.
        call_back_time: When they would like to be called back, in their own words ("tomorrow after four"); null if they named no time.
    """
    call = context.userdata
    name, phone = read_name(caller_name), _call_back_number(call, caller_phone)
    text = clean_text(text, field="text", longest=messages.LONGEST_MESSAGE)
    when = " ".join((call_back_time or "").split())[: messages.LONGEST_CALL_BACK_TIME]
    taken = _Taken(name=name, phone=phone, text=text, urgency=urgency, when=when)
    request = request_of(name, phone, text, when)
    if request not in call.memory.messages:
        call.memory.messages.add(request)
        told = MessageTaken(message_id=call.database.seam.new_id(), urgency=urgency)
        try:
            await _keep(context, taken, told)
        except AWAY:
            _spool(call, taken, told)
        except BaseException:
            call.memory.messages.discard(request)
            raise
    number = f"call back on {said_phone(call, phone)}" if _is_number(phone) else "no number to call"
    wish = f", if possible {when}" if when else ""
    return Answer(
        fact=f"Message taken from {name}, {number}{wish}: {text}",
        then="Read back the name and the number, say that the message will be passed on, and ask "
        "whether there is anything else. A time for the call back is the caller's wish: pass it on, and "
        "promise none.",
    )


def request_of(name: str, phone: str, text: str, when: str) -> str:
    """What makes two messages of a call one and the same."""
    return f"{name} {phone} {text} {when}".casefold()


async def _keep(context: RunContext[CallContext], taken: _Taken, told: MessageTaken) -> None:
    call = context.userdata
    async with deed(context) as opened:
        contact_id = call.contact_id
        if _is_number(taken.phone):
            booker = await booker_for(opened.scope, phone=taken.phone, name=taken.name)
            contact_id = booker.contact.id
            await opened.record(ContactSaved(contact_id=contact_id))
        await messages.take(
            opened.scope,
            call_id=call.call_id,
            contact_id=contact_id,
            caller_name=taken.name,
            caller_phone=taken.phone or None,
            text=taken.text,
            urgency=taken.urgency,
            call_back_time=taken.when or None,
            message_id=told.message_id,
        )
        await opened.record(told)


def _spool(call: CallContext, taken: _Taken, told: MessageTaken) -> None:
    """With the database away the message travels in its event, which the journal keeps on disk. It may have
    been written after all, when the answer alone was lost: then it is this same message."""
    call.journal.record(
        MessageTaken(
            message_id=told.message_id,
            urgency=taken.urgency,
            caller_name=taken.name,
            caller_phone=taken.phone,
            text=taken.text,
            call_back_time=taken.when,
            spooled=True,
        ),
        instead_of=told,
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
