"""Services and prices as they are told to callers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from domain.scheduling.speech import spoken_length


@dataclass(frozen=True)
class _Words:
    takes: str
    price: str


_WORDS = {
    "en": _Words("{name} takes {length}", "price"),
    "es": _Words("{name} dura {length}", "precio"),
    "hi": _Words("{name} में {length} का समय लगता है", "कीमत"),
}


class Offered(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def description(self) -> str: ...
    @property
    def duration_minutes(self) -> int: ...
    @property
    def price(self) -> str: ...


def spoken_service(service: Offered, *, language: str = "en-US") -> str:
    """`Cleaning takes 45 minutes; price: 120 dollars. Scaling and polishing.`"""
    words = _WORDS.get(language.partition("-")[0], _WORDS["en"])
    takes = words.takes.format(
        name=service.name, length=spoken_length(service.duration_minutes, language=language)
    )
    costs = f"; {words.price}: {service.price}" if service.price else ""
    return " ".join(part for part in (f"{takes}{costs}.", service.description) if part)


def spoken_services(services: Iterable[Offered]) -> str:
    """`Check-up (85 dollars), Cleaning (120 dollars)`; empty without any."""
    return ", ".join(
        f"{service.name} ({service.price})" if service.price else service.name
        for service in services
    )
