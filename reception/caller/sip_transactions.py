"""SIP over UDP: the socket, and the transactions that repeat what is lost (RFC 3261 section 17)."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from typing import Final, TypeAlias, cast

from domain.seam import Seam
from reception.caller.sip_message import BadMessage, Message, Uri, parameter, parse

Address: TypeAlias = tuple[str, int]

T1: Final = 0.5
"""Seconds: the estimated round trip; first repeat of a request."""
T2: Final = 4.0
"""Seconds: the longest time between repeats."""
GIVE_UP: Final = 64 * T1
"""Timers B, F, H: seconds until a transaction without an answer fails."""
MAGIC: Final = "z9hG4bK"
"""What a branch of RFC 3261 begins with."""


class ClientTransaction:
    """A request of ours and the responses to it."""

    def __init__(
        self, request: Message, send: Callable[[bytes], None], on_final: Callable[[], None]
    ) -> None:
        self.request = request
        self.ack = b""
        """What acknowledges a 2xx to an INVITE; sent again when the 2xx comes again."""
        self.provisional = asyncio.Event()
        self._datagram = request.encode()
        self._send = send
        self._on_final = on_final
        self._responses: asyncio.Queue[Message] = asyncio.Queue()
        self._final: Message | None = None
        send(self._datagram)
        self._repeating = asyncio.create_task(self._repeat())

    async def final(self, on_provisional: Callable[[Message], None] | None = None) -> Message:
        """The final response; a 408 of our own when none comes (RFC 3261 section 8.1.3.1)."""
        while True:
            response = await self._responses.get()
            if response.status >= 200:
                return response
            if on_provisional is not None:
                on_provisional(response)

    def receive(self, response: Message) -> None:
        """Take a response from the socket."""
        if self._final is not None:
            self._repeat_ack(response)
            return
        if response.status < 200:
            self.provisional.set()
            if self.request.method == "INVITE":
                self._repeating.cancel()
        else:
            self._final = response
            self._repeating.cancel()
            self._on_final()
            if self.request.method == "INVITE" and response.status >= 300:
                self._send(_ack_of_failure(self.request, response).encode())
        self._responses.put_nowait(response)

    def stop(self) -> None:
        """Repeat nothing any more."""
        self._repeating.cancel()

    def _repeat_ack(self, response: Message) -> None:
        if self.request.method != "INVITE" or response.status < 200:
            return
        if response.status >= 300:
            self._send(_ack_of_failure(self.request, response).encode())
        elif self.ack:
            self._send(self.ack)

    async def _repeat(self) -> None:
        clock = asyncio.get_running_loop().time
        give_up = clock() + GIVE_UP
        wait = T1
        while clock() < give_up:
            await asyncio.sleep(wait)
            self._send(self._datagram)
            wait = wait * 2 if self.request.method == "INVITE" else min(wait * 2, T2)
        self._final = Message(status=408, reason="Request Timeout")
        self._on_final()
        self._responses.put_nowait(self._final)


class ServerTransaction:
    """A request of the other side and our latest response, given again when the request comes again."""

    def __init__(
        self, request: Message, send: Callable[[bytes], None], on_final: Callable[[], None]
    ) -> None:
        self.request = request
        self.acknowledged = asyncio.Event()
        self._send = send
        self._on_final = on_final
        self._latest = b""
        self._repeating: asyncio.Task[None] | None = None

    def respond(self, response: Message) -> None:
        """Send a response; a final one to an INVITE is repeated until acknowledged."""
        self._latest = response.encode()
        self._send(self._latest)
        if response.status >= 200:
            self._on_final()
        if self.request.method == "INVITE" and response.status >= 200:
            self._repeating = asyncio.create_task(self._repeat())

    def again(self) -> None:
        """The request came again."""
        if self._latest:
            self._send(self._latest)

    def acknowledge(self) -> None:
        """The ACK came."""
        self.acknowledged.set()
        self.stop()

    def stop(self) -> None:
        """Repeat nothing any more."""
        if self._repeating is not None:
            self._repeating.cancel()

    async def _repeat(self) -> None:
        clock = asyncio.get_running_loop().time
        give_up = clock() + GIVE_UP
        wait = T1
        while clock() < give_up:
            await asyncio.sleep(wait)
            self._send(self._latest)
            wait = min(wait * 2, T2)


class SipEndpoint(asyncio.DatagramProtocol):
    """A UDP socket that speaks SIP."""

    def __init__(
        self,
        *,
        seam: Seam,
        on_request: Callable[[Message, ServerTransaction], None],
    ) -> None:
        """`on_request` gets each request once: repeats are answered here."""
        self._seam = seam
        self._on_request = on_request
        self._transport: asyncio.DatagramTransport | None = None
        self._clients: dict[tuple[str, str], ClientTransaction] = {}
        self._servers: dict[tuple[str, str], ServerTransaction] = {}
        self.host = ""
        self.port = 0

    async def open(self, host: str, port: int = 0) -> None:
        """Bind an IPv4 address; port 0 is any free one. Raises OSError."""
        loop = asyncio.get_running_loop()
        await loop.create_datagram_endpoint(lambda: self, local_addr=(host, port))
        assert self._transport is not None
        self.host, self.port = self._transport.get_extra_info("sockname")[:2]

    def close(self) -> None:
        """Free the socket and stop every repetition."""
        for client in self._clients.values():
            client.stop()
        for server in self._servers.values():
            server.stop()
        if self._transport is not None:
            self._transport.close()

    def via(self, branch: str = "") -> str:
        """A Via of this socket, with a new branch where none is given."""
        branch = branch or MAGIC + self._seam.token(8)
        return f"SIP/2.0/UDP {self.host}:{self.port};rport;branch={branch}"

    def request(self, message: Message, to: Address) -> ClientTransaction:
        """Send a request whose Via is set, and repeat it until it is answered."""
        key = (message.branch, message.method)
        transaction = ClientTransaction(
            message, lambda data: self.send(data, to), lambda: self._forget(self._clients, key)
        )
        self._clients[key] = transaction
        return transaction

    async def exchange(self, message: Message, to: Address) -> Message:
        """Send a request other than INVITE; the final response, 408 of our own when none comes."""
        return await self.request(message, to).final()

    def send(self, datagram: bytes, to: Address) -> None:
        """Send one datagram once."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.sendto(datagram, to)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str | int, int]) -> None:
        # Blank lines keep a path through a NAT open (RFC 5626 section 4.4.1).
        if not data.strip():
            return
        try:
            message = parse(data)
            method = message.cseq[1]
        except BadMessage:
            return
        if not message.is_request:
            client = self._clients.get((message.branch, method))
            if client is not None:
                client.receive(message)
            return
        self._receive_request(message, (str(addr[0]), int(addr[1])))

    def _receive_request(self, message: Message, source: Address) -> None:
        method = "INVITE" if message.method == "ACK" else message.method
        key = (message.branch, method)
        known = self._servers.get(key)
        if message.method == "ACK":
            if known is not None:
                known.acknowledge()
            else:
                # An ACK of a 2xx is a transaction of its own; it is matched by dialog.
                self._on_request(
                    message, ServerTransaction(message, lambda data: None, lambda: None)
                )
            return
        if known is not None:
            known.again()
            return
        _note_source(message, source)
        transaction = ServerTransaction(
            message, lambda data: self.send(data, source), lambda: self._forget(self._servers, key)
        )
        self._servers[key] = transaction
        self._on_request(message, transaction)

    def _forget(
        self,
        transactions: dict[tuple[str, str], ClientTransaction]
        | dict[tuple[str, str], ServerTransaction],
        key: tuple[str, str],
    ) -> None:
        """Timers D, I, J, K: repeats of what is settled may still come for this long."""
        asyncio.get_running_loop().call_later(GIVE_UP, transactions.pop, key, None)

    def invite_of(self, cancel: Message) -> ServerTransaction | None:
        """The INVITE that a CANCEL means (same branch, RFC 3261 section 9.2)."""
        return self._servers.get((cancel.branch, "INVITE"))


def address_of(uri: Uri) -> Address:
    """Where requests for a URI go; a name is left to the resolver."""
    return uri.host, uri.port


def _note_source(request: Message, source: Address) -> None:
    """Fill in `rport` where the sender asks for it (RFC 3581 section 4)."""
    for index, (name, value) in enumerate(request.headers):
        if name != "via":
            continue
        if re.search(r";\s*rport(?!\s*=)", value) and not parameter(value, "received"):
            value = re.sub(r";\s*rport(?!\s*=)", f";rport={source[1]};received={source[0]}", value)
            request.headers[index] = (name, value)
        return


def _ack_of_failure(invite: Message, response: Message) -> Message:
    """RFC 3261 section 17.1.1.3: same branch, the response's To."""
    ack = Message(method="ACK", uri=invite.uri)
    ack.add("via", invite.get("via"))
    ack.add("max-forwards", "70")
    for route in invite.all("route"):
        ack.add("route", route)
    ack.add("from", invite.get("from"))
    ack.add("to", response.get("to"))
    ack.add("call-id", invite.call_id)
    ack.add("cseq", f"{invite.cseq[0]} ACK")
    return ack
