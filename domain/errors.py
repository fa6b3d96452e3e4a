"""What a domain operation may refuse, in words that can be shown to people and acted on by the model."""

from __future__ import annotations


class DomainError(Exception):
    """An operation was refused; nothing was written."""


class Invalid(DomainError):
    """A value is not acceptable. `field` names it as the API does (dotted path)."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason


class NotFound(DomainError):
    """There is no such thing in this business. `noun` is the kind of thing, never its private content."""

    def __init__(self, noun: str) -> None:
        super().__init__(f"{noun} not found")
        self.noun = noun


class Conflict(DomainError):
    """The request clashes with what is already there (a taken time, a number in use)."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Refused(DomainError):
    """A rule of the business or of access forbids it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
