"""Whom to ring for a caller who wants a person: planned from what a call knows of its business, so that it
works with the database away."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from domain.businesses.profile import ProfileDepartment, ProfilePerson, Routing
from domain.handoffs import shifts
from domain.handoffs.hours import is_open, open_spans
from domain.handoffs.matching import match_department

WhyNobody = Literal["outside_hours", "nobody_on_call", "no_number", "unknown_department"]

DAYS_AHEAD: Final = 14
"""How far it is looked for when somebody can be reached again."""
RING_SECONDS: Final = 20
"""For a telephone that belongs to no department."""


@dataclass(frozen=True, kw_only=True)
class Telephone:
    """One telephone to ring."""

    number: str
    """E.164."""
    person_id: UUID | None = None
    department_id: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class Round:
    """Telephones rung at the same time, for so many seconds."""

    telephones: tuple[Telephone, ...]
    ring_seconds: int


@dataclass(frozen=True, kw_only=True)
class HandoffPlan:
    """Rounds in their order; with none, why, and when somebody can be reached again (UTC)."""

    rounds: tuple[Round, ...] = ()
    department_id: UUID | None = None
    department_name: str = ""
    why_nobody: WhyNobody | None = None
    reachable_at: datetime | None = None
    known: tuple[str, ...] = ()
    """For an unknown department: the names of those there are."""

    def within(self, seconds: int) -> HandoffPlan:
        """As much of it as rings within so many seconds."""
        rounds, left = [], seconds
        for one in self.rounds:
            if left <= 0:
                break
            rounds.append(replace(one, ring_seconds=min(one.ring_seconds, left)))
            left -= one.ring_seconds
        return replace(self, rounds=tuple(rounds))


def plan_handoff(
    routing: Routing,
    *,
    now: datetime,
    department: str | UUID | None = None,
    person_id: UUID | None = None,
) -> HandoffPlan:
    """The telephones to ring at `now`.

    A department is given by its id or as a caller names it; without one it is the first. It can be rung
    in its hours only; whoever is on call for it then is rung instead of its members. Its own telephone
    comes first. Where it has nobody, or there is none at all, the last resort is rung. A person who is named is rung
    whatever the hours: somebody who knows them asked for them.
    """
    chosen = _choose(routing, department)
    if person_id is not None:
        return _plan_person(routing, person_id, chosen)
    if chosen is None and department is not None and routing.departments:
        known = tuple(one.name for one in routing.departments)
        return HandoffPlan(why_nobody="unknown_department", known=known)
    if chosen is None:
        return _last_resort(routing) or HandoffPlan(why_nobody="no_number")
    plan = HandoffPlan(department_id=chosen.id, department_name=chosen.name)
    if not is_open(routing, chosen, at=now):
        reachable_at = _reachable_at(routing, chosen, now)
        return replace(plan, why_nobody="outside_hours", reachable_at=reachable_at)
    rounds = _rounds(routing, chosen, now)
    if rounds:
        return replace(plan, rounds=rounds)
    resort = _last_resort(routing, chosen)
    if resort is not None:
        return resort
    on_paper = chosen.member_ids or _on_call(routing, chosen, now)
    return replace(
        plan,
        why_nobody="no_number" if on_paper else "nobody_on_call",
        reachable_at=_reachable_at(routing, chosen, now),
    )


def _choose(routing: Routing, department: str | UUID | None) -> ProfileDepartment | None:
    if department is None:
        return routing.departments[0] if routing.departments else None
    if isinstance(department, UUID):
        return next((one for one in routing.departments if one.id == department), None)
    return match_department(department, routing.departments)


def _plan_person(
    routing: Routing, person_id: UUID, department: ProfileDepartment | None
) -> HandoffPlan:
    person = next((one for one in routing.people if one.id == person_id), None)
    if person is None or not person.phone:
        return HandoffPlan(why_nobody="no_number")
    seconds = RING_SECONDS if department is None else department.ring_seconds
    telephone = Telephone(number=person.phone, person_id=person.id)
    return HandoffPlan(rounds=(Round(telephones=(telephone,), ring_seconds=seconds),))


def _last_resort(
    routing: Routing, department: ProfileDepartment | None = None
) -> HandoffPlan | None:
    if not routing.last_resort:
        return None
    seconds = RING_SECONDS if department is None else department.ring_seconds
    telephone = Telephone(number=routing.last_resort)
    return HandoffPlan(
        rounds=(Round(telephones=(telephone,), ring_seconds=seconds),),
        department_id=None if department is None else department.id,
        department_name="" if department is None else department.name,
    )


def _rounds(routing: Routing, department: ProfileDepartment, at: datetime) -> tuple[Round, ...]:
    own = department.phone
    people = tuple(
        Telephone(number=person.phone, person_id=person.id, department_id=department.id)
        for person in _ringable(routing, department, at)
        if person.phone != own
    )
    once: list[tuple[Telephone, ...]] = []
    if own:
        once.append((Telephone(number=own, department_id=department.id),))
    if department.ring == "all_at_once":
        once.extend([people] if people else [])
    else:
        once.extend((one,) for one in people)
    seconds = department.ring_seconds
    return tuple(Round(telephones=one, ring_seconds=seconds) for one in once) * department.tries


def _ringable(
    routing: Routing, department: ProfileDepartment, at: datetime
) -> Iterator[ProfilePerson]:
    """Those who are rung at an instant: no telephone twice."""
    people = {person.id: person for person in routing.people}
    numbers: set[str] = set()
    for person_id in _on_call(routing, department, at) or department.member_ids:
        person = people.get(person_id)
        if person is not None and person.phone and person.phone not in numbers:
            numbers.add(person.phone)
            yield person


def _on_call(routing: Routing, department: ProfileDepartment, at: datetime) -> Sequence[UUID]:
    """Whose shifts are on at an instant, in the order of the rota."""
    zone = ZoneInfo(routing.time_zone)
    return [
        shift.person_id
        for shift in routing.shifts
        if shift.department_id == department.id and shifts.covers(shift, zone, at)
    ]


def _reachable_at(
    routing: Routing, department: ProfileDepartment, now: datetime
) -> datetime | None:
    """The next instant at which the department can be rung and has somebody; None where there is none in
    the next two weeks."""
    last = now + timedelta(days=DAYS_AHEAD)
    changes = sorted(_changes_of_rota(routing, department, now, last))
    for begins, ends in open_spans(routing, department, first=now, last=last):
        for at in [begins, *(one for one in changes if begins < one < ends)]:
            if at > now and (routing.last_resort or _rounds(routing, department, at)):
                return at
    return None


def _changes_of_rota(
    routing: Routing, department: ProfileDepartment, first: datetime, last: datetime
) -> set[datetime]:
    zone = ZoneInfo(routing.time_zone)
    first_day, last_day = first.astimezone(zone).date(), last.astimezone(zone).date()
    return {
        at
        for shift in routing.shifts
        if shift.department_id == department.id
        for one in shifts.times(
            shift, zone, first_day=first_day - timedelta(days=1), last_day=last_day
        )
        for at in (one.begins_at, one.ends_at)
    }


__all__ = ["HandoffPlan", "Round", "Telephone", "WhyNobody", "plan_handoff"]
