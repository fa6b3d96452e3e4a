"""SIP messages: reading, writing, and the digest of a challenge (RFC 3261, RFC 8760 for SHA-256)."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from typing import Final

VERSION: Final = "SIP/2.0"
_COMPACT: Final = {
    "i": "call-id",
    "m": "contact",
    "e": "content-encoding",
    "l": "content-length",
    "c": "content-type",
    "f": "from",
    "s": "subject",
    "k": "supported",
    "t": "to",
    "v": "via",
    "r": "refer-to",
    "b": "referred-by",
    "o": "event",
}
"""RFC 3261 section 7.3.3, RFC 3515, RFC 3892, RFC 6665."""
_LISTS: Final = frozenset({"via", "route", "record-route", "contact"})
"""Headers whose values may come comma-separated on one line."""
_URI = re.compile(
    r"(?P<scheme>sips?):(?:(?P<user>[^@;?>]*)@)?(?P<host>\[[^\]]+\]|[^:;?>\s]+)(?::(?P<port>\d+))?"
    r"(?P<parameters>[^?>\s]*)"
)


class BadMessage(ValueError):
    """The bytes are not a SIP message that can be answered."""


@dataclass(frozen=True)
class Uri:
    """A SIP URI (RFC 3261 section 19.1)."""

    user: str
    host: str
    port: int
    text: str
    """The URI as it was written."""

    @classmethod
    def parse(cls, text: str) -> Uri:
        """Read a URI, with or without a display name and angle brackets. Raises BadMessage."""
        inner = re.search(r"<([^>]*)>", text)
        bare = inner.group(1) if inner else text.split(";")[0].strip()
        found = _URI.match(bare)
        if found is None:
            raise BadMessage(f"not a SIP URI: {bare[:60]!r}")
        default = 5061 if found["scheme"] == "sips" else 5060
        return cls(
            user=found["user"] or "",
            host=found["host"],
            port=int(found["port"] or default),
            text=bare,
        )


def refer_target(text: str) -> str:
    """Whom a REFER names: a SIP URI, or a `tel:` URI (RFC 3966) as carriers and livekit-sip send it.

    Raises BadMessage.
    """
    bare = text.strip().removeprefix("<").split(">")[0]
    return bare if re.fullmatch(r"tel:[+0-9*#()./-]+(;.*)?", bare) else Uri.parse(text).text


@dataclass
class Message:
    """A request (`method` and `uri` set) or a response (`status` set)."""

    method: str = ""
    uri: str = ""
    status: int = 0
    reason: str = ""
    headers: list[tuple[str, str]] = field(default_factory=list)
    """Names in lower case and full form, in the order of the message."""
    body: str = ""

    @property
    def is_request(self) -> bool:
        return bool(self.method)

    def get(self, name: str) -> str:
        """The first value of a header, or an empty string."""
        return next((value for key, value in self.headers if key == name), "")

    def all(self, name: str) -> list[str]:
        """Every value of a header."""
        return [value for key, value in self.headers if key == name]

    def add(self, name: str, value: str) -> None:
        """Append a header; `name` in lower case."""
        self.headers.append((name, value))

    @property
    def call_id(self) -> str:
        return self.get("call-id")

    @property
    def branch(self) -> str:
        """The transaction's key: the branch of the top Via."""
        return parameter(self.get("via"), "branch")

    @property
    def cseq(self) -> tuple[int, str]:
        """The sequence number and the method it counts. Raises BadMessage."""
        number, _, method = self.get("cseq").partition(" ")
        if not number.isdigit():
            raise BadMessage("CSeq: no number")
        return int(number), method.strip().upper()

    def encode(self) -> bytes:
        """The datagram, with its Content-Length."""
        first = (
            f"{self.method} {self.uri} {VERSION}"
            if self.is_request
            else f"{VERSION} {self.status} {self.reason}"
        )
        body = self.body.encode()
        lines = [first, *(f"{_title(name)}: {value}" for name, value in self.headers)]
        head = "\r\n".join([*lines, f"Content-Length: {len(body)}", "", ""])
        return head.encode() + body


