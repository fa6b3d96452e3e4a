"""Where each vendor is reached."""

from __future__ import annotations

from typing import Any

import pytest

from domain.businesses.settings import BusinessSettings, Provider
from domain.environment import Environment
from domain.errors import Invalid, Refused
from domain.providers.endpoints import (
    Endpoint,
    endpoint,
    refuse_sandbox_in_production,
    sandbox_vendors,
    used_vendors,
)


def _environment(**values: Any) -> Environment:
    return Environment(_env_file=None, reception_sandbox_port=8090, **values)


@pytest.fixture(autouse=True)
def _no_vendor_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for vendor in ("DEEPGRAM", "OPENAI", "ELEVEN", "ELEVENLABS"):
        for kind in ("API_KEY", "BASE_URL", "MODEL"):
            monkeypatch.delenv(f"{vendor}_{kind}", raising=False)


@pytest.mark.parametrize(
    ("vendor", "base_url"),
    [
        ("deepgram", "http://127.0.0.1:8090/v1/listen"),
        ("openai", "http://127.0.0.1:8090/v1"),
        ("elevenlabs", "http://127.0.0.1:8090/v1"),
    ],
)
def test_neither_key_nor_address_is_the_sandbox(vendor: Any, base_url: str) -> None:
    found = endpoint(_environment(), Provider(vendor=vendor))
    assert (found.base_url, found.api_key, found.sandbox) == (base_url, "sandbox", True)


def test_a_key_alone_is_the_vendor_itself() -> None:
    found = endpoint(_environment(deepgram_api_key="real"), Provider(vendor="deepgram"))
    assert (found.base_url, found.api_key, found.sandbox) == ("", "real", False)
    assert "real" not in repr(found)


def test_an_address_alone_needs_no_key() -> None:
    environment = _environment(openai_base_url="http://127.0.0.1:11434/v1/", openai_model="llama")
    found = endpoint(environment, Provider(vendor="openai"))
    assert found == Endpoint(
        vendor="openai",
        base_url="http://127.0.0.1:11434/v1",
        api_key="none",
        model="llama",
        sandbox=False,
        name="openai",
    )


def test_a_breaker_knows_an_endpoint_by_its_vendor_and_the_host_that_settings_chose() -> None:
    usual = endpoint(_environment(), Provider(vendor="openai", model="other"))
    assert (usual.name, usual.own) == ("openai", False)
    theirs = endpoint(
        _environment(), Provider(vendor="openai", base_url="https://user:pw@llm.example:8443/v1")
    )
    assert (theirs.name, theirs.own) == ("openai@llm.example:8443", True)
    keyed = Provider(vendor="openai", api_key_variable="THEIR_API_KEY")
    found = endpoint(_environment(), keyed, variables={"THEIR_API_KEY": "key"})
    assert (found.name, found.own) == ("openai", True)


@pytest.mark.parametrize(
    "given", ["https://stt.example", "https://stt.example/v1", "https://stt.example/v1/listen"]
)
def test_deepgrams_address_is_completed_to_listen(given: str) -> None:
    found = endpoint(_environment(deepgram_base_url=given), Provider(vendor="deepgram"))
    assert found.base_url == "https://stt.example/v1/listen"


def test_settings_win_over_the_environment() -> None:
    environment = _environment(openai_base_url="http://one/v1", openai_model="one")
    provider = Provider(vendor="openai", base_url="http://two/v1", model="two")
    found = endpoint(environment, provider)
    assert (found.base_url, found.model) == ("http://two/v1", "two")


def test_the_environments_key_never_goes_to_an_address_from_settings() -> None:
    environment = _environment(openai_api_key="installation")
    provider = Provider(vendor="openai", base_url="http://two/v1")
    assert endpoint(environment, provider).api_key == "none"
    named = provider.model_copy(update={"api_key_variable": "TWO_API_KEY"})
    found = endpoint(environment, named, variables={"TWO_API_KEY": "second"})
    assert found.api_key == "second"


def test_a_named_key_alone_is_the_vendor_with_another_account() -> None:
    provider = Provider(vendor="openai", api_key_variable="TWO_API_KEY")
    found = endpoint(_environment(), provider, variables={"TWO_API_KEY": "second"})
    assert (found.base_url, found.api_key, found.sandbox) == ("", "second", False)


def test_a_named_key_that_is_not_set_is_refused() -> None:
    with pytest.raises(Invalid, match="TWO_API_KEY"):
        endpoint(
            _environment(), Provider(vendor="openai", api_key_variable="TWO_API_KEY"), variables={}
        )


def test_the_sandboxed_vendors_are_listed() -> None:
    assert sandbox_vendors(_environment()) == ("deepgram", "openai", "elevenlabs")
    environment = _environment(openai_base_url="http://x/v1", eleven_api_key="k")
    assert sandbox_vendors(environment) == ("deepgram",)


def test_production_refuses_a_sandbox() -> None:
    keys = {"deepgram_api_key": "d", "openai_api_key": "o", "eleven_api_key": "e"}
    refuse_sandbox_in_production(_environment())
    refuse_sandbox_in_production(_environment(reception_env="production", **keys))
    with pytest.raises(Refused, match="deepgram, elevenlabs"):
        refuse_sandbox_in_production(_environment(reception_env="production", openai_api_key="o"))
    stand_in = Endpoint(vendor="openai", base_url="x", api_key="x", model="", sandbox=True)
    with pytest.raises(Refused, match="openai"):
        refuse_sandbox_in_production(_environment(reception_env="production", **keys), [stand_in])


def test_every_provider_of_a_business_is_known() -> None:
    used = used_vendors(BusinessSettings(greeting="Hi."))
    assert [provider.vendor for provider in used] == ["deepgram", "openai", "elevenlabs"]
