"""The telephone numbers that a business answers."""

from __future__ import annotations

from uuid import UUID

from litestar import Router, delete, get, post
from litestar.params import FromPath, JSONBody
from pydantic import Field

from admin.authentication import Transaction, needs
from admin.models import Body, Instant, View
from admin.pages import Page
from admin.problems import READS, WRITES
from domain.businesses import numbers


class Number(View):
    """A number that is answered."""

    id: UUID
    e164: str = Field(examples=["+12025550100"])
    label: str = Field(examples=["front desk"])
    created_at: Instant


class NewNumber(Body):
    """A number to answer."""

    e164: str = Field(
        min_length=1,
        max_length=40,
        description="As callers dial it, with the country code.",
        examples=["+12025550100"],
    )
    label: str = Field(
        "",
        max_length=60,
        description="What you call it; nobody else sees it.",
        examples=["front desk"],
    )


@get("/", responses=READS, summary="List numbers")
async def list_numbers(transaction: Transaction) -> Page[Number]:
    """Every number of the business."""
    rows = await numbers.list_numbers(transaction)
    return Page(items=[Number.model_validate(row) for row in rows])


@post("/", guards=[needs("manager")], responses=WRITES, summary="Add a number")
async def add_number(transaction: Transaction, data: JSONBody[NewNumber]) -> Number:
    """Answer this number for the business from the next call on."""
    return Number.model_validate(await numbers.add(transaction, e164=data.e164, label=data.label))


@delete("/{number_id:uuid}", guards=[needs("manager")], responses=WRITES, summary="Remove a number")
async def remove_number(transaction: Transaction, number_id: FromPath[UUID]) -> None:
    """Answer this number no more."""
    await numbers.remove(transaction, number_id=number_id)


router = Router(
    path="/numbers", tags=["numbers"], route_handlers=[list_numbers, add_number, remove_number]
)
