"""All that decides when and where a service can be given, but for what is taken."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from domain.encryption import current_keyring
from domain.holidays.operations import closed_days
from domain.scheduling.availability import Length
from domain.scheduling.rules import Rules, zone_named
from domain.scheduling.timetable import (
    Closing,
    DayHours,
    Hours,
    Minutes,
    Timetable,
    joined,
    minutes_between,
    weekly_hours,
)

_NEVER: tuple[DayHours, ...] = ((),) * 7
_Scope = tuple[str | None, str | None]
"""Whose hours: of a person (None: opening hours) at a place (None: the main address)."""


@dataclass(frozen=True, kw_only=True)
class Giver:
    """A person who gives a service at one place (None: the business's main address)."""

    person_id: UUID
    resource_id: int
    timetable: Timetable
    place_id: UUID | None = None
    seats: tuple[int, ...] = ()
    """The resources of their further seats, in order: they are the first seat themselves."""
    daily_limit: int | None = None
    weekly_limit: int | None = None
    secret_name: bytes = field(default=b"", repr=False)

    @property
    def name(self) -> str:
        """Deciphered when asked for: of twenty who give a service, one or two are told."""
        return current_keyring().decrypt(self.secret_name).decode()

    @property
    def resources(self) -> tuple[int, ...]:
        """All that an appointment for which they must be free altogether takes."""
        return self.resource_id, *self.seats


@dataclass(frozen=True, kw_only=True)
class ServiceRules:
    """What a service asks for."""

    length: Length
    capacity: int
    notice: timedelta | None
    daily_limit: int | None
    weekly_limit: int | None


def notice_of(service: ServiceRules | None, rules: Rules) -> timedelta:
    """How long ahead it has to be booked: the service's own notice, or else the business's."""
    return rules.notice if service is None or service.notice is None else service.notice


@dataclass(frozen=True, kw_only=True)
class RoomSeats:
    """A room that a service may be given in. A room of one seat is taken whole."""

    room_id: UUID
    resource_id: int
    seats: tuple[int, ...]
    """The resources of its seats as far as they are there; of a room of one seat all it ever had."""
    count: int

    @property
    def shared(self) -> bool:
        """Whether several appointments may be in it, each on a seat of its own."""
        return self.count > 1


@dataclass(frozen=True)
class _Place:
    zone: ZoneInfo
    country: str
    subdivision: str


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Who gives a service where, when they work and in which rooms it is given, on the days it was
    read for."""

    rules: Rules
    service: ServiceRules | None
    needs_room: bool
    first_day: date
    last_day: date
    _document: Mapping[str, Any] = field(repr=False)

    def givers(self, *, place_id: UUID | None = None) -> list[Giver]:
        """Each person at each active place at which they work, by their ids; at one place only if
        that is given (the business's own id means its main address)."""
        found: list[Giver] = []
        for person in self._document["people"] or ():
            for place in self._places_of(person[0], person[2]):
                if place in self._places and (place_id is None or place_id == self._id_of(place)):
                    found.append(self._giver(person, place))
        return found

    def giver_at(self, person_id: UUID, place_id: UUID | None) -> Giver | None:
        """The person at a place, though they may never work there; None if they do not give the
        service or the place is not active."""
        key = None if place_id is None else str(place_id)
        for person in self._document["people"] or ():
            if person[0] == str(person_id) and key in self._places:
                return self._giver(person, key)
        return None

    def home_of(self, person_id: UUID) -> Giver | None:
        """The person at the place that is theirs, whether they have hours there or not."""
        for person in self._document["people"] or ():
            if person[0] == str(person_id) and person[2] in self._places:
                return self._giver(person, person[2])
        return None

    def opening_at(self, place_id: UUID | None) -> Timetable:
        """When an active place is open, whoever works there."""
        place = None if place_id is None else str(place_id)
        closings = self._closings
        return Timetable(
            zone=self._places[place].zone,
            opening=self._opening[place],
            closings=[
                one for whose in {(None, None), (None, place)} for one in closings.get(whose, ())
            ],
            holidays=self._holidays.get(place, frozenset()),
        )

    def country_of(self, place_id: UUID | None) -> tuple[str, str]:
        """The country (ISO 3166-1) and its part of an active place, for its public holidays."""
        place = self._places[None if place_id is None else str(place_id)]
        return place.country, place.subdivision

    def rooms_at(self, place_id: UUID | None) -> Sequence[RoomSeats]:
        """The active rooms of the service at a place, by name."""
        return self._rooms[None if place_id is None else str(place_id)]

    def has_place(self, place_id: UUID) -> bool:
        """Whether there is such an active place; the business's own id means its main address."""
        return place_id == self._business_id or str(place_id) in self._places

    def place_meant_by(self, place_id: UUID) -> UUID | None:
        """None for the main address, where the business's own id stands for it."""
        return None if place_id == self._business_id else place_id

    def _id_of(self, place: str | None) -> UUID | None:
        return self._business_id if place is None else UUID(place)

    @cached_property
    def _business_id(self) -> UUID:
        return UUID(self._document["business_id"])

    def _places_of(self, person: str, home: str | None) -> list[str | None]:
        """Where they have weekly hours, or else the place that is theirs; and where they have hours
        on some date."""
        hours = self._weekly_places.get(person, {home})
        return sorted(hours | self._dated_places.get(person, set()), key=lambda place: place or "")

    @cached_property
    def _places(self) -> dict[str | None, _Place]:
        rules = self.rules
        found: dict[str | None, _Place] = {
            None: _Place(rules.zone, rules.country, rules.public_holidays.subdivision)
        }
        for place, zone, country, subdivision in self._document["places"] or ():
            found[place] = _Place(zone_named(zone), country, subdivision)
        return found

    @cached_property
    def _seats(self) -> dict[int, tuple[int, ...]]:
        found: dict[int, list[int]] = defaultdict(list)
        for parent, seat in self._document["seats"] or ():
            found[parent].append(seat)
        return {parent: tuple(seats) for parent, seats in found.items()}

    @cached_property
    def _rooms(self) -> dict[str | None, list[RoomSeats]]:
        found: dict[str | None, list[RoomSeats]] = defaultdict(list)
        for room, resource, place, seats in self._document["rooms"] or ():
            every = (resource, *self._seats.get(resource, ()))
            found[place].append(
                RoomSeats(
                    room_id=UUID(room),
                    resource_id=resource,
                    seats=every[:seats] if seats > 1 else every,
                    count=seats,
                )
            )
        return found

    @cached_property
    def _weekly(self) -> dict[_Scope, tuple[DayHours, ...]]:
        found: dict[_Scope, list[tuple[int, Minutes]]] = defaultdict(list)
        for person, place, weekday, opens, closes in self._document["weekly"] or ():
            found[person, place].append((weekday, minutes_between(opens, closes)))
        return {whose: weekly_hours(spans) for whose, spans in found.items()}

    @cached_property
    def _dates(self) -> dict[_Scope, dict[date, DayHours]]:
        found: dict[_Scope, dict[date, list[Minutes]]] = defaultdict(lambda: defaultdict(list))
        for person, place, day, opens, closes in self._document["dates"] or ():
            found[person, place][date.fromisoformat(day)].append(minutes_between(opens, closes))
        return {
            whose: {day: joined(spans) for day, spans in days.items()}
            for whose, days in found.items()
        }

    @cached_property
    def _weekly_places(self) -> dict[str, set[str | None]]:
        return _places_by_person(self._weekly)

    @cached_property
    def _dated_places(self) -> dict[str, set[str | None]]:
        return _places_by_person(self._dates)

    @cached_property
    def _closings(self) -> dict[_Scope, list[Closing]]:
        found: dict[_Scope, list[Closing]] = defaultdict(list)
        for person, place, first, last, since, until in self._document["closures"] or ():
            between = None if since is None or until is None else (since, until)
            found[person, place].append(
                Closing(date.fromisoformat(first), date.fromisoformat(last), between)
            )
        return found

    @cached_property
    def _opening(self) -> dict[str | None, Hours]:
        """Opening hours by place; those without weekly hours of their own have the main address's,
        but for their own dates."""
        main = Hours(self._weekly.get((None, None)), self._dates.get((None, None), {}))
        found: dict[str | None, Hours] = {None: main}
        for place in self._places:
            if place is None:
                continue
            weekly, dates = self._weekly.get((None, place)), self._dates.get((None, place), {})
            if weekly is None:
                found[place] = Hours(main.weekly, {**main.dates, **dates})
            else:
                found[place] = Hours(weekly, dates)
        return found

    @cached_property
    def _holidays(self) -> dict[str | None, frozenset[date]]:
        settings = self.rules.public_holidays
        if not settings.closed:
            return {}
        return {
            key: frozenset(
                closed_days(
                    country=place.country,
                    subdivision=place.subdivision,
                    first_day=self.first_day,
                    last_day=self.last_day,
                    open_on=settings.open_on,
                )
            )
            for key, place in self._places.items()
        }

    def _giver(self, person: Sequence[Any], place: str | None) -> Giver:
        key, resource_id, home, daily_limit, weekly_limit, secret_name = person
        own = (key, place)
        # Somebody with hours elsewhere only does not work here whenever it is open.
        at_home = place == home and key not in self._weekly_places
        weekly = self._weekly.get(own, None if at_home else _NEVER)
        closings = self._closings
        whose: Iterable[_Scope] = {(None, None), (None, place), (key, None), own}
        return Giver(
            person_id=UUID(key),
            resource_id=resource_id,
            place_id=None if place is None else UUID(place),
            seats=self._seats.get(resource_id, ()),
            daily_limit=daily_limit,
            weekly_limit=weekly_limit,
            secret_name=secret_name.encode(),
            timetable=Timetable(
                zone=self._places[place].zone,
                opening=self._opening[place],
                own=Hours(weekly, self._dates.get(own, {})),
                closings=[one for scope in whose if scope in closings for one in closings[scope]],
                holidays=self._holidays.get(place, frozenset()),
            ),
        )


def _places_by_person(scopes: Iterable[_Scope]) -> dict[str, set[str | None]]:
    found: dict[str, set[str | None]] = defaultdict(set)
    for person, place in scopes:
        if person is not None:
            found[person].add(place)
    return dict(found)
