"""Sections of RESULTS.md that are measured by themselves too."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

RESULTS = Path(__file__).with_name("RESULTS.md")


def write_section(heading: str, lines: Sequence[str], *, path: Path = RESULTS) -> None:
    """Put `lines` under `heading` (`## …`), in place of those that stand there; a new section comes before
    what was not measured."""
    text = path.read_text() if path.exists() else "# Bench\n"
    section = "\n".join([heading, "", *lines]) + "\n"
    before, found, rest = text.partition(f"{heading}\n")
    if not found:
        before, mark, rest = text.partition("## Not measured\n")
        path.write_text(f"{before.rstrip()}\n\n{section}" + (f"\n{mark}{rest}" if mark else ""))
        return
    after = rest.find("\n## ")
    path.write_text(before + section + (rest[after:] if after >= 0 else ""))
