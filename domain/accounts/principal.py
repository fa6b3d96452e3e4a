"""Who asks: the bearer of an API key, or a user who is signed in, and what their role lets them do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args
from uuid import UUID

Role = Literal["operator", "owner", "manager", "staff", "viewer"]
ROLES: tuple[Role, ...] = get_args(Role)
"""From the most to the least that may be done."""

MANAGED: dict[Role, frozenset[Role]] = {
    "operator": frozenset(ROLES),
    "owner": frozenset({"owner", "manager", "staff", "viewer"}),
    "manager": frozenset({"staff", "viewer"}),
    "staff": frozenset(),
    "viewer": frozenset(),
}
"""Whose accounts a role may make, change and remove."""


@dataclass(frozen=True, kw_only=True)
class Principal:
    """Whose request it is. `business_id` is None for an operator of the installation.

    A key has `key_id`; a user has `user_id`, and `session_id`, the sign-in that the request belongs to.
    """

    business_id: UUID | None
    role: Role
    key_id: UUID | None = None
    user_id: UUID | None = None
    session_id: UUID | None = None

    def __post_init__(self) -> None:
        if (self.key_id is None) == (self.user_id is None):
            raise ValueError("a principal is a key or a user")

    @property
    def id(self) -> UUID:
        """The key's or the user's."""
        found = self.user_id or self.key_id
        assert found is not None
        return found

    def may(self, role: Role) -> bool:
        """Whether this one may do what `role` may."""
        return ROLES.index(self.role) <= ROLES.index(role)
