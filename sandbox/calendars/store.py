"""Things with versions, of which it is known in which order they changed."""

from __future__ import annotations

import copy
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any


@dataclass
class Thing:
    """One event or resource. `gone`: deleted, and remembered for whoever asks what changed."""

    id: str
    body: dict[str, Any]
    version: int
    changed: int
    changed_at: datetime
    gone: bool = False


@dataclass
class Store:
    """Things by id, and the tokens that were given out for them."""

    things: dict[str, Thing] = field(default_factory=dict)
    tokens: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Page and change tokens, with what they stand for."""
    clock: int = 0

    def put(self, body: dict[str, Any], *, id: str) -> Thing:
        """Make or replace one, as its owner or a client does."""
        self.clock += 1
        before = self.things.get(id)
        version = before.version + 1 if before else 1
        thing = Thing(id, copy.deepcopy(body), version, self.clock, datetime.now(UTC))
        self.things[id] = thing
        return thing

    def delete(self, id: str) -> None:
        """Raises KeyError when there is none."""
        self.clock += 1
        thing = self.things[id]
        thing.gone, thing.changed, thing.version = True, self.clock, thing.version + 1
        thing.changed_at = datetime.now(UTC)

    def living(self) -> list[Thing]:
        return [thing for thing in self.things.values() if not thing.gone]

    def changed_since(self, moment: int) -> list[Thing]:
        """In the order in which they changed."""
        later = [thing for thing in self.things.values() if thing.changed > moment]
        return sorted(later, key=lambda thing: thing.changed)

    def token(self, **meaning: Any) -> str:
        """A new token that stands for `meaning`."""
        name = secrets.token_urlsafe(16)
        self.tokens[name] = meaning
        return name

    def forget_tokens(self) -> None:
        """As vendors do after some weeks, or when they please."""
        self.tokens.clear()
