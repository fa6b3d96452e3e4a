"""What goes wrong on a user's machine, told in words that he can act on and without a trace."""

from __future__ import annotations


class ReceptionError(Exception):
    """Something that a command needs is not as it must be; the message says what, and what to do."""
