"""The demo business: a dental practice with everything a call can ask for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time
from uuid import UUID

from sqlalchemy import text

from domain.businesses import numbers, operations as businesses
from domain.businesses.directory import business_for_number
from domain.businesses.settings import BookingRules, BusinessSettings, PublicHolidays
from domain.database import Database, Scope
from domain.handoffs import departments
from domain.hours import operations as hours
from domain.knowledge import operations as knowledge
from domain.people import operations as people
from domain.rooms import operations as rooms
from domain.services import operations as services

DEMO_NUMBER = "+12025550100"

_SETTINGS = BusinessSettings(
    greeting="Thank you for calling Riverside Dental. How can I help you today?",
    assistant_name="Robin",
    address="418 Water Street, Washington, D C",
    instructions=(
        "You answer for a friendly neighbourhood dental practice. Callers with strong pain, swelling, "
        "bleeding that does not stop or a broken tooth are offered the next emergency visit first. "
        "Never give medical advice or name a diagnosis."
    ),
    booking=BookingRules(cancellation_notice_hours=24, late_cancellation_fee="50 dollars"),
    public_holidays=PublicHolidays(
        closed=True,
        subdivision="DC",
        open_on=(
            "Martin Luther King Jr. Day",
            "Inauguration Day",
            "Washington's Birthday",
            "Emancipation Day",
            "Emancipation Day (observed)",
            "Juneteenth National Independence Day",
            "Juneteenth National Independence Day (observed)",
            "Indigenous Peoples' Day",
            "Veterans Day",
            "Veterans Day (observed)",
        ),
    ),
)


@dataclass(frozen=True, kw_only=True)
class _Service:
    name: str
    minutes: int
    price: str
    description: str
    given_by: tuple[str, ...]
    after: int = 0
    """Minutes to make the room ready again."""
    needs_chair: bool = False


_CHEN, _PATEL, _ROSSI = "Dr. Sarah Chen", "Dr. Michael Patel", "Elena Rossi"

_CHAIR = "Hygiene chair"

_PEOPLE = (
    # Numbers that are kept free for fiction: nobody has them.
    (_CHEN, "dentist", "+12025550141"),
    (_PATEL, "dentist", "+12025550142"),
    (_ROSSI, "hygienist", "+12025550143"),
)

_SERVICES = (
    _Service(
        name="Check-up",
        minutes=30,
        price="85 dollars",
        description="A look at teeth and gums, with x-rays where they are due.",
        given_by=(_CHEN, _PATEL),
    ),
    _Service(
        name="Cleaning",
        minutes=45,
        price="120 dollars",
        description="Scaling and polishing by the hygienist.",
        given_by=(_ROSSI,),
        after=5,
        needs_chair=True,
    ),
    _Service(
        name="New patient exam",
        minutes=60,
        price="150 dollars, x-rays included",
        description="The first visit: a full examination, x-rays and a plan.",
        given_by=(_CHEN, _PATEL),
    ),
    _Service(
        name="Filling",
        minutes=60,
        price="from 190 dollars",
        description="A tooth-coloured filling.",
        given_by=(_CHEN, _PATEL),
        after=10,
    ),
    _Service(
        name="Whitening",
        minutes=90,
        price="390 dollars",
        description="Whitening of the front teeth in one visit.",
        given_by=(_ROSSI,),
        after=10,
    ),
    _Service(
        name="Emergency visit",
        minutes=30,
        price="110 dollars, treatment not included",
        description="Pain, swelling, a broken tooth or a lost filling or crown.",
        given_by=(_CHEN, _PATEL),
    ),
    _Service(
        name="Crown",
        minutes=90,
        price="from 1,100 dollars",
        description="The first of two visits for a crown.",
        given_by=(_CHEN,),
        after=10,
    ),
    _Service(
        name="Root canal",
        minutes=90,
        price="from 800 dollars",
        description="Treatment of an inflamed nerve.",
        given_by=(_PATEL,),
        after=10,
    ),
    _Service(
        name="Extraction",
        minutes=45,
        price="from 180 dollars",
        description="Removal of a tooth.",
        given_by=(_PATEL,),
        after=15,
    ),
    _Service(
        name="Consultation",
        minutes=20,
        price="free of charge",
        description="A talk about implants, braces or other treatment.",
        given_by=(_CHEN, _PATEL),
    ),
)

_MONDAY, _TUESDAY, _WEDNESDAY, _THURSDAY, _FRIDAY, _SATURDAY = range(6)

_OPENING: tuple[hours.Span, ...] = (
    *(
        hours.Span(weekday=day, opens=time(8), closes=time(17))
        for day in (_MONDAY, _TUESDAY, _WEDNESDAY, _THURSDAY)
    ),
    hours.Span(weekday=_FRIDAY, opens=time(8), closes=time(15)),
    hours.Span(weekday=_SATURDAY, opens=time(9), closes=time(13)),
)

_WORKING: dict[str, tuple[hours.Span, ...]] = {
    _CHEN: tuple(
        hours.Span(weekday=day, opens=opens, closes=closes)
        for day in (_MONDAY, _TUESDAY, _WEDNESDAY, _THURSDAY)
        for opens, closes in ((time(8), time(12)), (time(13), time(17)))
    ),
    _PATEL: (
        *(
            hours.Span(weekday=day, opens=opens, closes=closes)
            for day in (_MONDAY, _WEDNESDAY, _THURSDAY)
            for opens, closes in ((time(9), time(12)), (time(13), time(17)))
        ),
        hours.Span(weekday=_FRIDAY, opens=time(8), closes=time(15)),
        hours.Span(weekday=_SATURDAY, opens=time(9), closes=time(13)),
    ),
    _ROSSI: (
        *(
            hours.Span(weekday=day, opens=time(8), closes=time(16))
            for day in (_MONDAY, _TUESDAY, _WEDNESDAY, _THURSDAY)
        ),
        hours.Span(weekday=_FRIDAY, opens=time(8), closes=time(15)),
    ),
}

_CLOSURES = (
    # Beside the public holidays.
    (date(2026, 11, 27), "the day after Thanksgiving"),
    (date(2026, 12, 24), "Christmas Eve"),
    (date(2026, 12, 26), "Christmas"),
)

_KNOWLEDGE = (
    (
        "Where can I park? Is there free parking nearby?",
        "There is free parking for our patients behind the building, reached from Canal Lane. Two spaces by "
        "the door are kept for people with a disability permit.",
    ),
    (
        "Which insurance do you take? Do you accept Delta Dental, Aetna, Cigna, MetLife or Blue Cross?",
        "We take Delta Dental, Aetna, Cigna, MetLife and Blue Cross, and bill them for you. We are out of "
        "network for United Healthcare. We do not take Medicare or Medicaid.",
    ),
    (
        "How can I pay? Do you accept credit cards, cash or checks?",
        "You can pay by credit or debit card, by cash or with a health savings card. We do not take checks. "
        "Payment is due on the day of the visit.",
    ),
    (
        "Do you offer payment plans or financing?",
        "For treatment above 500 dollars you can pay in up to twelve monthly instalments without interest.",
    ),
    (
        "Are you taking new patients?",
        "Yes, we are taking new patients. The first visit is a new patient exam of one hour.",
    ),
    (
        "What should I bring to my first visit?",
        "Please bring a photo identification, your insurance card, a list of the medicines you take, and "
        "recent x-rays if you have any. Come ten minutes early to fill in the forms.",
    ),
    (
        "What is your cancellation policy?",
        "Please cancel or move an appointment at least 24 hours before it begins. After that, or if you do "
        "not come, we charge 50 dollars.",
    ),
    (
        "Do you see children? From what age do you treat kids?",
        "Yes, we see children from the age of three. A parent or guardian has to come along.",
    ),
    (
        "What can I do about tooth pain or a toothache before my visit?",
        "We can not give medical advice over the telephone. We keep time free every day for people in pain "
        "and can book an emergency visit. If you have trouble breathing or swallowing, or the swelling "
        "spreads, dial 911.",
    ),
    (
        "Where are you located? How do I get there? Can you give me directions to the office?",
        "We are at 418 Water Street in Washington, D C, opposite the library. The Waterfront metro station "
        "on the green line is three minutes away on foot.",
    ),
    (
        "Is the building wheelchair accessible?",
        "Yes. There is a ramp at the parking entrance, and a lift to our rooms on the second floor.",
    ),
    (
        "Do you speak Spanish or other languages?",
        "Dr. Chen and our hygienist Elena speak Spanish. Dr. Patel speaks Hindi.",
    ),
    (
        "Do you offer implants, braces or clear aligners?",
        "We place implants and fit clear aligners. For metal braces we send you to an orthodontist. A "
        "consultation about any of these is free of charge.",
    ),
    (
        "How long does whitening last? Does whitening hurt?",
        "Whitening lasts one to three years, depending on coffee, tea and smoking. Some people's teeth feel "
        "sensitive for a day or two.",
    ),
    (
        "Can I get a copy of my x-rays or records?",
        "Yes. We send records and x-rays by e-mail within two working days, free of charge.",
    ),
    (
        "What is your website and email address?",
        "Our web site is riverside dental dot example, and our e-mail address is hello at riverside dental "
        "dot example.",
    ),
    (
        "Do you offer sedation for nervous patients?",
        "We offer laughing gas for 60 dollars. Please tell us when you book, and do not eat for two hours "
        "before.",
    ),
)


async def seed_demo(database: Database) -> UUID:
    """Make the demo business that answers DEMO_NUMBER, unless it is there; its id."""
    existing = await business_for_number(database, DEMO_NUMBER)
    if existing is not None:
        return existing
    business_id = database.seam.new_id()
    async with database.scope(business_id=business_id) as scope:
        # Two parts that start at once wait here; the second then finds the first one's business.
        await scope.session.execute(text("SELECT pg_advisory_xact_lock(hashtext('seed_demo'))"))
        existing = await scope.session.scalar(
            text("SELECT business_for_number(:e164)"), {"e164": DEMO_NUMBER}
        )
        if existing is not None:
            return UUID(str(existing))
        await _seed(scope)
    return business_id


async def _seed(scope: Scope) -> None:
    await businesses.create(
        scope,
        name="Riverside Dental",
        time_zone="America/New_York",
        country="US",
        settings=_SETTINGS,
    )
    await numbers.add(scope, e164=DEMO_NUMBER, label="main line")
    ids: dict[str, UUID] = {}
    for name, title, phone in _PEOPLE:
        ids[name] = (await people.create(scope, name=name, title=title, phone=phone)).id
    await departments.create(
        scope,
        name="Front desk",
        description="Bills, insurance, records, and whatever else the assistant can't settle",
        phone="+12025550140",
        member_ids=[ids[_ROSSI]],
    )
    await departments.create(
        scope,
        name="Emergencies",
        description="Strong pain, swelling, bleeding that does not stop, or a broken tooth, at any hour",
        hours="always",
        ring_seconds=25,
        tries=2,
        member_ids=[ids[_CHEN], ids[_PATEL]],
    )
    chair = await rooms.create(scope, name=_CHAIR)
    for service in _SERVICES:
        await services.create(
            scope,
            name=service.name,
            duration_minutes=service.minutes,
            buffer_after_minutes=service.after,
            price=service.price,
            description=service.description,
            person_ids=[ids[name] for name in service.given_by],
            room_ids=[chair.id] if service.needs_chair else [],
        )
    await hours.replace_hours(scope, spans=_OPENING)
    for name, spans in _WORKING.items():
        await hours.replace_hours(scope, spans=spans, person_id=ids[name])
    for day, reason in _CLOSURES:
        await hours.create_closure(scope, first_day=day, reason=reason)
    for question, answer in _KNOWLEDGE:
        await knowledge.create(scope, question=question, answer=answer)
