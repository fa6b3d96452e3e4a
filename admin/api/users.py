"""The users of a business, and their passwords."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Request, Router, delete, get, patch, post
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, FromQuery, JSONBody
from pydantic import Field

from admin.api.account_models import User
from admin.authentication import (
    Transaction,
    actor_of,
    needs,
    provide_key_business_id,
    provide_key_scope,
)
from admin.models import Body, View
from admin.pages import Cursor, Limit, Page, id_cursor, page, read_id
from admin.problems import READS, WRITES
from domain.accounts import passwords, sign_in, users
from domain.accounts.principal import Principal, Role
from domain.database import Database
from domain.errors import Invalid

_PASSWORD = Field(
    min_length=passwords.SHORTEST,
    max_length=passwords.LONGEST,
    description="Any characters; not the e-mail address, and none of those that are guessed first.",
    examples=["four quiet herons by the water"],
)
BusinessId = NamedDependency[UUID]
_EMAIL = Field(min_length=3, max_length=254, examples=["ann@example.com"])


class UserName(View):
    """What a user is called."""

    id: UUID
    name: str = Field(examples=["Ann Baker"])


class NewUser(Body):
    """Somebody who is to sign in."""

    name: str = Field(min_length=1, max_length=120, examples=["Ann Baker"])
    email: str = _EMAIL
    role: Role = Field(
        description="Managers make staff and viewers, owners users of any role; `operator` is for the"
        " installation, and for operators to make.",
        examples=["staff"],
    )
    password: str = _PASSWORD
    person_id: UUID | None = Field(None, description="Who of the business's people they are.")


class UserChange(Body):
    """What to change; what is absent stays. A null `person_id` is nobody; otherwise what is null stays
    too."""

    name: str | None = Field(None, min_length=1, max_length=120)
    email: str | None = Field(None, min_length=3, max_length=254, examples=["ann@example.com"])
    role: Role | None = Field(None, examples=["manager"])
    person_id: UUID | None = Field(None, description="Null: nobody.")
    active: bool | None = Field(None, description="False: signed out at once, and kept out.")


class NewPassword(Body):
    """A password to set."""

    password: str = _PASSWORD
    current_password: str | None = Field(
        None,
        max_length=passwords.LONGEST,
        description="Needed to change one's own.",
        examples=["correct horse of Ann"],
    )


@get("/", guards=[needs("manager")], responses=READS, summary="List users")
async def list_users(
    transaction: Transaction,
    active: FromQuery[bool | None] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[User]:
    """Users in the order they were made. An operator who names no business sees the operators."""
    rows = await users.list_users(
        transaction, limit=limit + 1, after=read_id("users", cursor), active=active
    )
    return page(
        rows, limit, view=User.model_validate, cursor=lambda row: id_cursor("users", row.id)
    )


@get("/names", responses=READS, summary="List what users are called")
async def list_user_names(
    transaction: Transaction, limit: Limit = 50, cursor: Cursor = None
) -> Page[UserName]:
    """For everybody who works with calls: whose ids stand in their events."""
    rows = await users.list_users(transaction, limit=limit + 1, after=read_id("user-names", cursor))
    return page(
        rows,
        limit,
        view=UserName.model_validate,
        cursor=lambda row: id_cursor("user-names", row.id),
    )


@post("/", guards=[needs("manager")], responses=WRITES, summary="Make a user")
async def create_user(
    request: Request[Principal, Any, Any], transaction: Transaction, data: JSONBody[NewUser]
) -> User:
    """Make a user with a first password, which they should change."""
    row = await users.create(transaction, by=request.user.role, **dict(data))
    return User.model_validate(row)


@get("/{user_id:uuid}", guards=[needs("manager")], responses=READS, summary="Read a user")
async def get_user(transaction: Transaction, user_id: FromPath[UUID]) -> User:
    """One user."""
    return User.model_validate(await users.get(transaction, user_id=user_id))


@patch("/{user_id:uuid}", guards=[needs("manager")], responses=WRITES, summary="Change a user")
async def update_user(
    request: Request[Principal, Any, Any],
    transaction: Transaction,
    user_id: FromPath[UUID],
    data: JSONBody[UserChange],
) -> User:
    """Change a user whom one may manage. The last active owner stays one."""
    row = await users.update(transaction, by=request.user.role, user_id=user_id, **data.given())
    return User.model_validate(row)


@delete("/{user_id:uuid}", guards=[needs("manager")], responses=WRITES, summary="Delete a user")
async def delete_user(
    request: Request[Principal, Any, Any], transaction: Transaction, user_id: FromPath[UUID]
) -> None:
    """Remove a user whom one may manage; what they did stays. The last active owner stays too."""
    await users.delete(transaction, by=request.user.role, user_id=user_id)


@post(
    "/{user_id:uuid}/password",
    guards=[needs("viewer")],
    responses=WRITES,
    status_code=204,
    dependencies={"business_id": Provide(provide_key_business_id)},
    summary="Set a password",
)
async def set_password(
    request: Request[Principal, Any, Any],
    business_id: BusinessId,
    user_id: FromPath[UUID],
    data: JSONBody[NewPassword],
) -> None:
    """Change one's own password, which signs out one's other sessions, or that of a user whom one may
    manage, which signs them out."""
    principal = request.user
    database: Database = request.app.state.database
    if user_id == principal.user_id:
        if data.current_password is None:
            raise Invalid("current_password", "is needed to change your own password")
        await sign_in.change_own_password(
            database,
            principal=principal,
            current=data.current_password,
            new=data.password,
        )
        return
    async with database.scope(business_id=business_id, actor=actor_of(principal)) as scope:
        await users.set_password(scope, by=principal.role, user_id=user_id, password=data.password)


router = Router(
    path="/users",
    tags=["users"],
    dependencies={"transaction": Provide(provide_key_scope)},
    route_handlers=[
        list_users,
        list_user_names,
        create_user,
        get_user,
        update_user,
        delete_user,
        set_password,
    ],
)
