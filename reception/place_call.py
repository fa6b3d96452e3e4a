"""`reception call`: a call from the terminal, told as it happens."""

from __future__ import annotations

import statistics
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

import typer
from livekit import rtc

from domain.environment import Environment
from reception.booking_script import booking_script
from reception.call_report import CallReport, fetch_report
from reception.caller.caller import CallEnded, Caller, Heard, NothingHeard
from reception.caller.conversation import Conversation, Script, converse
from reception.caller.listener import RoomNotFound, SipListener, find_room
from reception.caller.sip_call import CallRefused
from reception.caller.sip_phone import NoAnswer, SipPhone
from reception.caller.webrtc import LiveKit, WebRtcCaller
from reception.errors import ReceptionError
from reception.livekit_config import keys_of
from reception.ports import LOOPBACK

RINGING_PATIENCE = 30.0
ROOM_PATIENCE = 10.0


class CallFailed(ReceptionError):
    """The call did not come about, or fell silent; the message says what to look at."""


@dataclass(frozen=True, kw_only=True)
class Order:
    """What to call and to say. Numbers are E.164; no `lines`: the default script."""

    number: str
    caller: str
    lines: Sequence[str] = ()
    sip: bool = False


async def place_call(environment: Environment, order: Order, *, api_key: str) -> CallReport | None:
    """Place the call, print it, and return what the API says of it (None without `api_key`).

    Raises CallFailed.
    """
    try:
        async with _caller(environment, order) as (caller, room):
            conversation = await converse(
                caller, _script(order), on_said=_print_said, on_heard=_print_heard
            )
            _print_times(caller, conversation)
    except NothingHeard as error:
        raise CallFailed(
            f"the assistant fell silent ({error}); see worker.log, or run `reception doctor`"
        ) from None
    except (CallEnded, RoomNotFound) as error:
        raise CallFailed(f"the call ended: {error}") from None
    except CallRefused as error:
        raise CallFailed(f"the call was refused: {error}; run `reception doctor`") from None
    except (NoAnswer, TimeoutError) as error:
        raise CallFailed(f"nobody answered ({error}); run `reception doctor`") from None
    except (rtc.ConnectError, OSError) as error:
        raise CallFailed(
            f"can't reach {environment.livekit_address}: {error}; does `reception up` run?"
        ) from None
    if not api_key:
        return None
    return await fetch_report(environment, api_key=api_key, room=room)


@asynccontextmanager
async def _caller(environment: Environment, order: Order) -> AsyncIterator[tuple[Caller, str]]:
    """The call, and the name of its room."""
    keys = keys_of(environment)
    livekit = LiveKit(environment.livekit_address, keys.key, keys.secret)
    if not order.sip:
        typer.echo(f"calling {order.number} over WebRTC …")
        caller = await WebRtcCaller.place(livekit, dialled=order.number, caller=order.caller)
        try:
            yield caller, caller.room_name
        finally:
            await caller.hang_up()
        return
    address = f"sip:{order.number}@{LOOPBACK}:{environment.reception_sip_port}"
    typer.echo(f"calling {address} …")
    async with SipPhone() as phone:
        await phone.ping(address)
        call = await phone.call(
            address, caller=order.caller or "anonymous", timeout=RINGING_PATIENCE
        )
        # A telephone hears sound alone: the words are read in the call's room.
        room, _ = await find_room(livekit, call.dialog.call_id, timeout=ROOM_PATIENCE)
        listener = await SipListener.join(livekit, call)
        try:
            yield call, room
        finally:
            await listener.close()


def _script(order: Order) -> Script:
    return list(order.lines) or booking_script()


def _print_said(text: str) -> None:
    typer.echo(f"  caller     {text}")


def _print_heard(heard: Heard) -> None:
    after = "" if heard.latency is None else f"  ({heard.latency:.2f} s)"
    seconds = heard.ended - heard.started
    typer.echo(f"  assistant  {heard.text or f'[speech, {seconds:.1f} s]'}{after}")


def _print_times(caller: Caller, conversation: Conversation) -> None:
    typer.echo("")
    if conversation.greeting:
        greeted = conversation.greeting.started - caller.times.placed
        typer.echo(f"first word after {greeted:.2f} s")
    latencies = conversation.latencies
    if latencies:
        typer.echo(
            f"answers, as the caller heard them: median {statistics.median(latencies):.2f} s,"
            f" slowest {max(latencies):.2f} s, {len(latencies)} turns"
        )
