"""Services and prices as they are told to callers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from domain.scheduling.speech import spoken_length


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
    takes = f"{service.name} takes {spoken_length(service.duration_minutes, language=language)}"
    costs = f"; price: {service.price}" if service.price else ""
    return " ".join(part for part in (f"{takes}{costs}.", service.description) if part)


def spoken_services(services: Iterable[Offered]) -> str:
    """`Check-up (85 dollars), Cleaning (120 dollars)`; empty without any."""
    return ", ".join(
        f"{service.name} ({service.price})" if service.price else service.name
        for service in services
    )
