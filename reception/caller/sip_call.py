"""One call of a SIP phone, placed or received: sound over RTP, signalling in a dialog."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from typing import Final

from domain.seam import Seam
from reception.caller import sdp
from reception.caller.audio import PHONE_RATE, Samples
from reception.caller.caller import CallEnded, Caller, Voice
from reception.caller.rtp import RtpSession
from reception.caller.sip_dialog import Dialog
from reception.caller.sip_message import (
    Message,
    Uri,
    answer_challenge,
    parameter,
    refer_target,
    response_to,
)
from reception.caller.sip_transactions import (
    GIVE_UP,
    ClientTransaction,
    ServerTransaction,
    SipEndpoint,
    address_of,
)

ALLOW: Final = "INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, NOTIFY, REFER, UPDATE"
_BYE_TIMEOUT: Final = 2.0
"""Seconds to wait for the answer to a BYE: the call is over for this side in any case."""
_REASONS: Final = {480: "Temporarily Unavailable", 486: "Busy Here", 603: "Decline"}


class CallRefused(ConnectionError):
    """The INVITE got a final response other than 2xx."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(f"{status} {reason}")
        self.status = status
        self.reason = reason


class SipCall(Caller):
    """A call of `SipPhone`: made by its `dial`, or taken from its `incoming`.

    `times.placed` is when the INVITE was sent (or came in), `times.ringing` the first 18x,
    `times.answered` the 200.
    """

    def __init__(self, *, endpoint: SipEndpoint, dialog: Dialog, voice: Voice, seam: Seam) -> None:
        super().__init__(rate=PHONE_RATE, voice=voice, placed=asyncio.get_running_loop().time())
        self.dialog = dialog
        self.keys_heard = ""
        """The keys that the other side pressed."""
        self.referred_to: str | None = None
        """Where the other side asked this call to be transferred to (REFER, RFC 3515)."""
        self.transfer_status: tuple[int, str] = (200, "OK")
        """What this phone reports of a transfer; set it before to play one that fails."""
        self._seam = seam
        self._endpoint = endpoint
        self._rtp = RtpSession(seam=seam, on_audio=self._audio, on_key=self._key)
        self._session = int(seam.token(4), 16)
        self._version = 1
        self._invite: ClientTransaction | None = None
        self._incoming: ServerTransaction | None = None
        self._answer: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        # Nobody may be waiting for a call that fails: that is not an error of its own.
        self._answer.add_done_callback(lambda done: done.cancelled() or done.exception())
        self._cancelled = False
        self._tasks: set[asyncio.Task[None]] = set()
        self._sending: asyncio.Task[None] | None = None

    @property
    def remote_user(self) -> str:
        """The other side's number, as its From or To gives it."""
        return Uri.parse(self.dialog.remote).user

    async def answered(self, *, timeout: float = 60.0) -> None:
        """Wait until the call is up. Raises CallRefused, or TimeoutError after hanging up."""
        try:
            async with asyncio.timeout(timeout):
                await asyncio.shield(self._answer)
        except TimeoutError:
            await self.hang_up()
            raise

    async def hang_up(self) -> None:
        if not self.ended.is_set():
            if self._incoming is not None and not self._up:
                self.refuse(480)
            elif self._up:
                self._ended(by="us", reason="hung up")
                await self._bye()
            else:
                await self._cancel()
        await self._free()

    def ring(self) -> None:
        """Answer an incoming INVITE with 180."""
        invite = self._unanswered()
        invite.respond(self._response(invite.request, 180, "Ringing"))
        self.times.ringing = self._now()

    async def answer(self) -> None:
        """Take an incoming call (200). Raises CallEnded when it has ended, NotAcceptable (488)."""
        invite = self._unanswered()
        try:
            media = sdp.read(invite.request.body)
        except sdp.NotAcceptable:
            self.refuse(488, "Not Acceptable Here")
            raise
        await self._rtp.open(self._endpoint.host)
        events = media.events if media.events is not None else sdp.EVENTS
        self._rtp.connect(media, events_here=events)
        response = self._response(invite.request, 200, "OK")
        self._describe(response, media.answer_direction, events)
        invite.respond(response)
        self._start()
        self._keep(self._await_ack(invite))

    def refuse(self, status: int = 486, reason: str = "") -> None:
        """Refuse an incoming call: 486 busy, 603 declined, 480 no answer."""
        invite = self._unanswered()
        reason = reason or _REASONS.get(status, "Refused")
        invite.respond(self._response(invite.request, status, reason))
        self._ended(by="us", reason=f"{status} {reason}")
        self._fail(CallRefused(status, reason))

    async def hear_keys(self, count: int, *, timeout: float = 10.0) -> str:
        """Wait until the other side has pressed `count` keys in all. Raises TimeoutError, CallEnded."""
        async with asyncio.timeout(timeout):
            while len(self.keys_heard) < count:
                self._raise_if_ended()
                await self._tick()
        return self.keys_heard

    # What SipPhone does with a call.

    async def place(self, target: str, *, username: str, password: str) -> None:
        """Send the INVITE and follow it in the background."""
        await self._rtp.open(self._endpoint.host)
        invite = self.dialog.request("INVITE", self._endpoint)
        invite.add("contact", self._contact)
        invite.add("allow", ALLOW)
        self._describe(invite, "sendrecv", sdp.EVENTS)
        address = address_of(Uri.parse(target))
        self.times.placed = self._now()
        self._invite = self._endpoint.request(invite, address)
        self._keep(self._follow(username, password))

    def ring_in(self, invite: ServerTransaction) -> None:
        """Take the role of the called side."""
        self._incoming = invite
        invite.respond(response_to(invite.request, 100, "Trying"))

    def acknowledged(self) -> None:
        """The ACK of our 200 came."""
        if self._incoming is not None:
            self._incoming.acknowledge()

    def cancelled(self) -> None:
        """The other side gave up before we answered."""
        if self._incoming is None or self._up or self.ended.is_set():
            return
        self._incoming.respond(self._response(self._incoming.request, 487, "Request Terminated"))
        self._ended(by="them", reason="cancelled")
        self._fail(CallRefused(487, "Request Terminated"))

    def bye(self) -> None:
        """The other side hung up."""
        self._ended(by="them", reason="hung up")
        self._fail(CallRefused(487, "Request Terminated"))
        self._stop_sound()

    def reinvited(self, request: Message) -> Message:
        """The answer to an offer within the dialog: hold, resume, a new address, or a refresh."""
        response = self._response(request, 200, "OK")
        self.dialog.refresh(request)
        direction, events = "sendrecv", sdp.EVENTS
        if request.body:
            try:
                media = sdp.read(request.body)
            except sdp.NotAcceptable:
                return self._response(request, 488, "Not Acceptable Here")
            events = media.events if media.events is not None else sdp.EVENTS
            direction = media.answer_direction
            self._rtp.connect(media, events_here=events)
        elif request.method == "UPDATE":
            return response
        self._version += 1
        self._describe(response, direction, events)
        return response

    def referred(self, request: Message) -> None:
        """Take a REFER and report `transfer_status` (RFC 3515 section 2.4). Raises BadMessage."""
        self.referred_to = refer_target(request.get("refer-to"))
        self._keep(self._report_transfer(request.cseq[0]))

    def key_pressed(self, key: str) -> None:
        """A key came by INFO (`application/dtmf-relay`) instead of RTP."""
        self._key(key)

    # Inside.

    @property
    def _up(self) -> bool:
        return self.times.answered is not None

    @property
    def _contact(self) -> str:
        return f"<sip:{self._endpoint.host}:{self._endpoint.port}>"

    async def _send_packet(self, samples: Samples) -> None:
        await self._rtp.send(samples)

    async def _press(self, digits: str) -> None:
        try:
            for digit in digits:
                await self._rtp.press(digit)
        except ConnectionError as error:
            raise CallEnded(str(error)) from error

    def _audio(self, samples: Samples, arrived: float) -> None:
        self.ear.feed(samples, at=arrived)

    def _key(self, key: str) -> None:
        self.keys_heard += key

    def _unanswered(self) -> ServerTransaction:
        self._raise_if_ended()
        if self._incoming is None or self._up:
            raise CallEnded("not an incoming call that waits for an answer")
        return self._incoming

    def _response(self, request: Message, status: int, reason: str) -> Message:
        response = response_to(
            request, status, reason, tag=parameter(self.dialog.local, "tag") if status > 100 else ""
        )
        response.add("contact", self._contact)
        response.add("allow", ALLOW)
        return response

    def _describe(self, message: Message, direction: str, events: int) -> None:
        message.add("content-type", "application/sdp")
        message.body = sdp.describe(
            host=self._endpoint.host,
            port=self._rtp.port,
            session=self._session,
            version=self._version,
            events=events,
            direction=direction,
        )

    def _start(self) -> None:
        self.times.answered = self._now()
        self._sending = self._keep(self.mouth.run())
        if not self._answer.done():
            self._answer.set_result(None)

    def _fail(self, error: CallRefused) -> None:
        if not self._answer.done():
            self._answer.set_exception(error)

    async def _follow(self, username: str, password: str) -> None:
        """From the INVITE to its final response."""
        assert self._invite is not None
        response = await self._invite.final(self._provisional)
        if response.status in (401, 407) and username:
            response = await self._again_with_digest(response, username, password)
        if not 200 <= response.status < 300:
            self._ended(
                by="us" if self._cancelled else "them",
                reason=f"{response.status} {response.reason}",
            )
            self._fail(CallRefused(response.status, response.reason))
            return
        self.dialog.confirm(response)
        ack = self.dialog.request(
            "ACK", self._endpoint, sequence=self._invite.request.cseq[0]
        ).encode()
        self._invite.ack = ack
        self._endpoint.send(ack, self.dialog.address)
        try:
            self._rtp.connect(sdp.read(response.body))
        except sdp.NotAcceptable as error:
            self._ended(by="us", reason=str(error))
        if self._cancelled or self.ended.is_set():
            # The 200 crossed our CANCEL: the call is up and must be ended as one.
            await self._bye()
            self._ended(by="us", reason="cancelled")
            self._fail(CallRefused(487, "Request Terminated"))
            return
        self._start()

    def _provisional(self, response: Message) -> None:
        if response.status >= 180 and self.times.ringing is None:
            self.times.ringing = self._now()

    async def _again_with_digest(self, refusal: Message, username: str, password: str) -> Message:
        assert self._invite is not None
        first = self._invite.request
        proxy = refusal.status == 407
        challenge = refusal.get("proxy-authenticate" if proxy else "www-authenticate")
        invite = self.dialog.request("INVITE", self._endpoint)
        invite.headers += [pair for pair in first.headers if pair[0] in ("contact", "allow")]
        invite.headers += [pair for pair in first.headers if pair[0] == "content-type"]
        invite.body = first.body
        credentials = answer_challenge(
            challenge,
            method="INVITE",
            uri=invite.uri,
            username=username,
            password=password,
            cnonce=self._seam.token(8),
        )
        invite.add("proxy-authorization" if proxy else "authorization", credentials)
        self._invite = self._endpoint.request(invite, self.dialog.address)
        return await self._invite.final(self._provisional)

    async def _cancel(self) -> None:
        """End an INVITE of ours that has no answer yet (RFC 3261 section 9.1)."""
        self._cancelled = True
        if self._invite is None:
            return
        # A CANCEL may only follow a provisional response; without any the INVITE just fails.
        with suppress(TimeoutError):
            async with asyncio.timeout(_BYE_TIMEOUT):
                await self._invite.provisional.wait()
        if self._invite.provisional.is_set() and not self._answer.done():
            invite = self._invite.request
            cancel = Message(method="CANCEL", uri=invite.uri)
            for name in ("via", "max-forwards", "route", "from", "to", "call-id"):
                for value in invite.all(name):
                    cancel.add(name, value)
            cancel.add("cseq", f"{invite.cseq[0]} CANCEL")
            await self._endpoint.exchange(cancel, address_of(Uri.parse(invite.uri)))
            await asyncio.wait({self._answer}, timeout=_BYE_TIMEOUT)
        self._invite.stop()
        self._ended(by="us", reason="cancelled")
        self._fail(CallRefused(487, "Request Terminated"))

    async def _bye(self) -> None:
        bye = self.dialog.request("BYE", self._endpoint)
        transaction = self._endpoint.request(bye, self.dialog.address)
        try:
            async with asyncio.timeout(_BYE_TIMEOUT):
                await transaction.final()
        except TimeoutError:
            transaction.stop()

    async def _await_ack(self, invite: ServerTransaction) -> None:
        """RFC 3261 section 13.3.1.4: a 2xx that nobody acknowledges ends the call."""
        try:
            async with asyncio.timeout(GIVE_UP):
                await invite.acknowledged.wait()
        except TimeoutError:
            self._ended(by="them", reason="the answer was not acknowledged")
            await self._bye()
            self._stop_sound()

    async def _report_transfer(self, sequence: int) -> None:
        for status, reason, state in (
            (100, "Trying", "active;expires=60"),
            (*self.transfer_status, "terminated;reason=noresource"),
        ):
            notify = self.dialog.request("NOTIFY", self._endpoint)
            notify.add("contact", self._contact)
            notify.add("event", f"refer;id={sequence}")
            notify.add("subscription-state", state)
            notify.add("content-type", "message/sipfrag;version=2.0")
            notify.body = f"SIP/2.0 {status} {reason}\r\n"
            await self._endpoint.exchange(notify, self.dialog.address)

    def _stop_sound(self) -> None:
        if self._sending is not None:
            self._sending.cancel()
        self._rtp.close()

    async def _free(self) -> None:
        self._stop_sound()
        own = asyncio.current_task()
        tasks = [task for task in self._tasks if task is not own]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _keep(self, work: Coroutine[object, object, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task
