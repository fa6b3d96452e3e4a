"""Who hears, thinks and speaks on one call: the business's chains behind LiveKit's fallback adapters."""

from __future__ import annotations

import logging
import ssl
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import certifi
from livekit.agents import APIConnectOptions, llm, stt, tts, vad
from livekit.agents.voice.agent_session import SessionConnectOptions
from livekit.plugins import deepgram, elevenlabs, openai
from openai import AsyncOpenAI, DefaultAsyncHttpxClient

from agent.phrases import spoken_language
from agent.speech_store import RATE, Voicing
from domain.businesses.profile import CallProfile
from domain.businesses.settings import BusinessSettings, Kind, Language, Provider
from domain.calls.events import ProviderFailed
from domain.environment import Environment
from domain.errors import Invalid
from domain.providers.endpoints import Endpoint, endpoint, refuse_sandbox_in_production

HEARING_SECONDS: Final = 4.0
MODEL_SECONDS: Final = 4.0
SPEECH_SECONDS: Final = 3.0
"""How long an attempt may take before the next provider of the chain is asked."""
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

log = logging.getLogger("reception.agent.providers")
Failed = Callable[[ProviderFailed], None]


class NoProvider(Exception):
    """Not one entry of a chain can be used; `kind` says whose."""

    def __init__(self, kind: Kind) -> None:
        super().__init__(f"no provider for {kind}")
        self.kind = kind


@dataclass(frozen=True)
class Member:
    """One provider of a chain."""

    kind: Kind
    vendor: str
    model: stt.STT[Any] | llm.LLM[Any] | tts.TTS[Any]


@dataclass(frozen=True, kw_only=True)
class Providers:
    """The chains of one call. Belong to the job's event loop: made in the job, never before."""

    hearing: stt.FallbackAdapter
    model: llm.FallbackAdapter
    speech: tts.FallbackAdapter
    voicing: Voicing
    """Of the first entry of the speech chain: what recordings are looked up by."""
    sandbox: tuple[str, ...]
    """Vendors that are stand-ins on this call."""
    members: tuple[Member, ...]

    def watch(self, on_failed: Failed) -> None:
        """Tell of every failure of every provider: the adapters tell only when all have failed."""
        for member in self.members:
            member.model.on("error", _teller(member, on_failed))


def build(
    environment: Environment, profile: CallProfile, *, detector: vad.VAD, on_failed: Failed
) -> Providers:
    """The providers of a call; `on_failed` is told of entries that cannot be used.

    Raises NoProvider, and Refused for a stand-in in production.
    """
    settings = profile.settings
    hears = _usable(environment, "hearing", settings.providers.hearing, on_failed)
    thinks = _usable(environment, "model", settings.providers.model, on_failed)
    speaks = _usable(environment, "speech", settings.providers.speech, on_failed)
    everyone = [*hears, *thinks, *speaks]
    refuse_sandbox_in_production(environment, everyone)
    hearing: list[stt.STT[Any]] = [_hearing(one, profile) for one in hears]
    model: list[llm.LLM[Any]] = [_model(one, profile) for one in thinks]
    speech: list[tts.TTS[Any]] = [speaker(one, settings) for one in speaks]
    return Providers(
        hearing=stt.FallbackAdapter(
            hearing, vad=detector, attempt_timeout=HEARING_SECONDS, max_retry_per_stt=1,
            retry_interval=0.2,
        ),
        model=llm.FallbackAdapter(model, attempt_timeout=MODEL_SECONDS, max_retry_per_llm=0),
        speech=tts.FallbackAdapter(speech, max_retry_per_tts=1, sample_rate=RATE),
        voicing=voicing(speaks[0], settings),
        sandbox=tuple(dict.fromkeys(one.vendor for one in everyone if one.sandbox)),
        members=(
            *_members("hearing", hears, hearing),
            *_members("model", thinks, model),
            *_members("speech", speaks, speech),
        ),
    )  # fmt: skip


def speech_endpoints(environment: Environment, settings: BusinessSettings) -> list[Endpoint]:
    """The speech chain's endpoints that can be used, the preferred first."""
    return _usable(environment, "speech", settings.providers.speech, lambda failed: None)


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


def _model(chosen: Endpoint, profile: CallProfile) -> openai.LLM:
    options: dict[str, Any] = {}
    if not chosen.base_url:
        # Other servers of this protocol may refuse a parameter they do not know.
        options["prompt_cache_key"] = f"reception-{profile.business_id}"
    # The plugin's own client would read the machine's certificates again for each call (0.03 s).
    client = AsyncOpenAI(
        api_key=chosen.api_key,
        base_url=chosen.base_url or None,
        max_retries=0,
        http_client=DefaultAsyncHttpxClient(verify=tls(), timeout=MODEL_SECONDS),
    )
    return openai.LLM(model=chosen.model, client=client, **options)


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
    environment: Environment, kind: Kind, chain: Iterable[Provider], on_failed: Failed
) -> list[Endpoint]:
    found = []
    for provider in chain:
        try:
            found.append(endpoint(environment, provider))
        except Invalid as error:
            log.error("provider left out", extra={"kind": kind, "reason": str(error)})
            on_failed(ProviderFailed(kind=kind, provider=provider.vendor, error="not configured"))
    if not found:
        raise NoProvider(kind)
    return found


def _members(
    kind: Kind,
    endpoints: Iterable[Endpoint],
    models: Iterable[stt.STT[Any] | llm.LLM[Any] | tts.TTS[Any]],
) -> list[Member]:
    return [
        Member(kind, chosen.vendor, model) for chosen, model in zip(endpoints, models, strict=True)
    ]


def _teller(member: Member, on_failed: Failed) -> Callable[[Any], None]:
    def failed(event: Any) -> None:
        error = describe(event.error)
        on_failed(ProviderFailed(kind=member.kind, provider=member.vendor, error=error))

    return failed


def describe(error: BaseException) -> str:
    """An error's type and status, never its content: that may hold what somebody said."""
    status = getattr(error, "status_code", None)
    name = type(error).__name__
    return f"{name} {status}" if isinstance(status, int) and status > 0 else name
