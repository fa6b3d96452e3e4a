"""What the vendors of one sandbox share."""

from __future__ import annotations

from dataclasses import dataclass, field

from aiohttp import web

from sandbox.calendars.state import Calendars
from sandbox.delays import Delays
from sandbox.faults import Faults
from sandbox.hearing.recogniser import RecogniserPool
from sandbox.hearing.script import Scripts
from sandbox.thinking.misbehaviour import Misbehaviours
from sandbox.traffic import Traffic


@dataclass
class Shared:
    """Delays, faults, scripts, misbehaviours, counters, decoders and calendars of a running sandbox."""

    delays: Delays = field(default_factory=Delays)
    faults: Faults = field(default_factory=Faults)
    scripts: Scripts = field(default_factory=Scripts)
    misbehaviours: Misbehaviours = field(default_factory=Misbehaviours)
    traffic: Traffic = field(default_factory=Traffic)
    recognisers: RecogniserPool = field(default_factory=RecogniserPool)
    calendars: Calendars = field(default_factory=Calendars)


STATE = web.AppKey("shared", Shared)
