"""Where a vendor is reached for one call: settings first, then the environment, then the sandbox."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlsplit

from domain.businesses.settings import BusinessSettings, Provider
from domain.environment import Environment
from domain.errors import Invalid, Refused

Vendor = Literal["deepgram", "openai", "elevenlabs"]
VENDORS: tuple[Vendor, ...] = ("deepgram", "openai", "elevenlabs")

SANDBOX_KEY = "sandbox"
NO_KEY = "none"
"""Sent where an endpoint wants no key: the plugins refuse to start with an empty one."""

_LISTEN = "/v1/listen"


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """One vendor as a plugin takes it. `base_url` is "" for the vendor's own address.

    Otherwise it is what the plugin wants: Deepgram's whole `…/v1/listen`, the others' `…/v1`.
    """

    vendor: Vendor
    base_url: str
    api_key: str = field(repr=False)
    model: str
    sandbox: bool
    own: bool = False
    """Its key or its address is the business's own: what it does says nothing of the installation's."""
    name: str = ""
    """What its breaker is known by: the vendor, and the host where settings chose the address."""


def endpoint(
    environment: Environment,
    provider: Provider,
    *,
    variables: Mapping[str, str] | None = None,
) -> Endpoint:
    """Resolve `provider`: its own base URL, else the environment's, else the vendor's own address when
    there is a key, else the sandbox. A base URL alone works, with no key.

    The environment's key never goes to an address that settings chose: whoever may write settings
    could send it to themselves. Such an address has the key that `api_key_variable` names in
    `variables` (default: the process's environment). Raises Invalid when that variable is not set.
    """
    key = _named_key(provider, os.environ if variables is None else variables)
    model = provider.model or (environment.openai_model if provider.vendor == "openai" else "")
    sandbox = False
    if provider.base_url:
        base_url, key = _fitted(provider.vendor, provider.base_url), key or NO_KEY
    else:
        ours, own_key = _of_environment(environment, provider.vendor)
        key = key or own_key
        if ours:
            base_url, key = _fitted(provider.vendor, ours), key or NO_KEY
        elif key:
            base_url = ""
        else:
            sandbox, key = True, SANDBOX_KEY
            base_url = _fitted(provider.vendor, f"{environment.sandbox_address}/v1")
    return Endpoint(
        vendor=provider.vendor,
        base_url=base_url,
        api_key=key,
        model=model,
        sandbox=sandbox,
        own=own_endpoint(provider),
        name=endpoint_name(provider),
    )


def own_endpoint(provider: Provider) -> bool:
    """Whether its key or its address is the business's own."""
    return bool(provider.base_url or provider.api_key_variable)


def endpoint_name(provider: Provider) -> str:
    """What its breaker is known by. Without the model: what fails as a rule is the vendor."""
    host = urlsplit(provider.base_url).netloc.rpartition("@")[2]
    return f"{provider.vendor}@{host}" if host else provider.vendor


def sandbox_vendors(environment: Environment) -> tuple[Vendor, ...]:
    """The vendors for which the environment has neither key nor base URL."""
    return tuple(vendor for vendor in VENDORS if not any(_of_environment(environment, vendor)))


def used_vendors(settings: BusinessSettings) -> tuple[Provider, ...]:
    """Every provider of a business's chains, in the order hearing, model, speech."""
    chains = settings.providers
    return (*chains.hearing, *chains.model, *chains.speech)


def refuse_sandbox_in_production(
    environment: Environment, endpoints: Iterable[Endpoint] = ()
) -> None:
    """Raises Refused naming the vendors when, in production, the environment or one of `endpoints`
    would have callers heard or answered by a stand-in."""
    if not environment.production:
        return
    names = set(sandbox_vendors(environment))
    names.update(one.vendor for one in endpoints if one.sandbox)
    if names:
        listed = ", ".join(vendor for vendor in VENDORS if vendor in names)
        raise Refused(
            f"production has neither key nor base URL for {listed}: set them, or run in development"
        )


def _named_key(provider: Provider, variables: Mapping[str, str]) -> str:
    if not provider.api_key_variable:
        return ""
    key = variables.get(provider.api_key_variable, "")
    if not key:
        raise Invalid(
            "api_key_variable", f"{provider.api_key_variable} is not set in the environment"
        )
    return key


def _of_environment(environment: Environment, vendor: Vendor) -> tuple[str, str]:
    """(base URL, key) as the environment has them."""
    if vendor == "deepgram":
        return environment.deepgram_base_url, environment.deepgram_api_key.get_secret_value()
    if vendor == "openai":
        return environment.openai_base_url, environment.openai_api_key.get_secret_value()
    return environment.elevenlabs_base_url, environment.eleven_api_key.get_secret_value()


def _fitted(vendor: Vendor, base_url: str) -> str:
    """`base_url` as the vendor's plugin wants it."""
    base_url = base_url.rstrip("/")
    if vendor != "deepgram" or base_url.endswith("/listen"):
        return base_url
    if base_url.endswith("/v1"):
        return f"{base_url}/listen"
    return f"{base_url}{_LISTEN}"
