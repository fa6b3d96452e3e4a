"""E-mail addresses: read from what people type, kept in one spelling."""

from __future__ import annotations

import re

from domain.errors import Invalid

_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_LONGEST_LOCAL = 64
_LONGEST = 254


def parse_email(text: str, *, field: str = "email") -> str:
    """`text` as an address with its domain in lower case and IDNA.

    Takes the dot-atom form of RFC 5321 section 4.1.2 within the lengths of section 4.5.3.1. Raises
    Invalid on `field`; the message never repeats the address.
    """
    local, at, host = text.strip().rpartition("@")
    if not at:
        raise Invalid(field, "is not an e-mail address: there is no @")
    if not _LOCAL.fullmatch(local) or len(local) > _LONGEST_LOCAL:
        raise Invalid(field, "is not an e-mail address: the part before the @ is malformed")
    try:
        host = host.encode("idna").decode("ascii").lower()
    except UnicodeError:
        raise Invalid(field, "is not an e-mail address: the domain is malformed") from None
    labels = host.split(".")
    if len(labels) < 2 or not all(_LABEL.fullmatch(label) for label in labels):
        raise Invalid(field, "is not an e-mail address: the domain is malformed")
    address = f"{local}@{host}"
    if len(address) > _LONGEST:
        raise Invalid(field, f"is not an e-mail address: longer than {_LONGEST} characters")
    return address