def parse(datagram: bytes) -> Message:
    """Read one datagram. Raises BadMessage."""
    head, _, rest = datagram.partition(b"\r\n\r\n")
    lines = re.sub(r"\r\n[ \t]+", " ", head.decode(errors="replace")).split("\r\n")
    message = _first_line(lines[0])
    for line in lines[1:]:
        name, colon, value = line.partition(":")
        if not colon:
            raise BadMessage(f"header without a colon: {line[:40]!r}")
        key = name.strip().lower()
        key = _COMPACT.get(key, key)
        values = _split_list(value) if key in _LISTS else [value]
        message.headers.extend((key, one.strip()) for one in values)
    length = message.get("content-length")
    size = int(length) if length.isdigit() else len(rest)
    if size > len(rest):
        raise BadMessage("the body is shorter than its Content-Length")
    message.body = rest[:size].decode(errors="replace")
    message.headers = [pair for pair in message.headers if pair[0] != "content-length"]
    for name in ("via", "from", "to", "call-id", "cseq"):
        if not message.get(name):
            raise BadMessage(f"{_title(name)}: missing")
    return message


def response_to(request: Message, status: int, reason: str, *, tag: str = "") -> Message:
    """A response with what RFC 3261 section 8.2.6 copies; `tag` is added to To where it has none."""
    response = Message(status=status, reason=reason)
    for name in ("via", "record-route"):
        for value in request.all(name):
            response.add(name, value)
    to = request.get("to")
    if tag and not parameter(to, "tag"):
        to = f"{to};tag={tag}"
    response.add("from", request.get("from"))
    response.add("to", to)
    response.add("call-id", request.call_id)
    response.add("cseq", request.get("cseq"))
    return response


def parameter(value: str, name: str) -> str:
    """A `;name=value` parameter after the brackets of a header's value, or an empty string."""
    after = value.rpartition(">")[2]
    found = re.search(rf";\s*{name}\s*=\s*\"?([^;,\"\s]+)", after, re.IGNORECASE)
    return found.group(1) if found else ""


def answer_challenge(
    challenge: str, *, method: str, uri: str, username: str, password: str, cnonce: str
) -> str:
    """The Authorization value for a WWW- or Proxy-Authenticate one (RFC 3261 section 22.4).

    Algorithms MD5 (the default) and SHA-256, with and without `qop=auth`. Raises BadMessage for
    any other.
    """
    asked = {
        name.lower(): quoted or bare
        for name, quoted, bare in re.findall(r'(\w+)\s*=\s*(?:"([^"]*)"|([^\s,]+))', challenge)
    }
    algorithm = asked.get("algorithm", "MD5").upper()
    if algorithm not in ("MD5", "SHA-256"):
        raise BadMessage(f"digest algorithm {algorithm} is not known")

    def digest(text: str) -> str:
        # MD5 is what RFC 3261 prescribes; nothing but this exchange relies on it.
        made = hashlib.md5 if algorithm == "MD5" else hashlib.sha256
        return made(text.encode()).hexdigest()

    realm, nonce = asked.get("realm", ""), asked.get("nonce", "")
    secret = digest(f"{username}:{realm}:{password}")
    deed = digest(f"{method}:{uri}")
    fields = {"username": username, "realm": realm, "nonce": nonce, "uri": uri}
    bare = {"algorithm": algorithm}
    if "auth" in [one.strip() for one in asked.get("qop", "").split(",")]:
        bare |= {"qop": "auth", "nc": "00000001"}
        fields["cnonce"] = cnonce
        fields["response"] = digest(f"{secret}:{nonce}:00000001:{cnonce}:auth:{deed}")
    else:
        fields["response"] = digest(f"{secret}:{nonce}:{deed}")
    if "opaque" in asked:
        fields["opaque"] = asked["opaque"]
    written = [f'{name}="{value}"' for name, value in fields.items()]
    written += [f"{name}={value}" for name, value in bare.items()]
    return "Digest " + ", ".join(written)


def _first_line(line: str) -> Message:
    parts = line.split(" ", 2)
    if len(parts) < 2:
        raise BadMessage("the first line is not SIP")
    if parts[0] == VERSION:
        if not parts[1].isdigit():
            raise BadMessage("the status is not a number")
        return Message(status=int(parts[1]), reason=parts[2] if len(parts) > 2 else "")
    if len(parts) != 3 or parts[2] != VERSION:
        raise BadMessage("the first line is not SIP")
    return Message(method=parts[0].upper(), uri=parts[1])


def _split_list(value: str) -> list[str]:
    # Commas inside <…> or "…" belong to the value.
    return re.findall(r'(?:"(?:[^"\\]|\\.)*"|<[^>]*>|[^,"<])+', value) or [value]


def _title(name: str) -> str:
    special = {"call-id": "Call-ID", "cseq": "CSeq", "www-authenticate": "WWW-Authenticate"}
    return special.get(name) or "-".join(part.capitalize() for part in name.split("-"))
