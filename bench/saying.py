"""What a run tells while it goes on."""

from __future__ import annotations

from collections.abc import Callable

Say = Callable[[str], None]


def say(line: str) -> None:
    """To stdout at once: a run takes long, and whoever watches may have piped it."""
    print(line, flush=True)


def why(error: BaseException) -> str:
    """What went wrong; the error's kind where it has no words."""
    return str(error) or type(error).__name__
