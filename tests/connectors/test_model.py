"""Wording an answer: the model chain over HTTP, against the sandbox's OpenAI."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from connectors.chain import VendorsFailed
from connectors.model import LONGEST_ANSWER, word_answer
from domain.businesses.settings import BusinessSettings
from domain.environment import Environment
from sandbox.server import Sandbox
from tests.connectors.web import Answer, Web, serving

SETTINGS = BusinessSettings(greeting="Good morning.")
PARKING = "Where can I park? There is free parking behind the building."
QUESTION = "Do you have parking?"


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox() as running:
        yield running


@pytest.fixture
def vendor() -> Iterator[Web]:
    with serving() as web:
        yield web


def _environment(**given: object) -> Environment:
    return Environment.model_validate({"reception_sandbox_port": 9} | given)


def _said(content: Any) -> Answer:
    body = {"choices": [{"message": {"role": "assistant", "content": content}}]}
    return Answer(body=json.dumps(body).encode(), headers={"Content-Type": "application/json"})


async def _ask(environment: Environment) -> str:
    return await word_answer(
        environment, SETTINGS, business="Riverside", question=QUESTION, facts=[PARKING]
    )


async def test_the_answer_is_worded_from_the_facts(sandbox: Sandbox) -> None:
    said = await _ask(_environment(reception_sandbox_port=sandbox.port))
    assert "free parking behind the building" in said


async def test_the_model_is_given_the_facts_and_nothing_else(vendor: Web) -> None:
    vendor.answer = lambda _: _said("  Behind the building. " + "x" * LONGEST_ANSWER)
    environment = _environment(
        openai_base_url=f"{vendor.address}/v1", openai_api_key="sk", openai_model="some-model"
    )
    said = await _ask(environment)
    assert said.startswith("Behind the building.") and len(said) == LONGEST_ANSWER
    asked = vendor.requests[0]
    body = json.loads(asked.body)
    assert (asked.path, asked.headers["authorization"]) == ("/v1/chat/completions", "Bearer sk")
    assert (body["model"], body["tool_choice"]) == ("some-model", "none")
    assert [one["role"] for one in body["messages"]] == ["system", "user", "assistant", "tool"]
    assert body["messages"][1]["content"] == QUESTION
    assert body["messages"][3]["content"].startswith(PARKING)


@pytest.mark.parametrize(
    "answer",
    [
        Answer(status=503),
        Answer(body=b"\0{not json"),
        Answer(body=b"[]"),
        _said(None),
        _said("   "),
        _said(["parts"]),
    ],
)
async def test_what_is_no_answer_is_a_failure(vendor: Web, answer: Answer) -> None:
    vendor.answer = lambda _: answer
    with pytest.raises(VendorsFailed, match="openai ") as failed:
        await _ask(_environment(openai_base_url=f"{vendor.address}/v1"))
    assert QUESTION not in str(failed.value)
