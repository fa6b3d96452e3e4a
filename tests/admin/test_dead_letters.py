"""Dead letters over the API: whose they are, and what can be done with them."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

import psycopg
import pytest
from httpx import AsyncClient

from domain.alerts import operations as alerts
from domain.database import Database
from domain.jobs import dead_letters
from tests.admin.conftest import Tenant
from tests.admin.problems import check_problem
from tests.postgres import DatabaseAddress

PATH = "/api/v1/dead-letters"


class Queue:
    """Jobs as the process of the jobs would leave them."""

    def __init__(self, address: DatabaseAddress) -> None:
        self._url = address.app

    def failed(
        self, business_id: UUID | None = None, *, work: str | None = None, error: str = "KeyError"
    ) -> int:
        arguments = {"calendar_id": "c-1"} | (
            {"business_id": str(business_id)} if business_id else {}
        )
        with psycopg.connect(self._url) as connection:
            row = connection.execute(
                "INSERT INTO jobs.procrastinate_jobs"
                " (queue_name, task_name, args, queueing_lock, status, attempts)"
                " VALUES ('default', 'sync_calendar', %s, %s, 'failed', 5) RETURNING id",
                (json.dumps(arguments), work),
            ).fetchone()
            assert row
            connection.execute(
                "INSERT INTO jobs.failures (job_id, error, failed_at) VALUES (%s, %s, now())",
                (row[0], error),
            )
        return int(row[0])

    def job(self, job_id: int) -> dict[str, Any]:
        with psycopg.connect(self._url) as connection:
            found = connection.execute(
                "SELECT status::text, attempts, given_up_by FROM jobs.procrastinate_jobs"
                " LEFT JOIN jobs.failures ON job_id = id WHERE id = %s",
                (job_id,),
            ).fetchone()
        assert found
        return dict(zip(("status", "attempts", "given_up_by"), found, strict=True))

    def waiting(self, work: str) -> None:
        with psycopg.connect(self._url) as connection:
            connection.execute(
                "INSERT INTO jobs.procrastinate_jobs (queue_name, task_name, queueing_lock)"
                " VALUES ('default', 'sync_calendar', %s)",
                (work,),
            )


@pytest.fixture
def queue(database_address: DatabaseAddress) -> Queue:
    return Queue(database_address)


async def _ids(client: AsyncClient, headers: dict[str, str], query: str = "") -> list[int]:
    response = await client.get(PATH + query, headers=headers)
    assert response.status_code == 200, response.text
    return [item["id"] for item in response.json()["items"]]


async def test_a_dead_letter_says_what_failed_and_not_why_in_words(
    client: AsyncClient, tenant: Tenant, queue: Queue
) -> None:
    job_id = queue.failed(tenant.business_id, error="TimeoutError")
    response = await client.get(PATH, headers=tenant.headers("manager"))
    (item,) = response.json()["items"]
    assert item.pop("failed_at").endswith("Z")
    assert item == {
        "id": job_id,
        "task": "sync_calendar",
        "arguments": {"calendar_id": "c-1"},
        "tries": 5,
        "error": "TimeoutError",
        "state": "failed",
        "given_up_at": None,
    }


async def test_each_business_has_its_own_and_the_operator_those_of_none(
    client: AsyncClient, tenant: Tenant, other: Tenant, operator: dict[str, str], queue: Queue
) -> None:
    mine, theirs, nobodys = (
        queue.failed(tenant.business_id),
        queue.failed(other.business_id),
        queue.failed(),
    )
    assert await _ids(client, tenant.headers()) == [mine]
    assert await _ids(client, other.headers()) == [theirs]
    assert await _ids(client, operator) == [nobodys]
    named = operator | {"X-Business": str(tenant.business_id)}
    assert await _ids(client, named) == [mine]
    for job_id in (theirs, nobodys):
        for method, path in (("POST", f"{PATH}/{job_id}/retry"), ("DELETE", f"{PATH}/{job_id}")):
            response = await client.request(method, path, headers=tenant.headers())
            check_problem(response, 404)
        assert queue.job(job_id)["status"] == "failed"


async def test_a_retry_queues_the_job_with_all_its_tries(
    client: AsyncClient, tenant: Tenant, queue: Queue
) -> None:
    job_id = queue.failed(tenant.business_id)
    response = await client.post(f"{PATH}/{job_id}/retry", headers=tenant.headers("manager"))
    assert response.status_code == 202
    assert response.json()["id"] == job_id
    assert queue.job(job_id) == {"status": "todo", "attempts": 0, "given_up_by": None}
    assert await _ids(client, tenant.headers()) == []
    again = await client.post(f"{PATH}/{job_id}/retry", headers=tenant.headers("manager"))
    check_problem(again, 404)


async def test_what_is_queued_already_is_not_retried_twice(
    client: AsyncClient, tenant: Tenant, queue: Queue
) -> None:
    job_id = queue.failed(tenant.business_id, work="calendar 1")
    queue.waiting("calendar 1")
    response = await client.post(f"{PATH}/{job_id}/retry", headers=tenant.headers())
    check_problem(response, 409)
    assert queue.job(job_id)["status"] == "failed"


async def test_a_job_given_up_is_kept_with_who_did_it(
    client: AsyncClient, tenant: Tenant, queue: Queue
) -> None:
    job_id = queue.failed(tenant.business_id)
    for _ in range(2):
        response = await client.delete(f"{PATH}/{job_id}", headers=tenant.headers("manager"))
        assert response.status_code == 204
    assert await _ids(client, tenant.headers()) == []
    assert await _ids(client, tenant.headers(), "?state=given_up") == [job_id]
    assert queue.job(job_id)["given_up_by"].startswith("staff ")
    retried = await client.post(f"{PATH}/{job_id}/retry", headers=tenant.headers())
    assert retried.status_code == 202
    assert queue.job(job_id)["status"] == "todo"


async def test_pages_go_from_the_newest_to_the_oldest(
    client: AsyncClient, tenant: Tenant, queue: Queue
) -> None:
    made = [queue.failed(tenant.business_id) for _ in range(5)]
    seen: list[int] = []
    cursor = ""
    while True:
        response = await client.get(f"{PATH}?limit=2{cursor}", headers=tenant.headers())
        seen += [item["id"] for item in response.json()["items"]]
        if response.json()["next"] is None:
            break
        cursor = f"&cursor={response.json()['next']}"
    assert seen == made[::-1]


async def test_an_id_that_no_job_can_have_is_refused(client: AsyncClient, tenant: Tenant) -> None:
    for method, path in (("DELETE", f"/{2**63}"), ("DELETE", "/0"), ("GET", "?state=lost")):
        response = await client.request(method, PATH + path, headers=tenant.headers())
        check_problem(response, 400)


async def test_the_alert_goes_when_the_last_of_a_task_is_retried_or_given_up(
    client: AsyncClient, tenant: Tenant, queue: Queue, database: Database
) -> None:
    first, second = queue.failed(tenant.business_id), queue.failed(tenant.business_id)
    async with database.scope(business_id=tenant.business_id) as scope:
        await dead_letters.tell_new(scope, task="sync_calendar")

    async def is_open() -> bool:
        async with database.scope(business_id=tenant.business_id) as scope:
            return bool(await alerts.list_alerts(scope, state="open", kind="work_failed"))

    assert await is_open()
    headers = tenant.headers("manager")
    assert (await client.post(f"{PATH}/{first}/retry", headers=headers)).status_code == 202
    assert await is_open()
    assert (await client.delete(f"{PATH}/{second}", headers=headers)).status_code == 204
    assert not await is_open()
