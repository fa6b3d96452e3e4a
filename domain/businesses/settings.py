"""A business's settings: one versioned model, stored whole with its history."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

Language = Literal["en-US", "en-GB", "es-ES", "es-US", "hi-IN"]
Kind = Literal["hearing", "model", "speech"]
LONGEST_CALL_SECONDS: Final = 4 * 3600
"""The most that a business may let a call last."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class Provider(_Part):
    """One vendor endpoint in an ordered chain. Empty fields come from the environment."""

    vendor: Literal["deepgram", "openai", "elevenlabs"]
    """Whose protocol it speaks."""
    model: str = Field("", max_length=100)
    """The vendor's name of the model; empty: the installation's choice."""
    base_url: str = Field("", max_length=500, pattern=r"^(https?://.+)?$")
    """Another endpoint that speaks the vendor's protocol."""
    api_key_variable: str = Field("", max_length=100, pattern=r"^([A-Z][A-Z0-9_]*_API_KEY)?$")
    """Environment variable that holds this endpoint's key; keys never stand in settings."""


class Providers(_Part):
    """Who hears, thinks and speaks, the preferred first."""

    hearing: Annotated[tuple[Provider, ...], Field(min_length=1, max_length=4)] = (
        Provider(vendor="deepgram", model="nova-3"),
    )
    model: Annotated[tuple[Provider, ...], Field(min_length=1, max_length=4)] = (
        Provider(vendor="openai"),
    )
    speech: Annotated[tuple[Provider, ...], Field(min_length=1, max_length=4)] = (
        Provider(vendor="elevenlabs", model="eleven_turbo_v2_5"),
    )


class BookingRules(_Part):
    """What may be booked, by the assistant and by staff."""

    minimum_notice_minutes: int = Field(60, ge=0, le=60 * 24 * 30)
    """How long ahead an appointment must be booked at least."""
    horizon_days: int = Field(60, ge=1, le=730)
    """How many days ahead may be booked."""
    slot_step_minutes: int = Field(15, ge=5, le=240)
    """Appointments begin at multiples of this from the beginning of the hours."""
    cancellation_notice_hours: int = Field(0, ge=0, le=24 * 14)
    """What begins sooner than this the assistant cancels or moves only against the late fee, and not at
    all where none is set; staff may."""
    late_cancellation_fee: str = Field("", max_length=80)
    """As it is told to callers, for example `50 dollars`; never calculated with."""
    waiting_list_hold_minutes: int = Field(240, ge=10, le=60 * 48)
    """How long a time that came free is kept for the next on the waiting list."""


class PublicHolidays(_Part):
    """On which public holidays the business is closed."""

    closed: bool = False
    """Whether it is closed on them at all."""
    subdivision: str = Field("", max_length=6, pattern=r"^[A-Z0-9]*$")
    """ISO 3166-2 without the country (`NY`), for the main address; empty: the whole country's."""
    open_on: Annotated[tuple[str, ...], Field(max_length=100)] = ()
    """Names of those on which it is open all the same."""


class CallLimits(_Part):
    """When the assistant ends a call by itself."""

    maximum_seconds: int = Field(1800, ge=60, le=LONGEST_CALL_SECONDS)
    """The longest that a call may last."""
    silence_seconds: float = Field(12, ge=5, le=120)
    """Silence of both sides before the caller is asked whether they are still there."""
    silence_prompts: int = Field(2, ge=1, le=5)
    """How often they are asked before the call ends."""
    repeat_calls: int = Field(60, ge=5, le=1000)
    """How often one number may call within `repeat_minutes`: what comes beyond is told so, and ended. Numbers of
    the business's own people are not counted."""
    repeat_minutes: int = Field(10, ge=1, le=24 * 60)


class Handoff(_Part):
    """How callers are handed to a person's telephone."""

    kind: Literal["warm", "cold"] = "warm"
    """`warm`: the person is rung into the call, told of it, and takes it or not. `cold`: the caller is sent
    to them by SIP REFER, which some carriers charge less for, and some refuse."""
    after_person: Literal["end", "assistant"] = "end"
    """What the caller gets when the person has hung up."""
    staff_first_seconds: int = Field(0, ge=0, le=60)
    """How long the first department rings before the assistant answers; 0: the assistant answers."""
    shown_number: Literal["business", "caller"] = "business"
    """The number that staff see on their telephone; many carriers refuse the caller's."""


class BusinessSettings(_Part):
    """Everything a business may set about how its calls are answered."""

    greeting: str = Field(..., min_length=1, max_length=600)
    """The first words of every call."""
    voice: str = Field(
        "hpp4J3VqNfWAUOO0d1Us", min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_-]+$"
    )
    """The speech vendor's voice id."""
    language: Language = "en-US"
    """The language in which calls are answered."""
    instructions: str = Field("", max_length=8000)
    """How the assistant should behave, in the business's own words; never a source of rules."""
    recording_notice: str = Field("", max_length=600)
    """Said before anything is recorded, where the law asks for it."""
    transfer_number: str = Field("", pattern=r"^(\+[1-9][0-9]{6,14})?$")
    """Rung for callers who want a person (E.164) where no department has anybody; empty: a message is
    taken."""
    assistant_name: str = Field("", max_length=60)
    """What the assistant calls itself; empty: nothing in particular."""
    address: str = Field("", max_length=300)
    """The main address, as callers are told it."""
    emergency_number: str = Field("", max_length=15, pattern=r"^([0-9]{2,15})?$")
    """Callers in danger are told to dial it; empty: the number of the business's country."""
    providers: Providers = Providers()
    booking: BookingRules = BookingRules()
    public_holidays: PublicHolidays = PublicHolidays()
    limits: CallLimits = CallLimits()
    handoff: Handoff = Handoff()
