"""Short codes by which a caller can name an appointment."""

from __future__ import annotations

from sqlalchemy import exists, select

from domain.database import Scope
from domain.scheduling.models import Appointment

ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""Without 0, O, 1 and I, which are mistaken for one another when read or heard."""
LENGTH = 6
_TRIES = 20


async def new_code(scope: Scope) -> str:
    """A code that no appointment of this business has."""
    for _ in range(_TRIES):
        code = _random_code(scope)
        if not await scope.session.scalar(select(exists().where(Appointment.code == code))):
            return code
    raise RuntimeError("no free appointment code found")


def _random_code(scope: Scope) -> str:
    number = int(scope.seam.token(4), 16)
    return "".join(ALPHABET[(number >> (5 * place)) & 31] for place in reversed(range(LENGTH)))


def normalise_code(text: str) -> str:
    """A code as it is kept, from what somebody typed or a recogniser heard (`k7 f-2qx`)."""
    return "".join(character for character in text.upper() if character.isalnum())


def spoken_code(code: str) -> str:
    """Character by character, for reading back: `K7F2QX` → `K, 7, F, 2, Q, X`."""
    return ", ".join(code)
