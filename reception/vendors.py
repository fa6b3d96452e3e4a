"""Which vendors a call will use, and which of them are the built-in sandbox."""

from __future__ import annotations

from dataclasses import dataclass

from domain.environment import Environment
from domain.providers.endpoints import sandbox_vendors


@dataclass(frozen=True, kw_only=True)
class Vendor:
    """A vendor as the environment has it; `base_url` is empty for its own host or the sandbox."""

    name: str
    key_variable: str
    url_variable: str
    has_key: bool
    base_url: str
    sandboxed: bool
    """Neither key nor base URL: the sandbox stands in."""


def vendors(environment: Environment) -> list[Vendor]:
    """The three vendors in the order of a turn: hearing, thinking, speaking."""
    stand_ins = sandbox_vendors(environment)
    return [
        Vendor(
            name="Deepgram",
            key_variable="DEEPGRAM_API_KEY",
            url_variable="DEEPGRAM_BASE_URL",
            has_key=bool(environment.deepgram_api_key.get_secret_value()),
            base_url=environment.deepgram_base_url,
            sandboxed="deepgram" in stand_ins,
        ),
        Vendor(
            name="OpenAI",
            key_variable="OPENAI_API_KEY",
            url_variable="OPENAI_BASE_URL",
            has_key=bool(environment.openai_api_key.get_secret_value()),
            base_url=environment.openai_base_url,
            sandboxed="openai" in stand_ins,
        ),
        Vendor(
            name="ElevenLabs",
            key_variable="ELEVEN_API_KEY",
            url_variable="ELEVENLABS_BASE_URL",
            has_key=bool(environment.eleven_api_key.get_secret_value()),
            base_url=environment.elevenlabs_base_url,
            sandboxed="elevenlabs" in stand_ins,
        ),
    ]


def sandboxed(environment: Environment) -> list[Vendor]:
    """The vendors that the sandbox stands in for."""
    return [vendor for vendor in vendors(environment) if vendor.sandboxed]
