"""Who hears, thinks and speaks: how each does, and what an operator decides about it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from litestar import Request, Router, get, put
from litestar.di import Provide
from litestar.params import JSONBody, PathParameter
from pydantic import Field

from admin.authentication import Transaction, needs, provide_key_scope
from admin.models import Body, Instant, View
from admin.pages import Page
from admin.problems import READS, WRITES
from domain.accounts.principal import Principal
from domain.businesses.settings import Kind, Providers
from domain.businesses.versions import current_settings
from domain.database import Scope
from domain.providers import operations as providers
from domain.tables import INSTALLATION

KindName = Annotated[Kind, PathParameter()]
ProviderName = Annotated[str, PathParameter(min_length=1, max_length=300)]

_STATE = (
    "`closed`: calls use it in its place. `open`: more than half of at least five tries in five minutes"
    " failed; calls ask it last. `half_open`: one call is trying whether it works again."
)
_OVERRIDE = (
    "`open`: asked last, `closed`: asked in its place, whatever the figures say; null: they decide."
)


class ProviderReport(View):
    """One provider, and how it does."""

    kind: Kind
    provider: str = Field(
        description="The vendor, and its host where settings chose another address.",
        examples=["openai", "openai@llm.example:8443"],
    )
    own: bool = Field(
        description="The business's own key or address; else the installation's, for every business."
    )
    state: Literal["closed", "open", "half_open"] = Field(description=_STATE)
    since: Instant | None = Field(
        description="When the state last changed; null: it never has.",
    )
    tries: int = Field(description="In the last five minutes.", examples=[42])
    failures: int = Field(description="In the last five minutes.", examples=[1])
    override: Literal["open", "closed"] | None = Field(description=_OVERRIDE)
    override_by: str | None = Field(description="The id of the user or key.")
    override_at: Instant | None


class ProviderOverride(Body):
    """What an operator decides."""

    state: Literal["open", "closed"] | None = Field(description=_OVERRIDE)


@get("/", guards=[needs("manager")], responses=READS, summary="List providers")
async def list_providers(transaction: Transaction) -> Page[ProviderReport]:
    """How the providers of the business's chains do, those of the installation among them. An operator who
    names no business sees the installation's."""
    found = await providers.reports(transaction, used=await _used(transaction))
    return Page(items=[ProviderReport.model_validate(one) for one in found], next=None)


@put(
    "/{kind:str}/{provider:str}/override",
    guards=[needs("operator")],
    responses=WRITES,
    summary="Override a provider's breaker",
)
async def override_provider(
    request: Request[Principal, Any, Any],
    transaction: Transaction,
    kind: KindName,
    provider: ProviderName,
    data: JSONBody[ProviderOverride],
) -> ProviderReport:
    """Decide whether calls ask the provider in its place or last, from the next call on: the installation's
    provider, or with `X-Business` a business's own."""
    report = await providers.decide(
        transaction,
        kind=kind,
        provider=provider,
        state=data.state,
        by=str(request.user.id),
        used=await _used(transaction),
    )
    return ProviderReport.model_validate(report)


async def _used(scope: Scope) -> Providers | None:
    """The chains of the scope's business; None for the installation."""
    if scope.business_id == INSTALLATION:
        return None
    settings, _ = await current_settings(scope)
    return settings.providers


router = Router(
    path="/providers",
    tags=["providers"],
    dependencies={"transaction": Provide(provide_key_scope)},
    route_handlers=[list_providers, override_provider],
)
