"""Session descriptions of a telephone call: G.711 µ-law and telephone events (RFC 4566, RFC 3264)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

PCMU: Final = 0
"""Payload type of G.711 µ-law (RFC 3551 table 4)."""
EVENTS: Final = 101
"""The payload type that this side offers for telephone events (RFC 4733)."""


class NotAcceptable(ValueError):
    """Nothing in the description can be used: answer 488."""


@dataclass(frozen=True)
class Media:
    """Where the other side receives, and what."""

    host: str
    port: int
    events: int | None
    """Its payload type for telephone events; None: it takes none."""
    direction: str = "sendrecv"
    """As it sees it: `sendonly` and `inactive` are hold."""

    @property
    def receives(self) -> bool:
        return self.direction in ("sendrecv", "recvonly")

    @property
    def answer_direction(self) -> str:
        """What the other side of this direction says (RFC 3264 section 6.1)."""
        return {"sendonly": "recvonly", "recvonly": "sendonly"}.get(self.direction, self.direction)


def describe(
    *,
    host: str,
    port: int,
    session: int,
    version: int = 1,
    events: int = EVENTS,
    direction: str = "sendrecv",
) -> str:
    """An offer or answer of PCMU/8000 and telephone events 0-15 in 20 ms packets.

    `version` goes up with every change within a session (RFC 3264 section 8).
    """
    lines = (
        "v=0",
        f"o=- {session} {version} IN IP4 {host}",
        "s=-",
        f"c=IN IP4 {host}",
        "t=0 0",
        f"m=audio {port} RTP/AVP {PCMU} {events}",
        f"a=rtpmap:{PCMU} PCMU/8000",
        f"a=rtpmap:{events} telephone-event/8000",
        f"a=fmtp:{events} 0-15",
        "a=ptime:20",
        f"a={direction}",
    )
    return "\r\n".join(lines) + "\r\n"


def read(text: str) -> Media:
    """The other side's audio. Raises NotAcceptable without an audio line that holds PCMU."""
    whole, *sections = re.split(r"(?m)^(?=m=)", text)
    for section in sections:
        line = re.match(r"m=audio (\d+)(?:/\d+)? RTP/AVPF? ([\d ]+)", section)
        if line is None or int(line[1]) == 0 or str(PCMU) not in line[2].split():
            continue
        host = re.search(r"(?m)^c=IN IP4 ([^\s/]+)", section) or re.search(
            r"(?m)^c=IN IP4 ([^\s/]+)", whole
        )
        if host is None:
            raise NotAcceptable("no IPv4 address")
        events = re.search(r"(?mi)^a=rtpmap:(\d+) telephone-event/8000", section)
        direction = re.search(r"(?m)^a=(sendrecv|sendonly|recvonly|inactive)", section)
        return Media(
            host=host[1],
            port=int(line[1]),
            events=int(events[1]) if events else None,
            direction=direction[1] if direction else "sendrecv",
        )
    raise NotAcceptable("no audio in G.711 µ-law")
