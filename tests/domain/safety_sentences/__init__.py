"""What callers say, dangerous and harmless, as recognisers write it; one file for each language."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

LANGUAGES = ("en", "es", "hi")


def sentences(language: str) -> Iterator[tuple[str, str]]:
    """What each is (`none`: harmless), and its words."""
    for line in (Path(__file__).parent / f"{language}.txt").read_text().splitlines():
        if line.strip() and not line.startswith("#"):
            what, _, text = line.partition(": ")
            yield what, text
