"""Contacts, messages and knowledge over the API."""

from __future__ import annotations

from httpx import AsyncClient

from domain.database import Database
from domain.demo import seed_demo
from tests.admin.conftest import Tenant
from tests.admin.endpoints import ANY_ID
from tests.admin.problems import check_problem


async def test_a_contact_is_entered_changed_and_found_by_number(
    client: AsyncClient, tenant: Tenant
) -> None:
    url = "/api/v1/contacts"
    body = {"name": "Jane Doe", "phone": "202 555 0123", "email": "Jane@Example.com"}
    made = await client.post(url, headers=tenant.headers("staff"), json=body)
    contact = made.json()
    assert (made.status_code, contact["phone"], contact["email"]) == (
        201,
        "+12025550123",
        "Jane@example.com",
    )
    check_problem(await client.post(url, headers=tenant.headers(), json=body), 409)
    changed = await client.patch(
        f"{url}/{contact['id']}", headers=tenant.headers(), json={"email": "", "notes": "Mornings."}
    )
    assert (changed.json()["email"], changed.json()["notes"]) == (None, "Mornings.")
    for phone, ids in (("+12025550123", [contact["id"]]), ("(202) 555-0124", [])):
        found = await client.get(url, headers=tenant.headers(), params={"phone": phone})
        assert [item["id"] for item in found.json()["items"]] == ids
    wrong = await client.get(url, headers=tenant.headers(), params={"phone": "none"})
    check_problem(wrong, 422, field="phone")


async def test_a_message_is_taken_and_dealt_with(client: AsyncClient, tenant: Tenant) -> None:
    url = "/api/v1/messages"
    body = {"text": "Please call back.", "urgency": "urgent", "caller_name": "Jane"}
    made = (await client.post(url, headers=tenant.headers("staff"), json=body)).json()
    assert (made["state"], made["urgency"]) == ("new", "urgent")
    await client.post(url, headers=tenant.headers(), json={"text": "No hurry.", "urgency": "low"})
    done = await client.patch(
        f"{url}/{made['id']}", headers=tenant.headers("staff"), json={"state": "done"}
    )
    assert done.json()["state"] == "done"
    for query, texts in (
        ({}, ["No hurry.", "Please call back."]),
        ({"state": "new"}, ["No hurry."]),
        ({"urgency": "urgent"}, ["Please call back."]),
        ({"call_id": str(ANY_ID)}, []),
    ):
        listed = await client.get(url, headers=tenant.headers(), params=query)
        assert [item["text"] for item in listed.json()["items"]] == texts
    wrong = await client.patch(
        f"{url}/{made['id']}", headers=tenant.headers(), json={"state": "lost"}
    )
    check_problem(wrong, 400, field="state")


async def test_knowledge_is_written_tried_and_deleted(client: AsyncClient, tenant: Tenant) -> None:
    url = "/api/v1/knowledge"
    body = {"question": "Is there parking?", "answer": "Behind the building."}
    made = (await client.post(url, headers=tenant.headers("manager"), json=body)).json()

    async def answers(question: str) -> list[str]:
        found = await client.get(
            f"{url}/search", headers=tenant.headers("viewer"), params={"question": question}
        )
        return [item["answer"] for item in found.json()["items"]]

    assert await answers("where can I park?") == ["Behind the building."]
    assert await answers("do you sell pizza?") == []
    changed = await client.patch(
        f"{url}/{made['id']}", headers=tenant.headers(), json={"active": False}
    )
    assert changed.json()["active"] is False
    assert await answers("where can I park?") == []
    deleted = await client.delete(f"{url}/{made['id']}", headers=tenant.headers())
    assert deleted.status_code == 204
    check_problem(await client.get(f"{url}/{made['id']}", headers=tenant.headers()), 404)


async def test_the_demo_business_is_read_whole(
    client: AsyncClient, database: Database, operator: dict[str, str]
) -> None:
    headers = operator | {"X-Business": str(await seed_demo(database))}
    for path, least in (("services", 6), ("people", 3), ("closures", 2), ("knowledge", 10)):
        items = (await client.get(f"/api/v1/{path}", headers=headers)).json()["items"]
        assert len(items) >= least, path
