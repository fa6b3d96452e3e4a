"""Every table in one import, for migrations."""

from domain.accounts.models import ApiKey
from domain.businesses.models import Business, Number, SettingsVersion
from domain.calls.models import Call, CallEvent
from domain.contacts.models import Contact
from domain.hours.models import Closure, WeeklyHours
from domain.knowledge.models import KnowledgeEntry
from domain.messages.models import Message
from domain.people.models import Person, Resource
from domain.scheduling.models import Appointment, AppointmentResource, Offer
from domain.services.models import Service, ServicePerson
from domain.tables import Base

__all__ = [
    "ApiKey",
    "Appointment",
    "AppointmentResource",
    "Base",
    "Business",
    "Call",
    "CallEvent",
    "Closure",
    "Contact",
    "KnowledgeEntry",
    "Message",
    "Number",
    "Offer",
    "Person",
    "Resource",
    "Service",
    "ServicePerson",
    "SettingsVersion",
    "WeeklyHours",
]
