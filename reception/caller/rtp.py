"""RTP over UDP: G.711 µ-law packets (RFC 3550, RFC 3551) and telephone events (RFC 4733)."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, cast

from domain.seam import Seam
from reception.caller.audio import (
    PACKET_SECONDS,
    PHONE_RATE,
    Samples,
    decode_mu_law,
    encode_mu_law,
)
from reception.caller.caller import KEYS
from reception.caller.sdp import EVENTS, PCMU, Media

_SAMPLES: Final = round(PHONE_RATE * PACKET_SECONDS)
_TONE_PACKETS: Final = 8
"""160 ms: telephones recognise a key from about 40 ms (ITU-T Q.24)."""
_END_PACKETS: Final = 3
"""The end of an event is sent three times (RFC 4733 section 2.5.1.4)."""
_KEY_PACKETS: Final = _TONE_PACKETS + _END_PACKETS - 1
_PAUSE_PACKETS: Final = 3
"""60 ms between two keys, so that the same key twice is heard twice."""
_VOLUME: Final = 10
"""-10 dBm0 (RFC 4733 section 2.3.4)."""
_REMEMBERED: Final = 128


@dataclass(frozen=True)
class Packet:
    """The parts of an RTP packet (RFC 3550 section 5.1) that are used here."""

    payload_type: int
    sequence: int
    timestamp: int
    source: int
    payload: bytes
    marker: bool = False

    def encode(self) -> bytes:
        second = self.payload_type | (0x80 if self.marker else 0)
        head = struct.pack("!BBHII", 0x80, second, self.sequence, self.timestamp, self.source)
        return head + self.payload


def parse(datagram: bytes) -> Packet | None:
    """A packet, or None for what is not RTP version 2 (RTCP, STUN, noise)."""
    if len(datagram) < 12 or datagram[0] >> 6 != 2:
        return None
    first, second, sequence, timestamp, source = struct.unpack("!BBHII", datagram[:12])
    # RTCP's packet types 200-204 land here as 72-76 with the marker (RFC 5761 section 4).
    if 72 <= second & 0x7F <= 76:
        return None
    start = 12 + 4 * (first & 0x0F)
    if first & 0x10:
        if len(datagram) < start + 4:
            return None
        start += 4 + 4 * int(struct.unpack("!H", datagram[start + 2 : start + 4])[0])
    padding = datagram[-1] if first & 0x20 else 0
    if start + padding > len(datagram):
        return None
    return Packet(
        payload_type=second & 0x7F,
        sequence=sequence,
        timestamp=timestamp,
        source=source,
        payload=datagram[start : len(datagram) - padding],
        marker=bool(second & 0x80),
    )


@dataclass
class _Key:
    """A key being pressed: which, and how far its packets have gone."""

    event: int
    done: asyncio.Future[None]
    sent: int = 0
    timestamp: int = 0


class RtpSession(asyncio.DatagramProtocol):
    """One call's media. `send` is to be called every 20 ms, whether or not something is said."""

    def __init__(
        self,
        *,
        seam: Seam,
        on_audio: Callable[[Samples, float], None],
        on_key: Callable[[str], None],
    ) -> None:
        """`on_audio` gets samples at 8 kHz and their arrival (monotonic seconds)."""
        self._on_audio = on_audio
        self._on_key = on_key
        self._source = int(seam.token(4), 16)
        # Random starts make the stream harder to guess (RFC 3550 section 5.1).
        self._sequence = int(seam.token(2), 16)
        self._timestamp = int(seam.token(4), 16)
        self._transport: asyncio.DatagramTransport | None = None
        self._remote: tuple[str, int] | None = None
        self._events: int | None = None
        self._events_here = EVENTS
        self._first = True
        self._keys: deque[_Key] = deque()
        self._seen: deque[tuple[int, int]] = deque(maxlen=_REMEMBERED)
        self._seen_keys: deque[tuple[int, int]] = deque(maxlen=_REMEMBERED)
        self.port = 0

    async def open(self, host: str) -> None:
        """Bind an even port (RFC 3550 section 11) of `host`, an IPv4 address. Raises OSError."""
        bound = _even_port(host)
        self.port = bound.getsockname()[1]
        await asyncio.get_running_loop().create_datagram_endpoint(lambda: self, sock=bound)

    def connect(self, media: Media, *, events_here: int = EVENTS) -> None:
        """Send to `media` from now on; while it does not receive, nothing is sent.

        `events_here` is the payload type at which this side takes telephone events.
        """
        self._remote = (media.host, media.port) if media.receives else None
        self._events = media.events
        self._events_here = events_here

    async def send(self, samples: Samples) -> None:
        """Send one packet of 160 samples, or the next packet of a key being pressed."""
        key = self._keys[0] if self._keys else None
        if key is not None and key.sent < _KEY_PACKETS:
            self._send_key(key)
        else:
            if key is not None:
                self._pause_after(key)
            self._send_packet(PCMU, encode_mu_law(samples), self._timestamp, marker=self._first)
            self._first = False
        self._timestamp = (self._timestamp + _SAMPLES) & 0xFFFFFFFF

    async def press(self, key: str) -> None:
        """Send a key as an event; returns when its last packet has gone.

        Raises ConnectionError when the other side takes no events or the session closes.
        """
        if self._events is None:
            raise ConnectionError("the other side takes no telephone events")
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._keys.append(_Key(event=KEYS.index(key), done=done))
        await done

    def close(self) -> None:
        """Free the port."""
        if self._transport is not None:
            self._transport.close()
        for key in self._keys:
            if not key.done.done():
                key.done.set_exception(ConnectionError("the call has ended"))
        self._keys.clear()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str | int, int]) -> None:
        arrived = asyncio.get_running_loop().time()
        packet = parse(data)
        if packet is None or (packet.source, packet.sequence) in self._seen:
            return
        self._seen.append((packet.source, packet.sequence))
        if packet.payload_type == PCMU:
            self._on_audio(decode_mu_law(packet.payload), arrived)
        elif packet.payload_type == self._events_here and len(packet.payload) >= 4:
            self._receive_key(packet)

    def _receive_key(self, packet: Packet) -> None:
        # All packets of one press share their timestamp; the first to arrive counts, so that none
        # of the others needs to.
        press = (packet.source, packet.timestamp)
        event = packet.payload[0]
        if press not in self._seen_keys and event < len(KEYS):
            self._seen_keys.append(press)
            self._on_key(KEYS[event])

    def _send_key(self, key: _Key) -> None:
        if key.sent == 0:
            key.timestamp = self._timestamp
        key.sent += 1
        ending = key.sent >= _TONE_PACKETS
        # The duration stays at its end value in the repeats of the end packet.
        duration = min(key.sent, _TONE_PACKETS) * _SAMPLES
        payload = struct.pack("!BBH", key.event, _VOLUME | (0x80 if ending else 0), duration)
        assert self._events is not None
        self._send_packet(self._events, payload, key.timestamp, marker=key.sent == 1)
        # What follows is a new burst of sound (RFC 3551 section 4.1).
        self._first = True

    def _pause_after(self, key: _Key) -> None:
        key.sent += 1
        if key.sent >= _KEY_PACKETS + _PAUSE_PACKETS:
            self._keys.popleft()
            if not key.done.done():
                key.done.set_result(None)

    def _send_packet(
        self, payload_type: int, payload: bytes, timestamp: int, *, marker: bool
    ) -> None:
        if self._remote is None or self._transport is None or self._transport.is_closing():
            return
        packet = Packet(payload_type, self._sequence, timestamp, self._source, payload, marker)
        self._sequence = (self._sequence + 1) & 0xFFFF
        self._transport.sendto(packet.encode(), self._remote)


def _even_port(host: str) -> socket.socket:
    while True:
        candidate = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            candidate.bind((host, 0))
        except OSError:
            candidate.close()
            raise
        if candidate.getsockname()[1] % 2 == 0:
            candidate.setblocking(False)
            return candidate
        candidate.close()
