"""API keys."""

from __future__ import annotations

from uuid import UUID

from litestar import Router, delete, get, post
from litestar.di import Provide
from litestar.params import FromPath, JSONBody
from pydantic import Field

from admin.authentication import Transaction, needs, provide_key_scope
from admin.models import Body, Instant, View
from admin.pages import Page
from admin.problems import READS, WRITES
from domain.accounts import keys
from domain.accounts.principal import Role


class ApiKey(View):
    """A key; its text is shown once, when it is made."""

    id: UUID
    name: str = Field(examples=["front desk"])
    role: Role
    hint: str = Field(description="The key's first characters.", examples=["rcp_4f81c2"])
    created_at: Instant
    last_used_at: Instant | None = Field(description="To the minute.")
    revoked_at: Instant | None


class NewApiKey(Body):
    """A key to make."""

    name: str = Field(min_length=1, max_length=100, examples=["front desk"])
    role: Role = Field(description="`operator` keys belong to the installation.")


class MadeApiKey(ApiKey):
    """A key that was just made."""

    key: str = Field(description="Keep it: it is not shown again.")


@get("/", guards=[needs("owner")], responses=READS, summary="List API keys")
async def list_api_keys(transaction: Transaction) -> Page[ApiKey]:
    """Every key of the business, or of the installation for an operator who names none."""
    return Page(items=[ApiKey.model_validate(row) for row in await keys.list_keys(transaction)])


@post("/", guards=[needs("owner")], responses=WRITES, summary="Make an API key")
async def create_api_key(transaction: Transaction, data: JSONBody[NewApiKey]) -> MadeApiKey:
    """Make a key. `operator` needs an operator's key and no business."""
    row, key_text = await keys.create(transaction, name=data.name, role=data.role)
    return MadeApiKey(**ApiKey.model_validate(row).model_dump(), key=key_text)


@delete("/{key_id:uuid}", guards=[needs("owner")], responses=WRITES, summary="Revoke an API key")
async def revoke_api_key(transaction: Transaction, key_id: FromPath[UUID]) -> None:
    """Refuse a key from now on, even the one that asks."""
    await keys.revoke(transaction, key_id=key_id)


router = Router(
    path="/api-keys",
    tags=["api keys"],
    dependencies={"transaction": Provide(provide_key_scope)},
    route_handlers=[list_api_keys, create_api_key, revoke_api_key],
)
