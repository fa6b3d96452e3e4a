"""The kinds of claims, the deeds that they are counted as, and the tools that make them true."""

from __future__ import annotations

from typing import Final, Literal

from domain.calls.events import Deed

Spoken = Literal["en", "es", "hi"]
"""The languages in which claims are recognised, as ISO 639-1 names them."""

Kind = Literal[
    "booked",
    "standing",
    "held",
    "listed",
    "moved",
    "cancelled",
    "confirmed",
    "sent",
    "mailed",
    "connected",
    "saved",
    "done",
]
"""`standing`: the caller has an appointment, whoever booked it. `listed`: they are on the waiting list. `sent`: a
message for the staff; `mailed`: something for the caller (an e-mail, a text). `done`: whatever was asked
for."""

Firmness = Literal["done", "announced"]
"""`done`: it is said to be so. `announced`: it is said to be happening, or promised: true when it is done, or
when the tool for it is called in the same breath."""

DEED: Final[dict[Kind, Deed]] = {
    "booked": "booked",
    "standing": "booked",
    "held": "booked",
    "listed": "saved",
    "moved": "moved",
    "cancelled": "cancelled",
    "confirmed": "confirmed",
    "sent": "sent",
    "mailed": "sent",
    "connected": "connected",
    "saved": "saved",
    "done": "booked",
}
"""What the call's log calls it."""

TOOLS: Final[dict[Kind, frozenset[str]]] = {
    "booked": frozenset({"book_appointment"}),
    "standing": frozenset({"book_appointment", "find_appointments"}),
    "held": frozenset({"book_appointment"}),
    "listed": frozenset({"find_times"}),
    "moved": frozenset({"move_appointment"}),
    "cancelled": frozenset({"cancel_appointment"}),
    "confirmed": frozenset({"find_appointments"}),
    "sent": frozenset({"take_message", "transfer_to_person"}),
    "mailed": frozenset(),
    "connected": frozenset({"transfer_to_person"}),
    "saved": frozenset({"save_caller", "take_message", "book_appointment"}),
    "done": frozenset(),
}
"""Which tools do it."""
