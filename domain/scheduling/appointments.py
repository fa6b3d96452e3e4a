"""Booking, holding, moving and cancelling appointments: the operations in one place for callers."""

from domain.scheduling.appointment_rows import LONGEST_ATTENDEE, LONGEST_NOTE, get
from domain.scheduling.booking import HOLD, book, book_directly, confirm, hold
from domain.scheduling.changes import (
    Change,
    LateFee,
    cancel,
    confirm_attendance,
    correct,
    late_fee,
    move,
)
from domain.scheduling.history import LONGEST_REASON
from domain.scheduling.occupation import TimeTaken

__all__ = [
    "HOLD",
    "LONGEST_ATTENDEE",
    "LONGEST_NOTE",
    "LONGEST_REASON",
    "Change",
    "LateFee",
    "TimeTaken",
    "book",
    "book_directly",
    "cancel",
    "confirm",
    "confirm_attendance",
    "correct",
    "get",
    "hold",
    "late_fee",
    "move",
]
