"""Who hears, thinks and speaks on one call: the business's chains behind LiveKit's fallback adapters."""

from __future__ import annotations

import logging
import ssl
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import certifi
from livekit.agents import APIConnectOptions, llm, stt, tts, vad
from livekit.agents.voice.agent_session import SessionConnectOptions
from livekit.plugins import deepgram, elevenlabs, openai
from openai import AsyncOpenAI, DefaultAsyncHttpxClient

from agent.chain.hearing import HEARING_SECONDS, HearingChain
from agent.chain.member import AskedToWait, Attempt, Member, describe
from agent.chain.model import MODEL_SECONDS, ModelChain
from agent.chain.speech import SPEECH_SECONDS, SpeechChain
from agent.phrases import spoken_language
from agent.speech_store import RATE, Voicing
from agent.spoken_sentences import SpokenSentences
from domain.businesses.profile import CallProfile
from domain.businesses.settings import BusinessSettings, Kind, Language, Provider
from domain.calls.events import ProviderFailed
from domain.environment import Environment
from domain.errors import Invalid
from domain.providers.endpoints import (
    Endpoint,
    endpoint,
    endpoint_name,
    refuse_sandbox_in_production,
)

HEARING_RATE: Final = 16000
_MOST_KEYTERMS: Final = 50

CONNECT: Final = SessionConnectOptions(
    stt_conn_options=APIConnectOptions(max_retry=0, timeout=HEARING_SECONDS),
    llm_conn_options=APIConnectOptions(max_retry=1, retry_interval=0.3, timeout=MODEL_SECONDS),
    tts_conn_options=APIConnectOptions(max_retry=0, timeout=SPEECH_SECONDS),
    # The library would close the session, and leave the caller in silence: `failure` decides.
    max_unrecoverable_errors=1_000_000,
)

_DEEPGRAM_LANGUAGES: Final[dict[Language, str]] = {
    "en-US": "en-US",
    "en-GB": "en-GB",
    "es-ES": "es",
    "es-US": "es-419",
    "hi-IN": "hi",
}

__all__ = ["CONNECT", "HEARING_RATE", "NoProvider", "Providers", "build", "describe"]

log = logging.getLogger("reception.agent.providers")
Failed = Callable[[ProviderFailed], None]


class NoProvider(Exception):
    """Not one entry of a chain can be used; `kind` says whose."""

    def __init__(self, kind: Kind) -> None:
        super().__init__(f"no provider for {kind}")
        self.kind = kind


@dataclass(frozen=True, kw_only=True)
class Providers:
    """The chains of one call. Belong to the job's event loop: made in the job, never before."""

    hearing: HearingChain
    model: ModelChain
    speech: SpeechChain
    voicing: Voicing
    """Of the business's first entry that can be used: what recordings are looked up by."""
    sandbox: tuple[str, ...]
    """Vendors that are stand-ins on this call."""
    members: tuple[Member, ...]
    left_out: tuple[tuple[Kind, str], ...] = ()
    """Kind and provider of the entries that cannot be used."""

    def watch(self, on_failed: Failed, *, told: Callable[[Attempt], None]) -> None:
        """Tell of every failure of every provider, and `told` of every attempt. The session tells only when a
        whole chain has failed."""

        def attempted(attempt: Attempt) -> None:
            told(attempt)
            if attempt.error is not None:
                member = attempt.member
                error = describe(attempt.error)
                on_failed(ProviderFailed(kind=member.kind, provider=member.vendor, error=error))

        for member in self.members:
            member.told = attempted

    def prefer(self, member: Member) -> None:
        """Go over to a provider that this call is to try."""
        if member.kind == "hearing":
            self.hearing.prefer(member)

    def speaks_as_recorded(self) -> bool:
        """Whether the voice that was heard last is the one of the recordings."""
        first = min(
            (one for one in self.members if one.kind == "speech"), key=lambda one: one.position
        )
        return self.speech.served_by is first


def build(
    environment: Environment, profile: CallProfile, *, detector: vad.VAD, on_failed: Failed
) -> Providers:
    """The providers of a call, those whose breaker is open last; `on_failed` is told of entries that cannot be
    used.

    Raises NoProvider, and Refused for a stand-in in production.
    """
    settings = profile.settings
    left_out: list[tuple[Kind, str]] = []

    def cannot(kind: Kind, provider: Provider) -> None:
        left_out.append((kind, endpoint_name(provider)))
        on_failed(ProviderFailed(kind=kind, provider=provider.vendor, error="not configured"))

    hears = _usable(environment, "hearing", settings.providers.hearing, cannot)
    thinks = _usable(environment, "model", settings.providers.model, cannot)
    speaks = _usable(environment, "speech", settings.providers.speech, cannot)
    everyone = [*hears, *thinks, *speaks]
    refuse_sandbox_in_production(environment, everyone)
    hearing = _members("hearing", hears, [_hearing(one, profile) for one in hears], profile)
    models = [_model(one, profile) for one in thinks]
    model = _members("model", thinks, [one for one, _ in models], profile)
    for member in model:
        member.asked_to_wait = models[member.position][1]
    speech = _members("speech", speaks, [speaker(one, settings) for one in speaks], profile)
    return Providers(
        hearing=HearingChain(hearing, detector=detector),
        model=ModelChain(model),
        speech=SpeechChain(speech, sample_rate=RATE),
        voicing=voicing(speaks[0], settings),
        sandbox=tuple(dict.fromkeys(one.vendor for one in everyone if one.sandbox)),
        members=(*hearing, *model, *speech),
        left_out=tuple(left_out),
    )


