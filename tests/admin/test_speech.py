"""Hearing a text and asking the knowledge over the API, with the sandbox as the vendors."""

from __future__ import annotations

import io
import wave
from collections.abc import AsyncIterator, Callable

import pytest
from httpx import ASGITransport, AsyncClient
from litestar import Litestar

from domain.environment import Environment
from sandbox.server import Sandbox
from tests.admin.conftest import Tenant
from tests.admin.problems import check_problem

PARKING = {"question": "Where can I park?", "answer": "There is free parking behind the building."}


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox() as running:
        yield running


@pytest.fixture
def environment(environment: Environment, sandbox: Sandbox) -> Environment:
    return environment.model_copy(update={"reception_sandbox_port": sandbox.port})


async def test_a_greeting_can_be_heard(client: AsyncClient, tenant: Tenant) -> None:
    response = await client.post(
        "/api/v1/speech",
        headers=tenant.headers("manager"),
        json={"text": "Good morning.", "voice": "eric"},
    )
    assert (response.status_code, response.headers["content-type"]) == (200, "audio/wav")
    with wave.open(io.BytesIO(response.content)) as file:
        assert file.getnframes() / file.getframerate() > 0.3
        assert any(file.readframes(file.getnframes()))


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({"text": "x" * 601}, 400, "text"),
        ({"text": "  "}, 422, "text"),
        ({"text": "Hello.", "voice": "../../secrets"}, 400, "voice"),
        ({}, 400, "text"),
    ],
)
async def test_what_cannot_be_said_is_refused_by_name(
    client: AsyncClient, tenant: Tenant, body: dict[str, str], status: int, field: str
) -> None:
    response = await client.post("/api/v1/speech", headers=tenant.headers(), json=body)
    check_problem(response, status, field=field)


async def test_a_vendor_that_fails_is_told_as_such(
    make_app: Callable[..., Litestar], environment: Environment, tenant: Tenant
) -> None:
    environment.reception_sandbox_port = 9
    transport = ASGITransport(app=make_app(), raise_app_exceptions=False)  # type: ignore[arg-type]
    async with AsyncClient(transport=transport, base_url="http://test") as client:
        said = await client.post(
            "/api/v1/speech", headers=tenant.headers(), json={"text": "I am Jane Doe."}
        )
        problem = check_problem(said, 502)
        assert "elevenlabs could not be reached" in problem["detail"]
        assert "Jane" not in said.text
        await client.post("/api/v1/knowledge", headers=tenant.headers(), json=PARKING)
        asked = await client.post(
            "/api/v1/knowledge/ask", headers=tenant.headers(), json={"question": "Parking?"}
        )
        assert asked.status_code == 200
        answer = asked.json()
        assert (answer["outcome"], answer["answer"]) == ("not_worded", None)
        assert [one["question"] for one in answer["entries"]] == [PARKING["question"]]


async def test_a_question_is_answered_from_the_knowledge_alone(
    client: AsyncClient, tenant: Tenant, sandbox: Sandbox
) -> None:
    async def ask(question: str) -> dict[str, object]:
        response = await client.post(
            "/api/v1/knowledge/ask",
            headers=tenant.headers("manager"),
            json={"question": question},
        )
        assert response.status_code == 200, response.text
        answer: dict[str, object] = response.json()
        return answer

    unknown = await ask("Do you have parking?")
    assert unknown == {"outcome": "unknown", "answer": None, "entries": []}
    await client.post("/api/v1/knowledge", headers=tenant.headers(), json=PARKING)
    known = await ask("Do you have parking?")
    assert known["outcome"] == "answered"
    assert "behind the building" in str(known["answer"])
    assert (await ask("Is there a swimming pool?"))["outcome"] == "unknown"
    blank = await client.post(
        "/api/v1/knowledge/ask", headers=tenant.headers(), json={"question": " "}
    )
    check_problem(blank, 422, field="question")
