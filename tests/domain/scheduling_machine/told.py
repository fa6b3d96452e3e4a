"""What the callers and the staff were told: the truth that the database is held against."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

State = Literal["held", "booked", "cancelled"]


@dataclass(frozen=True, kw_only=True)
class Told:
    """An appointment as its last answer described it."""

    id: UUID
    business_id: UUID
    service_id: UUID
    person_id: UUID
    starts_at: datetime
    ends_at: datetime
    before: timedelta
    after: timedelta
    """The buffers with which its time was taken."""
    state: State
    version: int
    held_until: datetime | None = None
    call_id: UUID | None = None
    offer_id: str | None = None
    may_be_gone: bool = False
    """A hold that its call has exchanged for another."""

    def expects(self, now: datetime) -> set[str]:
        """The states in which its row may be: a hold that has passed stays until somebody needs its
        time."""
        if self.state != "held":
            return {self.state}
        assert self.held_until is not None
        passed = self.held_until <= now
        return {"held", "cancelled"} if passed or self.may_be_gone else {"held"}

    def keeps_out(self, now: datetime) -> bool:
        """Whether nobody else may have its time."""
        if self.state == "held":
            assert self.held_until is not None
            return self.held_until > now and not self.may_be_gone
        return self.state == "booked"

    @property
    def span(self) -> tuple[datetime, datetime]:
        return self.starts_at - self.before, self.ends_at + self.after


@dataclass(kw_only=True)
class Ledger:
    """All that was told, by appointment."""

    by_id: dict[UUID, Told] = field(default_factory=dict)

    def settle(self, told: Told) -> None:
        """Take an answer in. Answers of things done at once come in any order: the appointment's version,
        which the database counts, says which was the last."""
        known = self.by_id.get(told.id)
        if known is None or told.version >= known.version:
            self.by_id[told.id] = told

    def give_back_holds(self, call_id: UUID | None, *, except_for: UUID) -> None:
        for told in list(self.by_id.values()):
            if told.call_id == call_id and told.state == "held" and told.id != except_for:
                self.by_id[told.id] = replace(told, may_be_gone=True)

    def of(self, business_id: UUID, *states: State) -> list[Told]:
        """The business's appointments in these states, in the order they were made."""
        return [
            told
            for told in self.by_id.values()
            if told.business_id == business_id and told.state in states
        ]
