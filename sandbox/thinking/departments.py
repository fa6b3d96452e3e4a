"""The department that a caller asks for by name."""

from __future__ import annotations

import re

from sandbox.thinking.intents import plain

_NAMED = re.compile(
    r"\b(?:to|with|for) (?:the |your |somebody in |someone in )*"
    r"(billing|bills|front desk|reception|emergency|emergencies|accounts|insurance|pharmacy)\b"
)


def department_of(text: str) -> str | None:
    """The department that `text` names ("put me through to billing"); None for a person as such."""
    found = _NAMED.search(plain(text))
    return None if found is None else found[1]