def speech_endpoints(environment: Environment, settings: BusinessSettings) -> list[Endpoint]:
    """The speech chain's endpoints that can be used, the preferred first."""
    return _usable(environment, "speech", settings.providers.speech, lambda kind, provider: None)


def voicing(chosen: Endpoint, settings: BusinessSettings) -> Voicing:
    """How a business sounds at an endpoint."""
    return Voicing(
        vendor=chosen.vendor,
        origin="sandbox" if chosen.sandbox else chosen.base_url,
        model=chosen.model,
        voice=settings.voice,
        language=settings.language,
    )


def speaker(chosen: Endpoint, settings: BusinessSettings, **options: Any) -> elevenlabs.TTS:
    """The text-to-speech of an endpoint: PCM, so that nothing has to be decoded.

    `options` go to the plugin (`http_session`, outside a job).
    """
    if chosen.base_url:
        options["base_url"] = chosen.base_url
    if chosen.model:
        options["model"] = chosen.model
    return elevenlabs.TTS(
        voice_id=settings.voice,
        encoding="pcm_24000",
        language=spoken_language(settings.language),
        word_tokenizer=SpokenSentences(),
        # Of the words as they were given: what a voice left unsaid is found by them.
        preferred_alignment="original",
        api_key=chosen.api_key,
        **options,
    )


def _hearing(chosen: Endpoint, profile: CallProfile) -> deepgram.STT:
    model = chosen.model or "nova-3"
    options: dict[str, Any] = {"base_url": chosen.base_url} if chosen.base_url else {}
    if model.startswith("nova-3") and (terms := _keyterms(profile)):
        options["keyterm"] = terms
    return deepgram.STT(
        model=model,
        language=_DEEPGRAM_LANGUAGES[profile.settings.language],
        sample_rate=HEARING_RATE,
        punctuate=True,
        api_key=chosen.api_key,
        **options,
    )


def _model(chosen: Endpoint, profile: CallProfile) -> tuple[openai.LLM, AskedToWait]:
    options: dict[str, Any] = {}
    if not chosen.base_url:
        # Other servers of this protocol may refuse a parameter they do not know.
        options["prompt_cache_key"] = f"reception-{profile.business_id}"
    wait = AskedToWait()
    # The plugin's own client would read the machine's certificates again for each call (0.03 s).
    client = AsyncOpenAI(
        api_key=chosen.api_key,
        base_url=chosen.base_url or None,
        max_retries=0,
        http_client=DefaultAsyncHttpxClient(
            verify=tls(), timeout=MODEL_SECONDS, event_hooks={"response": [wait.look]}
        ),
    )
    return openai.LLM(model=chosen.model, client=client, **options), wait


@cache
def tls() -> ssl.SSLContext:
    """What this machine trusts; made once in the fork server, for every call."""
    return ssl.create_default_context(cafile=certifi.where())


def _keyterms(profile: CallProfile) -> list[str]:
    """Names that a recogniser cannot know (Deepgram: up to 100 key terms with nova-3)."""
    names = [profile.name, *(one.name for one in profile.people)]
    names += [one.name for one in profile.services]
    return list(dict.fromkeys(name for name in names if name))[:_MOST_KEYTERMS]


def _usable(
    environment: Environment,
    kind: Kind,
    chain: Iterable[Provider],
    cannot: Callable[[Kind, Provider], None],
) -> list[Endpoint]:
    found = []
    for provider in chain:
        try:
            found.append(endpoint(environment, provider))
        except Invalid as error:
            log.error("provider left out", extra={"kind": kind, "reason": str(error)})
            cannot(kind, provider)
    if not found:
        raise NoProvider(kind)
    return found


def _members(
    kind: Kind,
    endpoints: Sequence[Endpoint],
    plugins: Sequence[stt.STT[Any] | llm.LLM[Any] | tts.TTS[Any]],
    profile: CallProfile,
) -> list[Member]:
    """In the order in which they are asked."""
    stands = {(one.kind, one.provider, one.own): one for one in profile.providers}
    made = []
    for position, (chosen, plugin) in enumerate(zip(endpoints, plugins, strict=True)):
        found = stands.get((kind, chosen.name, chosen.own))
        made.append(
            Member(
                kind=kind,
                vendor=chosen.vendor,
                model=plugin,
                provider=chosen.name,
                own=chosen.own,
                position=position,
                asked_last=found is not None and found.asked_last,
                may_be_tried=found is not None and found.may_be_tried,
            )
        )
    return sorted(made, key=lambda one: one.asked_last)
