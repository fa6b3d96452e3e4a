"""Every table in one import, for migrations."""

from domain.accounts.models import ApiKey, Session, User
from domain.alerts.models import Alert
from domain.businesses.models import Business, Number, SettingsVersion
from domain.calendars.models import BusyTime, Calendar, CalendarEntry, CalendarFeed
from domain.calls.models import Call, CallEvent, CallLexeme
from domain.contacts.models import Contact
from domain.handoffs.models import Department, DepartmentHours, DepartmentMember, RotaShift
from domain.hours.models import Closure, DateHours, WeeklyHours
from domain.idempotency.models import IdempotentRequest
from domain.knowledge.models import KnowledgeEntry
from domain.messages.models import Message
from domain.people.models import Person, Resource
from domain.places.models import Place
from domain.providers.models import ProviderBreaker, ProviderTally
from domain.rooms.models import Room, ServiceRoom
from domain.scheduling.models import (
    Appointment,
    AppointmentEvent,
    AppointmentResource,
    AppointmentSeries,
    Offer,
    WaitingListEntry,
)
from domain.services.models import Service, ServicePerson
from domain.switches.models import Switch
from domain.tables import Base
from domain.watching.models import SyntheticCall, WorkerSign

__all__ = [
    "Alert",
    "ApiKey",
    "Appointment",
    "AppointmentEvent",
    "AppointmentResource",
    "AppointmentSeries",
    "Base",
    "Business",
    "BusyTime",
    "Calendar",
    "CalendarEntry",
    "CalendarFeed",
    "Call",
    "CallEvent",
    "CallLexeme",
    "Closure",
    "Contact",
    "DateHours",
    "Department",
    "DepartmentHours",
    "DepartmentMember",
    "IdempotentRequest",
    "KnowledgeEntry",
    "Message",
    "Number",
    "Offer",
    "Person",
    "Place",
    "ProviderBreaker",
    "ProviderTally",
    "Resource",
    "Room",
    "RotaShift",
    "Service",
    "ServicePerson",
    "ServiceRoom",
    "Session",
    "SettingsVersion",
    "Switch",
    "SyntheticCall",
    "User",
    "WaitingListEntry",
    "WeeklyHours",
    "WorkerSign",
]
