"""The chains of a call."""

from __future__ import annotations

from uuid import UUID

import pytest
from livekit.agents import APIStatusError, vad
from livekit.agents.utils import http_context
from livekit.plugins import silero

from agent.chain.member import Attempt, in_order
from agent.providers import NoProvider, build, describe
from domain.businesses.profile import CallProfile, ProfileProvider
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


async def test_every_attempt_is_told_and_a_failure_without_its_content(detector: vad.VAD) -> None:
    async with http_context.open():
        made = build(Environment(), profile(), detector=detector, on_failed=lambda _: None)
    failed: list[ProviderFailed] = []
    attempts: list[Attempt] = []
    made.watch(failed.append, told=attempts.append)
    model = next(member for member in made.members if member.kind == "model")
    model.succeeded()
    model.failed(APIStatusError("Jane said something", status_code=429, body={"text": "Jane"}))
    assert failed == [ProviderFailed(kind="model", provider="openai", error="APIStatusError 429")]
    assert "Jane" not in failed[0].model_dump_json()
    assert [one.error is None for one in attempts] == [True, False]


async def test_a_provider_whose_breaker_is_open_is_asked_last_and_first_by_who_tries_it(
    detector: vad.VAD,
) -> None:
    address = "http://127.0.0.1:1/v1"
    chains = Providers(
        model=(Provider(vendor="openai"), Provider(vendor="openai", base_url=address))
    )
    stands = ProfileProvider(
        kind="model", provider="openai", own=False, asked_last=True, may_be_tried=True
    )
    known = profile(chains).model_copy(update={"providers": (stands,)})
    async with http_context.open():
        made = build(Environment(), known, detector=detector, on_failed=lambda _: None)
    assert [one.provider for one in made.model.members] == ["openai@127.0.0.1:1", "openai"]
    last = made.model.members[1]
    assert last.may_be_tried
    last.probe = True
    assert in_order(made.model.members)[0] is last
    last.failed(TimeoutError())
    assert in_order(made.model.members)[-1] is last
    # A chain of one keeps it.
    alone = known.model_copy(update={"settings": profile().settings})
    async with http_context.open():
        made = build(Environment(), alone, detector=detector, on_failed=lambda _: None)
    assert [one.provider for one in made.model.members] == ["openai"]


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
        assert made.left_out == (("model", "openai"),)
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
