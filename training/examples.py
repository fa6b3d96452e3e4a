"""The examples: what a receptionist says, and what callers say, each with its label (`docs/truth.md`,
`docs/safety.md`). Written by hand for this; none of the sentences that measure the result is among them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).with_name("sentences")


@dataclass(frozen=True)
class Example:
    label: str
    text: str


def examples(name: str) -> Iterator[Example]:
    """Those of every file `<name>_*.tsv`, each once: label, tab, sentence. Raises ValueError naming the line."""
    seen: set[str] = set()
    for path in sorted(FOLDER.glob(f"{name}_*.tsv")):
        for number, line in enumerate(path.read_text().splitlines(), start=1):
            label, tab, text = line.partition("\t")
            if not tab or not text.strip():
                raise ValueError(f"{path.name}, line {number}: no label and sentence")
            if text.casefold() not in seen:
                seen.add(text.casefold())
                yield Example(label.strip(), text.strip())
