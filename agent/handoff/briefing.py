"""What the person who answers is told of the call: the facts are code's, the words the model's if it is quick."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from livekit.agents import APIConnectOptions, llm

from agent.phrases import spoken_language
from domain.businesses.settings import Language

WORDING_SECONDS: Final = 2.5
_LONGEST: Final = 320
"""Characters: about twenty seconds of speech."""
_HEARD_LINES: Final = 6

Mood = Literal["", "upset", "in_a_hurry"]

_DEEDS: Final[dict[str, Mapping[str, str]]] = {
    "appointment_booked": {"en": "an appointment was booked", "es": "se ha reservado una cita", "hi": "अपॉइंटमेंट बुक हुआ"},
    "appointment_moved": {"en": "an appointment was moved", "es": "se ha cambiado una cita", "hi": "अपॉइंटमेंट का समय बदला गया"},
    "appointment_cancelled": {"en": "an appointment was cancelled", "es": "se ha cancelado una cita", "hi": "अपॉइंटमेंट रद्द हुआ"},
    "waiting_list_joined": {"en": "they are on the waiting list", "es": "está en la lista de espera", "hi": "नाम प्रतीक्षा सूची में है"},
    "message_taken": {"en": "a message was taken", "es": "se ha tomado un mensaje", "hi": "संदेश लिया गया"},
}  # fmt: skip
_MOODS: Final[dict[Mood, Mapping[str, str]]] = {
    "upset": {"en": "They sound upset.", "es": "Parece molesta.", "hi": "वे नाराज़ लगते हैं।"},
    "in_a_hurry": {"en": "It is urgent to them.", "es": "Le urge.", "hi": "उन्हें जल्दी है।"},
}
_UPSET: Final = re.compile(
    r"\b(?:angry|upset|furious|ridiculous|unacceptable|terrible|complain(?:t|ing)?|disappointed|fed up"
    r"|enfadad[oa]|molest[oa]|inaceptable|queja|vergüenza)\b|नाराज़|शिकायत|बकवास"
)
_HURRY: Final = re.compile(
    r"\b(?:urgent(?:ly)?|emergency|right now|immediately|as soon as possible|in pain|bleeding"
    r"|urgente|urgencia|emergencia|ahora mismo|cuanto antes|dolor)\b|तुरंत|आपातकाल|दर्द|जल्दी"
)

log = logging.getLogger("reception.agent.handoff")


@dataclass(frozen=True, kw_only=True)
class BriefingFacts:
    """What is known of the call, and nothing that is guessed."""

    name: str
    """The caller's, or empty."""
    phone: str
    """E.164, or empty when withheld."""
    reason: str
    deeds: tuple[str, ...] = ()
    """Types of events that this call's journal holds."""
    heard: tuple[str, ...] = ()
    """What the caller said last, the latest at the end."""

    @property
    def mood(self) -> Mood:
        said = " ".join((*self.heard, self.reason)).lower()
        if _UPSET.search(said):
            return "upset"
        return "in_a_hurry" if _HURRY.search(said) else ""


def template(facts: BriefingFacts, language: Language) -> str:
    """The briefing without a model."""
    spoken = spoken_language(language)
    who = facts.name or _unnamed(facts.phone, spoken)
    reason = facts.reason.strip().rstrip(".!?")
    done = _joined([_DEEDS[deed][spoken] for deed in facts.deeds if deed in _DEEDS], spoken)
    mood = _MOODS[facts.mood][spoken] if facts.mood else ""
    if spoken == "es":
        words = f"Llama {who}"
        words += f": {reason}." if reason else "."
        words += f" Ya {done}." if done else ""
    elif spoken == "hi":
        words = f"{who} लाइन पर हैं"
        words += f": {reason}।" if reason else "।"
        words += f" {done}।" if done else ""
    else:
        words = f"{who} is on the line"
        words += f": {reason}." if reason else "."
        words += f" On this call {done}." if done else ""
    return f"{words} {mood}".strip()


async def worded(
    facts: BriefingFacts,
    language: Language,
    *,
    model: llm.LLM[Any] | None,
    seconds: float = WORDING_SECONDS,
) -> str:
    """The briefing in the model's words, or `template` when they are late, too long, or leave out who calls."""
    plain = template(facts, language)
    if model is None:
        return plain
    try:
        async with asyncio.timeout(seconds):
            text = await _ask(model, facts, plain, seconds)
    except Exception as error:
        # Whatever a vendor does here, a person is waiting on the telephone.
        log.info("briefing not worded", extra={"error": type(error).__name__})
        return plain
    text = " ".join(text.split())
    names_caller = not facts.name or facts.name.split()[0].lower() in text.lower()
    return text if text and len(text) <= _LONGEST and names_caller else plain


async def _ask(model: llm.LLM[Any], facts: BriefingFacts, plain: str, seconds: float) -> str:
    chat = llm.ChatContext.empty()
    chat.add_message(
        role="system",
        content="You brief a colleague who has just picked up the telephone and is about to be connected with a"
        " caller. One or two short spoken sentences: who calls, why, in what mood, and what was done. Use only"
        " what you are given; add nothing, promise nothing, and do not greet. Answer in the language of the"
        " plain wording.",
    )
    lines = [f"Caller: {facts.name or 'name unknown'}", f"Reason: {facts.reason}"]
    lines += [f"The caller said: {line}" for line in facts.heard[-_HEARD_LINES:]]
    chat.add_message(role="user", content="\n".join(lines))
    chat.add_message(role="system", content=f'Say this in your own words: "{plain}"')
    connect = APIConnectOptions(max_retry=0, timeout=seconds)
    pieces: list[str] = []
    async with model.chat(chat_ctx=chat, conn_options=connect) as stream:
        async for chunk in stream:
            if chunk.delta is not None and chunk.delta.content:
                pieces.append(chunk.delta.content)
    return "".join(pieces)


def _joined(parts: Sequence[str], spoken: str) -> str:
    word = {"en": " and ", "es": " y ", "hi": " और "}[spoken]
    return word.join(filter(None, [", ".join(parts[:-1]), *parts[-1:]]))


def _unnamed(phone: str, spoken: str) -> str:
    # The last digits, one by one: enough to know a caller by, and quickly said.
    digits = " ".join(phone[-4:])
    if spoken == "es":
        return f"un número que termina en {digits}" if phone else "un número oculto"
    if spoken == "hi":
        return f"{digits} पर ख़त्म होने वाला नंबर" if phone else "छिपा हुआ नंबर"
    return f"A caller whose number ends in {digits}" if phone else "A caller with a hidden number"
