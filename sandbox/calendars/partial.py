"""Google's partial responses: `fields=a,b/c,items(id,start)`.

Source: https://developers.google.com/workspace/calendar/api/guides/performance#partial-response.
"""

from __future__ import annotations

import re
from typing import Any

Mask = dict[str, "Mask"]
"""Names to keep; an empty mask keeps everything below."""

_TOKENS = re.compile(r"[A-Za-z][A-Za-z0-9]*|[(),/]")


def parse(fields: str) -> Mask:
    """Raises ValueError when it is not of the form."""
    tokens = _TOKENS.findall(fields)
    if "".join(tokens) != fields:
        raise ValueError("fields has a character that does not belong")
    mask, rest = _list(tokens)
    if rest:
        raise ValueError("fields has a parenthesis too many")
    return mask


def _list(tokens: list[str]) -> tuple[Mask, list[str]]:
    mask: Mask = {}
    while tokens:
        name, tokens = tokens[0], tokens[1:]
        if not name[0].isalpha():
            raise ValueError("fields names nothing")
        below: Mask = {}
        if tokens[:1] == ["/"]:
            inner, tokens = _list_one(tokens[1:])
            below = inner
        elif tokens[:1] == ["("]:
            below, tokens = _list(tokens[1:])
            if tokens[:1] != [")"]:
                raise ValueError("fields has a parenthesis too few")
            tokens = tokens[1:]
        mask[name] = below
        if tokens[:1] != [","]:
            break
        tokens = tokens[1:]
    return mask, tokens


def _list_one(tokens: list[str]) -> tuple[Mask, list[str]]:
    """What follows a slash: one name, with what is below it."""
    if not tokens or not tokens[0][0].isalpha():
        raise ValueError("fields ends with a slash")
    name, tokens = tokens[0], tokens[1:]
    if tokens[:1] == ["/"]:
        below, tokens = _list_one(tokens[1:])
        return {name: below}, tokens
    return {name: {}}, tokens


def cut(value: Any, mask: Mask) -> Any:
    """`value` with what the mask names."""
    if not mask:
        return value
    if isinstance(value, list):
        return [cut(item, mask) for item in value]
    if isinstance(value, dict):
        return {name: cut(value[name], below) for name, below in mask.items() if name in value}
    return value
