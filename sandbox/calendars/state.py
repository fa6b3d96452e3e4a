"""What the calendars of one sandbox hold."""

from __future__ import annotations

from dataclasses import dataclass, field

from sandbox.calendars.oauth import Authority
from sandbox.calendars.store import Store


@dataclass
class Account:
    """One vendor's stand-in: who is signed in, and what stands there."""

    authority: Authority
    store: Store = field(default_factory=Store)
    page_size: int = 100
    """The most of a page, however many are asked for."""
    circles: bool = False
    """Whether lists of changes never end, as has been seen of Microsoft's."""
    terse: bool = False
    """Whether a write is answered with its place alone, as some practice systems do."""


@dataclass
class Calendars:
    """Every vendor's."""

    google: Account = field(default_factory=lambda: Account(Authority(rotates=False)))
    microsoft: Account = field(default_factory=lambda: Account(Authority(rotates=True)))
    fhir: Account = field(default_factory=lambda: Account(Authority(rotates=False)))
