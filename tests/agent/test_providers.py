"""The chains of a call."""

from __future__ import annotations

from uuid import UUID

import pytest
from livekit.agents import APIStatusError, vad
from livekit.agents.utils import http_context
from livekit.plugins import silero

from agent.providers import NoProvider, build, describe
from domain.businesses.profile import CallProfile
from domain.businesses.settings import BusinessSettings, Provider, Providers
from domain.calls.events import ProviderFailed
from domain.environment import Environment
from domain.errors import Refused


@pytest.fixture(scope="module")
def detector() -> vad.VAD:
    return silero.VAD.load()


def profile(providers: Providers = Providers()) -> CallProfile:  # noqa: B008 - frozen
    return CallProfile(
        business_id=UUID(int=1),
        name="Riverside Dental",
        time_zone="America/New_York",
        country="US",
        settings=BusinessSettings(greeting="Hello.", providers=providers),
        settings_version=1,
    )


async def test_one_entry_or_several_stand_behind_fallback_adapters(detector: vad.VAD) -> None:
    backup = Provider(vendor="openai", model="other", base_url="http://127.0.0.1:1/v1")
    chains = Providers(model=(Provider(vendor="openai"), backup))
    failed: list[ProviderFailed] = []
    async with http_context.open():
        made = build(Environment(), profile(chains), detector=detector, on_failed=failed.append)
    assert [member.kind for member in made.members] == ["hearing", "model", "model", "speech"]
    assert made.model.model == Environment().openai_model
    assert made.sandbox == ("deepgram", "openai", "elevenlabs")
    assert made.voicing.origin == "sandbox"
    assert not failed


async def test_every_provider_s_failure_is_told_without_its_content(detector: vad.VAD) -> None:
    async with http_context.open():
        made = build(Environment(), profile(), detector=detector, on_failed=lambda _: None)
    told: list[ProviderFailed] = []
    made.watch(told.append)
    error = APIStatusError("Jane said something", status_code=429, body={"text": "Jane"})
    model = next(member.model for member in made.members if member.kind == "model")
    model.emit("error", type("Error", (), {"error": error})())
    assert told == [ProviderFailed(kind="model", provider="openai", error="APIStatusError 429")]
    assert "Jane" not in told[0].model_dump_json()


async def test_an_entry_without_its_key_is_left_out_and_told(detector: vad.VAD) -> None:
    keyless = Provider(vendor="openai", api_key_variable="NOT_SET_API_KEY")
    failed: list[ProviderFailed] = []
    async with http_context.open():
        made = build(
            Environment(),
            profile(Providers(model=(keyless, Provider(vendor="openai")))),
            detector=detector,
            on_failed=failed.append,
        )
        assert [one.error for one in failed] == ["not configured"]
        assert len(made.members) == 3
        with pytest.raises(NoProvider) as error:
            build(
                Environment(),
                profile(Providers(model=(keyless,))),
                detector=detector,
                on_failed=failed.append,
            )
    assert error.value.kind == "model"


async def test_production_refuses_stand_ins(detector: vad.VAD) -> None:
    async with http_context.open():
        with pytest.raises(Refused, match="deepgram"):
            build(
                Environment(reception_env="production"),
                profile(),
                detector=detector,
                on_failed=lambda _: None,
            )


def test_an_error_is_described_by_its_type_and_status() -> None:
    assert describe(TimeoutError("Jane")) == "TimeoutError"
