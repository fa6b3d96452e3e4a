"""Moving and cancelling appointments, with the fee for a late change told before it is accepted."""

from __future__ import annotations

from livekit.agents import RunContext

from domain.calls.events import AppointmentCancelled, AppointmentMoved, LateFeeTold
from domain.database import Scope
from domain.errors import Conflict
from domain.scheduling import appointments as scheduling
from domain.scheduling.codes import spoken_code
from domain.scheduling.models import Appointment
from domain.text import clean_text
from tools.answer import Answer
from tools.appointments import chosen_offer, lost_time, own_appointment, said_appointment
from tools.context import CallContext, FeeTold
from tools.database import deed
from tools.running import tool


@tool
async def move_appointment(
    context: RunContext[CallContext],
    appointment_id: str,
    offer_id: str,
    fee_accepted: bool = False,
    reason: str | None = None,
) -> Answer:
    """Move an appointment to a time that find_times gave on this call, after the caller has agreed to it.

    Args:
        appointment_id: The id in brackets that find_appointments or book_appointment gave.
        offer_id: The id in brackets of the new time.
        fee_accepted: true only after this tool told you of a fee and the caller then agreed to it.
        reason: Why, in a few words, if the caller said so; otherwise null.
    """
    call = context.userdata
    async with deed(context) as opened:
        scope = opened.scope
        appointment = await own_appointment(scope, call, appointment_id)
        chosen = await chosen_offer(scope, call, offer_id)
        try:
            change = await scheduling.move(
                scope,
                appointment_id=appointment.id,
                call_id=call.call_id,
                offer_id=chosen.id,
                fee_accepted=await _is_accepted(context, scope, appointment, fee_accepted),
                reason=_reason(reason),
            )
        except scheduling.LateFee as late:
            return _tell_fee(context, appointment, late.fee, "moved", "move_appointment")
        except Conflict as conflict:
            return await lost_time(call, opened, chosen, conflict)
        if change.changed:
            await opened.record(
                AppointmentMoved(
                    appointment_id=appointment.id,
                    before=change.before,
                    after=change.appointment.starts_at,
                )
            )
        said = await said_appointment(scope, call, change.appointment)
        code = change.appointment.code
    return Answer(
        fact=f"Moved. The appointment is now: {said}; the booking code stays {spoken_code(code)}"
        f"{_charged(change.fee)}",
        then="Read back the new day and time, and ask whether there is anything else.",
    )


@tool
async def cancel_appointment(
    context: RunContext[CallContext],
    appointment_id: str,
    fee_accepted: bool = False,
    reason: str | None = None,
) -> Answer:
    """Cancel an appointment, after the caller has said which one and that they want it cancelled.

    Args:
        appointment_id: The id in brackets that find_appointments or book_appointment gave.
        fee_accepted: true only after this tool told you of a fee and the caller then agreed to it.
        reason: Why, in a few words, if the caller said so; otherwise null.
    """
    call = context.userdata
    async with deed(context) as opened:
        appointment = await own_appointment(opened.scope, call, appointment_id)
        try:
            change = await scheduling.cancel(
                opened.scope,
                appointment_id=appointment.id,
                fee_accepted=await _is_accepted(context, opened.scope, appointment, fee_accepted),
                reason=_reason(reason),
            )
        except scheduling.LateFee as late:
            return _tell_fee(context, appointment, late.fee, "cancelled", "cancel_appointment")
        if change.changed:
            await opened.record(AppointmentCancelled(appointment_id=appointment.id))
        said = await said_appointment(opened.scope, call, change.appointment)
    return Answer(
        fact=f"Cancelled: {said}{_charged(change.fee)}",
        then="Tell the caller that it is cancelled, and ask whether they would like another time or "
        "anything else.",
    )


async def _is_accepted(
    context: RunContext[CallContext], scope: Scope, appointment: Appointment, claimed: bool
) -> bool:
    """Whether the caller can have accepted the fee that is due now: it was told on this call for this
    appointment, and they have spoken since. The model's word alone is not enough."""
    told = context.userdata.memory.fees_told.get(appointment.id)
    if not claimed or told is None or told.turn == context.speech_handle.id:
        return False
    return told.fee == await scheduling.late_fee(scope, appointment)


def _tell_fee(
    context: RunContext[CallContext], appointment: Appointment, fee: str, done: str, tool_name: str
) -> Answer:
    call = context.userdata
    turn = context.speech_handle.id
    earlier = call.memory.fees_told.get(appointment.id)
    if earlier is None or earlier.fee != fee:
        call.memory.fees_told[appointment.id] = FeeTold(fee=fee, turn=turn)
        call.journal.record(LateFeeTold(appointment_id=appointment.id))
    return Answer(
        fact=f"Not {done} yet: so shortly before the appointment that costs a fee of {fee}",
        then="Tell the caller the fee and ask whether they accept it; nothing has changed yet. Only after they have said yes, call "
        f"{tool_name} again with fee_accepted true; otherwise leave the appointment as it is.",
        outcome="refused",
    )


def _charged(fee: str) -> str:
    return f"; the fee of {fee} that the caller accepted is due" if fee else ""


def _reason(text: str | None) -> str:
    return clean_text(
        (text or "")[: scheduling.LONGEST_REASON],
        field="reason",
        longest=scheduling.LONGEST_REASON,
        required=False,
    )
