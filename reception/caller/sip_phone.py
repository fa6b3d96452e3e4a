"""A SIP telephone over UDP: places calls, answers calls, and what any phone must reply (RFC 3261)."""

from __future__ import annotations

import asyncio
import re
from typing import Final, Self

from domain.seam import Seam, SystemSeam
from reception.caller.caller import KEYS, Voice
from reception.caller.sip_call import ALLOW, SipCall
from reception.caller.sip_dialog import Dialog
from reception.caller.sip_message import BadMessage, Message, Uri, parameter, response_to
from reception.caller.sip_transactions import MAGIC, ServerTransaction, SipEndpoint, address_of
from reception.caller.voice import synthesise

LOOPBACK: Final = "127.0.0.1"


class NoAnswer(TimeoutError):
    """Nobody answers SIP at the address."""


class SipPhone:
    """A telephone at a UDP port of one IPv4 address. Use it as an asynchronous context manager."""

    def __init__(
        self,
        *,
        host: str = LOOPBACK,
        port: int = 0,
        username: str = "",
        password: str = "",
        voice: Voice = synthesise,
        seam: Seam | None = None,
    ) -> None:
        """`username` and `password` answer a digest challenge. `port` 0 is any free one."""
        self.incoming: asyncio.Queue[SipCall] = asyncio.Queue()
        """Calls to this phone: `ring`, then `answer` or `refuse` them."""
        self.calls: list[SipCall] = []
        self._host, self._port = host, port
        self._username, self._password = username, password
        self._voice = voice
        self._seam = seam or SystemSeam()
        self._endpoint = SipEndpoint(seam=self._seam, on_request=self._requested)

    async def __aenter__(self) -> Self:
        await self._endpoint.open(self._host, self._port)
        return self

    async def __aexit__(self, *error: object) -> None:
        await asyncio.gather(*(call.hang_up() for call in self.calls), return_exceptions=True)
        self._endpoint.close()

    @property
    def port(self) -> int:
        return self._endpoint.port

    def uri(self, user: str) -> str:
        """Where this phone is called."""
        return f"sip:{user}@{self._endpoint.host}:{self._endpoint.port}"

    async def dial(self, uri: str, *, caller: str = "anonymous") -> SipCall:
        """Send an INVITE to `uri` (`sip:+12025550100@127.0.0.1:5060`) and return at once.

        `caller` is the number in From. Raises BadMessage when `uri` is not a SIP URI.
        """
        target = Uri.parse(uri).text
        dialog = Dialog(
            call_id=f"{self._seam.token(12)}@{self._endpoint.host}",
            local=f"<{self.uri(caller)}>;tag={self._seam.token(6)}",
            remote=f"<{target}>",
            target=target,
        )
        call = SipCall(endpoint=self._endpoint, dialog=dialog, voice=self._voice, seam=self._seam)
        self.calls.append(call)
        await call.place(target, username=self._username, password=self._password)
        return call

    async def call(self, uri: str, *, caller: str = "anonymous", timeout: float = 60.0) -> SipCall:
        """Dial and wait for the answer. Raises CallRefused, or TimeoutError after hanging up."""
        call = await self.dial(uri, caller=caller)
        await call.answered(timeout=timeout)
        return call

    async def ping(self, uri: str, *, timeout: float = 2.0) -> int:
        """Ask for OPTIONS: the status of whoever is there. Raises NoAnswer."""
        target = Uri.parse(uri)
        options = Message(method="OPTIONS", uri=target.text)
        options.add("via", self._endpoint.via(MAGIC + self._seam.token(8)))
        options.add("max-forwards", "70")
        options.add("from", f"<{self.uri('ping')}>;tag={self._seam.token(6)}")
        options.add("to", f"<{target.text}>")
        options.add("call-id", self._seam.token(12))
        options.add("cseq", "1 OPTIONS")
        transaction = self._endpoint.request(options, address_of(target))
        try:
            async with asyncio.timeout(timeout):
                return (await transaction.final()).status
        except TimeoutError as error:
            transaction.stop()
            raise NoAnswer(f"{target.host}:{target.port} does not answer SIP over UDP") from error

    def _requested(self, request: Message, transaction: ServerTransaction) -> None:
        try:
            self._answer(request, transaction)
        except BadMessage as error:
            if request.method != "ACK":
                transaction.respond(response_to(request, 400, f"Bad Request: {error}"))

    def _answer(self, request: Message, transaction: ServerTransaction) -> None:
        if request.get("require"):
            refusal = self._reply(request, 420, "Bad Extension")
            refusal.add("unsupported", request.get("require"))
            transaction.respond(refusal)
        elif request.method == "OPTIONS":
            reply = self._reply(request, 200, "OK")
            reply.add("accept", "application/sdp")
            transaction.respond(reply)
        elif request.method == "CANCEL":
            self._cancel(request, transaction)
        elif request.method == "INVITE" and not parameter(request.get("to"), "tag"):
            self._ring(request, transaction)
        elif request.method not in ALLOW.split(", "):
            transaction.respond(self._reply(request, 405, "Method Not Allowed"))
        else:
            self._in_dialog(request, transaction)

    def _ring(self, request: Message, transaction: ServerTransaction) -> None:
        dialog = Dialog.of_invite(request, tag=self._seam.token(6))
        call = SipCall(endpoint=self._endpoint, dialog=dialog, voice=self._voice, seam=self._seam)
        self.calls.append(call)
        call.ring_in(transaction)
        self.incoming.put_nowait(call)

    def _cancel(self, request: Message, transaction: ServerTransaction) -> None:
        invite = self._endpoint.invite_of(request)
        if invite is None:
            transaction.respond(self._reply(request, 481, "Call/Transaction Does Not Exist"))
            return
        transaction.respond(self._reply(request, 200, "OK"))
        for call in self.calls:
            if call.dialog.call_id == request.call_id:
                call.cancelled()

    def _in_dialog(self, request: Message, transaction: ServerTransaction) -> None:
        call = next((one for one in self.calls if one.dialog.matches(request)), None)
        if request.method == "ACK":
            if call is not None:
                call.acknowledged()
            return
        if call is None or call.ended.is_set():
            transaction.respond(self._reply(request, 481, "Call/Transaction Does Not Exist"))
            return
        match request.method:
            case "BYE":
                transaction.respond(self._reply(request, 200, "OK"))
                call.bye()
            case "INVITE" | "UPDATE":
                transaction.respond(call.reinvited(request))
            case "REFER":
                reply = self._reply(request, 202, "Accepted")
                reply.add("contact", f"<sip:{self._endpoint.host}:{self._endpoint.port}>")
                transaction.respond(reply)
                call.referred(request)
            case "INFO":
                transaction.respond(self._reply(request, 200, "OK"))
                key = re.search(r"(?mi)^\s*Signal\s*=\s*([0-9*#A-D])\s*$", request.body)
                if key is not None and key[1].upper() in KEYS:
                    call.key_pressed(key[1].upper())
            case _:
                transaction.respond(self._reply(request, 200, "OK"))

    def _reply(self, request: Message, status: int, reason: str) -> Message:
        reply = response_to(request, status, reason, tag=self._seam.token(6))
        reply.add("allow", ALLOW)
        return reply
